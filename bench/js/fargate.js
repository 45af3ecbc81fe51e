// The twin of ../fargate: one service as ../../constructs/albfargate makes it by default.
const { App, Duration, RemovalPolicy, Stack } = require('aws-cdk-lib');
const acm = require('aws-cdk-lib/aws-certificatemanager');
const cloudwatch = require('aws-cdk-lib/aws-cloudwatch');
const ec2 = require('aws-cdk-lib/aws-ec2');
const ecs = require('aws-cdk-lib/aws-ecs');
const elb = require('aws-cdk-lib/aws-elasticloadbalancingv2');
const iam = require('aws-cdk-lib/aws-iam');
const s3 = require('aws-cdk-lib/aws-s3');
const { Construct } = require('constructs');
const { RETENTION, newKey, newLogGroup, suppress } = require('./encrypted');
const { graph, newAlarm, newTopic, perMinute } = require('./monitor');
const { protect } = require('./webacl');

const removalPolicy = RemovalPolicy.RETAIN;

class Service extends Construct {
  constructor(scope, id, { vpc, certificate, image, port }) {
    super(scope, id);
    this.vpc = vpc;
    this.key = newKey(this, 'Logs, files and alarms of ' + this.node.path, removalPolicy);
    this.topic = newTopic(this, this.key);
    this.alarms = [];
    this.cluster = new ecs.Cluster(this, 'Cluster', {
      vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED, enableFargateCapacityProviders: true,
    });
    const logGroup = newLogGroup(this, 'Logs', this.key, RETENTION, removalPolicy);
    const group = new ec2.SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Tasks of ' + this.node.path });
    const taskDefinition = new ecs.FargateTaskDefinition(this, 'Task', {
      cpu: 256, memoryLimitMiB: 512,
      runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.X86_64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
    });
    taskDefinition.addContainer('web', {
      image, containerName: 'web', portMappings: [{ containerPort: port, protocol: ecs.Protocol.TCP }], essential: true,
      readonlyRootFilesystem: true, stopTimeout: Duration.seconds(30),
      logging: ecs.LogDriver.awsLogs({ logGroup, streamPrefix: 'web', mode: ecs.AwsLogDriverMode.NON_BLOCKING }),
    });
    this.balance(certificate, port);
    const errors = this.errorAlarm();
    this.service = new ecs.FargateService(this, 'Service', {
      cluster: this.cluster, taskDefinition, desiredCount: 2, minHealthyPercent: 100, maxHealthyPercent: 200, securityGroups: [group],
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, onePerAz: true }, assignPublicIp: false,
      deploymentStrategy: ecs.DeploymentStrategy.ROLLING, bakeTime: Duration.minutes(10), circuitBreaker: { enable: true, rollback: true },
      deploymentAlarms: { alarmNames: [errors.alarmName], behavior: ecs.AlarmBehavior.ROLLBACK_ON_ALARM },
      availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED, enableECSManagedTags: true,
      propagateTags: ecs.PropagatedTagSource.SERVICE, healthCheckGracePeriod: Duration.minutes(1), enableExecuteCommand: false,
    });
    this.targets.addTarget(this.service.loadBalancerTarget({ containerName: 'web', containerPort: port }));
    this.addAlarms();
    this.addDashboard();
    suppress(taskDefinition.executionRole.node.findChild('DefaultPolicy'), 'AwsSolutions-IAM5',
      'A token to pull images from Amazon ECR is for no single repository.', 'Resource::*');
  }

  balance(certificate, port) {
    this.targets = new elb.ApplicationTargetGroup(this, 'TargetGroup', {
      vpc: this.vpc, port, protocol: elb.ApplicationProtocol.HTTP, targetType: elb.TargetType.IP,
      protocolVersion: elb.ApplicationProtocolVersion.HTTP1, deregistrationDelay: Duration.seconds(30),
      healthCheck: {
        path: '/', interval: Duration.seconds(15), timeout: Duration.seconds(5), healthyThresholdCount: 2, unhealthyThresholdCount: 3,
        healthyHttpCodes: '200',
      },
    });
    const loadBalancer = new elb.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc: this.vpc, internetFacing: true, deletionProtection: true, dropInvalidHeaderFields: true,
      desyncMitigationMode: elb.DesyncMitigationMode.DEFENSIVE, idleTimeout: Duration.minutes(1),
    });
    const logs = new s3.Bucket(this, 'AccessLogs', {
      encryption: s3.BucketEncryption.S3_MANAGED, blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL, enforceSSL: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED, removalPolicy, lifecycleRules: [{ expiration: Duration.days(365) }],
    });
    suppress(logs, 'AwsSolutions-S1', 'The bucket holds access logs itself.');
    logs.addToResourcePolicy(new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')], actions: ['s3:PutObject'],
      resources: [logs.arnForObjects(`AWSLogs/${Stack.of(this).account}/*`)],
    }));
    loadBalancer.node.addDependency(logs.policy);
    loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
    loadBalancer.setAttribute('access_logs.s3.bucket', logs.bucketName);
    protect(this, loadBalancer.loadBalancerArn, this.key, removalPolicy);
    const listen = (id, props) => new elb.ApplicationListener(this, id, { loadBalancer, open: false, ...props })
      .connections.allowDefaultPortFrom(ec2.Peer.anyIpv4(), id);
    listen('Listener', {
      port: 443, protocol: elb.ApplicationProtocol.HTTPS, sslPolicy: elb.SslPolicy.RECOMMENDED_TLS, certificates: [certificate],
      defaultAction: elb.ListenerAction.forward([this.targets]),
    });
    listen('Redirect', {
      port: 80, protocol: elb.ApplicationProtocol.HTTP,
      defaultAction: elb.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
    });
    suppress(loadBalancer.connections.securityGroups[0], 'AwsSolutions-EC23',
      'The service is public: AllowedCIDRs limits who may call it, and a web ACL looks at what they send.');
  }

  group(metricName, statistic) {
    return new cloudwatch.Metric({
      namespace: 'AWS/ApplicationELB', metricName, ...perMinute(statistic),
      dimensionsMap: { TargetGroup: this.targets.targetGroupFullName, LoadBalancer: this.targets.firstLoadBalancerFullName },
    });
  }

  tasks(metricName) {
    return new cloudwatch.Metric({
      namespace: 'ECS/ContainerInsights', metricName, ...perMinute('Average'),
      dimensionsMap: { ClusterName: this.cluster.clusterName, ServiceName: this.service.serviceName },
    });
  }

  alarm(...args) {
    const scope = this.node.tryFindChild('Alarms') ?? new Construct(this, 'Alarms');
    this.alarms.push(newAlarm(this.topic, scope, ...args));
    return this.alarms.at(-1);
  }

  errorAlarm() {
    return this.alarm('ServerErrors', 'More than 1 % of the answers of the tasks are 5xx', math('100*(FILL(m00,0))/(FILL(m10,0))', '5xx answers, %', {
      m00: this.group('HTTPCode_Target_5XX_Count', 'Sum'), m10: this.group('RequestCount', 'Sum'),
    }), 1, 3, 5);
  }

  addAlarms() {
    const average = perMinute('Average');
    this.alarm('Latency', '1 % of the requests take longer than 3s', math('MAX([m0])', 'p99, s', { m0: this.group('TargetResponseTime', 'p99') }), 3, 3, 5);
    this.alarm('UnhealthyTasks', 'The load balancer finds tasks unhealthy',
      math('MAX([m0])', 'unhealthy tasks', { m0: this.group('UnHealthyHostCount', 'Maximum') }), 0, 5, 5);
    this.alarm('CPU', 'Tasks use more than 90 % of their CPU', this.service.metricCpuUtilization(average), 90, 10, 10);
    this.alarm('Memory', 'Tasks use more than 90 % of their memory', this.service.metricMemoryUtilization(average), 90, 10, 10);
    this.alarm('MissingTasks', 'Fewer tasks run than are wanted', math('wanted-running', 'missing tasks', {
      running: this.tasks('RunningTaskCount'), wanted: this.tasks('DesiredTaskCount'),
    }), 0, 10, 10);
  }

  addDashboard() {
    const { service } = this;
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard');
    dashboard.addWidgets(new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: this.alarms, width: 24 }));
    dashboard.addWidgets(
      graph('Requests a minute', 8, this.group('RequestCount', 'Sum')),
      graph('Errors a minute', 8, this.group('HTTPCode_Target_4XX_Count', 'Sum'), this.group('HTTPCode_Target_5XX_Count', 'Sum')),
      graph('Time to answer, s', 8, this.group('TargetResponseTime', 'p50'), this.group('TargetResponseTime', 'p99')),
    );
    dashboard.addWidgets(
      graph('CPU of the tasks, %', 8, service.metricCpuUtilization(perMinute('Average')), service.metricCpuUtilization(perMinute('Maximum'))),
      graph('Memory of the tasks, %', 8, service.metricMemoryUtilization(perMinute('Average')), service.metricMemoryUtilization(perMinute('Maximum'))),
      graph('Tasks', 8, this.tasks('DesiredTaskCount'), this.tasks('RunningTaskCount')),
    );
  }
}

function math(expression, label, usingMetrics) {
  return new cloudwatch.MathExpression({ expression, label, usingMetrics, period: Duration.minutes(1) });
}

const app = new App();
const stack = new Stack(app, 'Fargate');
const certificate = acm.Certificate.fromCertificateArn(stack, 'Certificate',
  'arn:aws:acm:us-east-1:111111111111:certificate/00000000-0000-0000-0000-000000000000');
new Service(stack, 'Service', {
  vpc: new ec2.Vpc(stack, 'Vpc'), certificate, image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/busybox:1.37'), port: 8080,
});
app.synth();
