// The twins of the tests in ../../constructs/network_test.go, by the same names: the same synths and the same assertions.
const fs = require('fs');
const path = require('path');
const { App, Aspects, DefaultStackSynthesizer, RemovalPolicy, Stack, Stage } = require('aws-cdk-lib');
const { Match, Template } = require('aws-cdk-lib/assertions');
const ec2 = require('aws-cdk-lib/aws-ec2');
const { AwsSolutionsChecks, NagReportFormat } = require('cdk-nag');
const { Network } = require('../js/network');

function newStack() {
  return new Stack(new App({ analyticsReporting: false }), 'Test', {
    env: { account: '111111111111', region: 'us-east-1' },
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
}

function synthVpc(props) {
  const stack = newStack();
  new Network(stack, 'Network', props);
  return Template.fromStack(stack);
}

const all = (tpl, type) => Object.entries(tpl.findResources(type));

test('TestVPC_Defaults', () => {
  const tpl = synthVpc();
  expect(maskHashes(tpl.toJSON())).toMatchSnapshot();

  tpl.hasResourceProperties('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16', EnableDnsHostnames: true, EnableDnsSupport: true });
  tpl.resourceCountIs('AWS::EC2::Subnet', 4);
  tpl.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false, Ipv6CidrBlock: Match.absent() });
  tpl.resourceCountIs('AWS::EC2::NatGateway', 2);
  tpl.resourceCountIs('AWS::EC2::VPCEndpoint', 2);
  tpl.allResourcesProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' });
  tpl.resourceCountIs('Custom::VpcRestrictDefaultSG', 1);

  tpl.hasResource('AWS::Logs::LogGroup', {
    DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain', Properties: { RetentionInDays: 365, KmsKeyId: Match.anyValue() },
  });
  const [[logs]] = all(tpl, 'AWS::Logs::LogGroup');
  tpl.hasResourceProperties('AWS::EC2::FlowLog', {
    TrafficType: 'ALL', LogDestinationType: 'cloud-watch-logs', LogGroupName: { Ref: logs },
  });
  tpl.hasResource('AWS::KMS::Key', {
    DeletionPolicy: 'Retain',
    Properties: {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([Match.objectLike({
          Principal: { Service: 'logs.us-east-1.amazonaws.com' },
          Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': {
            'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':logs:us-east-1:111111111111:\\*')])],
          } } },
        })]),
      },
    },
  });
});

test('TestVPC_GrowingKeepsTheSubnets', () => {
  const cidrs = (maxAzs) => Object.fromEntries(all(synthVpc({ maxAzs }), 'AWS::EC2::Subnet').map(([id, s]) => [id, s.Properties.CidrBlock]));
  const three = cidrs(3);
  expect(Object.keys(three)).toHaveLength(6);
  for (const [id, cidr] of Object.entries(cidrs(2))) {
    expect(three[id]).toBe(cidr);
  }
});

test('TestVPC_AddingIsolatedSubnetsKeepsTheOthers', () => {
  const before = synthVpc();
  const after = synthVpc({ isolatedSubnets: true });
  after.resourceCountIs('AWS::EC2::Subnet', 6);
  const now = after.findResources('AWS::EC2::Subnet');
  for (const [id, s] of all(before, 'AWS::EC2::Subnet')) {
    expect(now[id].Properties.CidrBlock).toBe(s.Properties.CidrBlock);
  }
});

describe('TestVPC_NAT', () => {
  test.each([['one per AZ', 3], ['one', 1], ['none', 0]])('%s', (nat, gateways) => {
    const tpl = synthVpc({ nat, maxAzs: 3 });
    tpl.resourceCountIs('AWS::EC2::NatGateway', gateways);
    tpl.resourceCountIs('AWS::EC2::Subnet', 6);
    const routes = all(tpl, 'AWS::EC2::Route').filter(([, r]) => r.Properties.NatGatewayId);
    expect(routes).toHaveLength(gateways ? 3 : 0);
  });
});

test('TestVPC_IPv6', () => {
  const tpl = synthVpc({ ipv6: true });
  tpl.hasResourceProperties('AWS::EC2::VPCCidrBlock', { AmazonProvidedIpv6CidrBlock: true });
  tpl.allResourcesProperties('AWS::EC2::Subnet', { Ipv6CidrBlock: Match.anyValue() });
  tpl.resourceCountIs('AWS::EC2::EgressOnlyInternetGateway', 1);
});

test('TestVPC_Endpoints', () => {
  const stack = newStack();
  const vpc = new Network(stack, 'Network', { gatewayEndpoints: ['s3'], interfaceEndpoints: ['ecr.api', 'secretsmanager'] });
  expect(vpc.endpoints['ecr.api']).toBeDefined();
  const tpl = Template.fromStack(stack);
  tpl.resourceCountIs('AWS::EC2::VPCEndpoint', 3);
  tpl.hasResourceProperties('AWS::EC2::VPCEndpoint', {
    VpcEndpointType: 'Gateway', ServiceName: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('\\.s3')])] },
  });
  for (const ServiceName of ['com.amazonaws.us-east-1.ecr.api', 'com.amazonaws.us-east-1.secretsmanager']) {
    tpl.hasResourceProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface', ServiceName, PrivateDnsEnabled: true });
  }
  tpl.allResourcesProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupIngress: [Match.objectLike({ CidrIp: '10.0.0.0/16', FromPort: 443, ToPort: 443 })],
  });
});

