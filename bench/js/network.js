// The twin of ../../constructs/network.
const { Fn, RemovalPolicy, Token } = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const { Construct } = require('constructs');
const { newKey, newLogGroup } = require('./encrypted');

const PLANNED_ZONES = 3;

// Props: existing, cidr, availabilityZones, maxAzs, nat ('one per AZ', 'one' or 'none'), isolatedSubnets, ipv6,
// gatewayEndpoints, interfaceEndpoints, disableFlowLogs, keepDefaultSecurityGroup, flowLogRetentionDays, removalPolicy,
// configureVpc.
class Network extends Construct {
  constructor(scope, id, props = {}) {
    const p = {
      cidr: '10.0.0.0/16', maxAzs: 2, nat: 'one per AZ', gatewayEndpoints: props.existing ? [] : ['s3', 'dynamodb'],
      interfaceEndpoints: [], flowLogRetentionDays: 365, removalPolicy: RemovalPolicy.RETAIN, ...props,
    };
    const problems = validate(p);
    if (problems.length) {
      throw new Error(`${scope.node.path}/${id}: invalid network.VPCProps:\n${problems.map((x) => `  - ${x}`).join('\n')}`);
    }
    super(scope, id);
    this.endpoints = {};
    this.vpc = p.existing ?? this.newVpc(p);
    for (const name of p.gatewayEndpoints) {
      new ec2.GatewayVpcEndpoint(this, 'Gateway' + pascal(name), {
        vpc: this.vpc, service: new ec2.GatewayVpcEndpointAwsService(name),
      });
    }
    for (const name of p.interfaceEndpoints) {
      const endpoint = new ec2.InterfaceVpcEndpoint(this, 'Interface' + pascal(name), {
        vpc: this.vpc, service: new ec2.InterfaceVpcEndpointAwsService(name), open: false,
      });
      const cidr = p.existing ? p.existing.vpcCidrBlock : p.cidr;
      endpoint.connections.allowDefaultPortFrom(ec2.Peer.ipv4(cidr), 'HTTPS from the VPC');
      this.endpoints[name] = endpoint;
    }
  }

  workloads() {
    return { subnetGroupName: 'Private' };
  }

  newVpc(p) {
    const zones = p.availabilityZones ?? Array.from({ length: p.maxAzs }, (_, i) => Fn.select(i, Fn.getAzs()));
    const props = {
      ipAddresses: ec2.IpAddresses.cidr(p.cidr),
      availabilityZones: zones,
      reservedAzs: Math.max(0, PLANNED_ZONES - zones.length),
      natGateways: { none: 0, one: 1 }[p.nat] ?? zones.length,
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
        { name: 'Private', subnetType: p.nat === 'none' ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, reserved: !p.isolatedSubnets },
      ],
      restrictDefaultSecurityGroup: !p.keepDefaultSecurityGroup,
      ipProtocol: p.ipv6 ? ec2.IpProtocol.DUAL_STACK : undefined,
    };
    p.configureVpc?.(props);
    const vpc = new ec2.Vpc(this, 'Vpc', props);
    if (!p.disableFlowLogs) {
      this.key = newKey(this, 'Flow logs of ' + this.node.path, p.removalPolicy);
      this.flowLogs = newLogGroup(this, 'FlowLogs', this.key, p.flowLogRetentionDays, p.removalPolicy);
      vpc.addFlowLog('FlowLog', {
        destination: ec2.FlowLogDestination.toCloudWatchLogs(this.flowLogs), trafficType: ec2.FlowLogTrafficType.ALL,
      });
    }
    return vpc;
  }
}

const pascal = (name) => name.split(/[._-]/).map((part) => part[0].toUpperCase() + part.slice(1)).join('');

function validate(p) {
  const problems = [];
  const that = (ok, problem) => ok || problems.push(problem);
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(p.cidr);
  if (Token.isUnresolved(p.cidr) || !match) {
    problems.push(`CIDR: must be an IPv4 range such as 10.0.0.0/16, got "${p.cidr}"`);
  } else {
    that(match[5] >= 16 && match[5] <= 24, `CIDR: must be from /16 to /24, got /${match[5]}`);
  }
  that(p.maxAzs >= 1 && p.maxAzs <= 6, `MaxAZs: must be between 1 and 6, got ${p.maxAzs}`);
  that(['one per AZ', 'one', 'none'].includes(p.nat), `NAT: must be one of one per AZ, one, none, got ${p.nat}`);
  p.gatewayEndpoints.forEach((name, i) =>
    that(['s3', 'dynamodb'].includes(name), `GatewayEndpoints[${i}]: must be one of s3, dynamodb, got ${name}`));
  p.interfaceEndpoints.forEach((name, i) =>
    that(/^[a-z][a-z0-9-]*([._][a-z0-9-]+)*$/.test(name), `InterfaceEndpoints[${i}]: must be the last part of a service's name, got "${name}"`));
  return problems;
}

module.exports = { Network };