test('TestVPC_OptOuts', () => {
  const tpl = synthVpc({ gatewayEndpoints: [], disableFlowLogs: true, keepDefaultSecurityGroup: true, nat: 'none' });
  for (const type of [
    'AWS::EC2::VPCEndpoint', 'AWS::EC2::FlowLog', 'AWS::Logs::LogGroup', 'AWS::KMS::Key',
    'Custom::VpcRestrictDefaultSG', 'AWS::Lambda::Function',
  ]) {
    tpl.resourceCountIs(type, 0);
  }
});

test('TestVPC_RetentionAndRemoval', () => {
  const tpl = synthVpc({ flowLogRetentionDays: 30, removalPolicy: RemovalPolicy.DESTROY });
  tpl.allResources('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });
  tpl.allResources('AWS::KMS::Key', { DeletionPolicy: 'Delete' });
});

test('TestVPC_NamedZones', () => {
  const zones = ['us-east-1b', 'us-east-1d', 'us-east-1f'];
  const tpl = synthVpc({ availabilityZones: zones });
  tpl.resourceCountIs('AWS::EC2::NatGateway', 3);
  for (const AvailabilityZone of zones) {
    tpl.hasResourceProperties('AWS::EC2::Subnet', { AvailabilityZone });
  }
});

test('TestVPC_Existing', () => {
  const stack = newStack();
  const existing = ec2.Vpc.fromVpcAttributes(stack, 'Old', {
    vpcId: 'vpc-1', vpcCidrBlock: '10.9.0.0/16', availabilityZones: ['us-east-1a'], privateSubnetIds: ['subnet-1'],
    privateSubnetRouteTableIds: ['rtb-1'],
  });
  const vpc = new Network(stack, 'Network', { existing, gatewayEndpoints: ['s3'], interfaceEndpoints: ['logs'] });
  expect(vpc.vpc.vpcId).toBe('vpc-1');
  const tpl = Template.fromStack(stack);
  tpl.resourceCountIs('AWS::EC2::VPC', 0);
  tpl.resourceCountIs('AWS::EC2::FlowLog', 0);
  tpl.hasResourceProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway', VpcId: 'vpc-1', RouteTableIds: ['rtb-1'] });
  tpl.hasResourceProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface', VpcId: 'vpc-1', SubnetIds: ['subnet-1'] });
});

test('TestVPC_Configure', () => {
  const tpl = synthVpc({ configureVpc: (p) => { p.vpcName = 'shared'; } });
  tpl.hasResourceProperties('AWS::EC2::VPC', { Tags: Match.arrayWith([{ Key: 'Name', Value: 'shared' }]) });
});

test('TestVPC_WorkloadsSelectsPrivateSubnets', () => {
  const vpc = new Network(newStack(), 'Network', { nat: 'none', isolatedSubnets: true });
  expect(vpc.vpc.selectSubnets(vpc.workloads()).subnetIds).toHaveLength(2);
});

test('TestVPC_ReportsEveryProblem', () => {
  expect(() => new Network(newStack(), 'Network', { cidr: '10.0.0.1/30', maxAzs: 9, nat: 'two' })).toThrow(`Test/Network: invalid network.VPCProps:
  - CIDR: must be from /16 to /24, got /30
  - MaxAZs: must be between 1 and 6, got 9
  - NAT: must be one of one per AZ, one, none, got two`);
});

test('TestVPC_PassesNag', () => {
  const stack = newStack();
  new Network(stack, 'Network', { isolatedSubnets: true, interfaceEndpoints: ['logs'] });
  const app = Stage.of(stack);
  Aspects.of(app).add(new AwsSolutionsChecks({ reports: true, reportFormats: [NagReportFormat.JSON] }));
  const { directory } = app.synth();
  const reports = fs.readdirSync(directory).filter((f) => f.endsWith('-NagReport.json'));
  expect(reports).not.toHaveLength(0);
  const lines = reports.flatMap((f) => JSON.parse(fs.readFileSync(path.join(directory, f), 'utf8')).lines);
  expect(lines.filter((l) => l.compliance !== 'Compliant')).toEqual([]);
});

// Hashes of assets become ASSET_HASH_1, ASSET_HASH_2, ... as in the snapshots in Go.
function maskHashes(tpl) {
  const seen = new Map();
  return JSON.parse(JSON.stringify(tpl).replace(/[0-9a-f]{64}/g, (hash) => {
    if (!seen.has(hash)) seen.set(hash, `ASSET_HASH_${seen.size + 1}`);
    return seen.get(hash);
  }));
}
