// The twin of ../../constructs/apilambda, as far as the stack Api goes: a REST API with one function.
const { Duration, Names, RemovalPolicy, Size } = require('aws-cdk-lib');
const apigateway = require('aws-cdk-lib/aws-apigateway');
const cloudwatch = require('aws-cdk-lib/aws-cloudwatch');
const iam = require('aws-cdk-lib/aws-iam');
const lambda = require('aws-cdk-lib/aws-lambda');
const { Construct } = require('constructs');
const { RETENTION, newKey, newLogGroup, suppress } = require('./encrypted');
const { graph, newAlarm, newTopic, perMinute } = require('./monitor');
const { protect } = require('./webacl');

// Props: description, fn (name, description, directory, environment), routes ([method, path]), removalPolicy.
class Api extends Construct {
  constructor(scope, id, props) {
    super(scope, id);
    this.removalPolicy = props.removalPolicy;
    this.alarms = [];
    this.key = newKey(this, 'Logs, dead letters and alarms of ' + this.node.path, props.removalPolicy);
    this.topic = newTopic(this, this.key);
    this.addFunction(props.fn);
    this.accessLogs = newLogGroup(this, 'AccessLogs', this.key, RETENTION, props.removalPolicy);
    this.addRest(props);
    this.addAlarms();
    this.addDashboard(props.fn.name);
  }

  addFunction(fn) {
    const scope = new Construct(new Construct(this, 'Functions'), fn.name);
    const logGroup = newLogGroup(scope, 'Logs', this.key, RETENTION, this.removalPolicy);
    const role = new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    this.fn = new lambda.Function(scope, 'Function', {
      code: lambda.Code.fromAsset(fn.directory),
      handler: 'bootstrap',
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture: lambda.Architecture.ARM_64,
      description: fn.description,
      memorySize: 256,
      ephemeralStorageSize: Size.mebibytes(512),
      timeout: Duration.seconds(10),
      environment: fn.environment,
      environmentEncryption: this.key,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      role,
      tracing: lambda.Tracing.ACTIVE,
    });
    this.alias = new lambda.Alias(scope, 'Alias', { aliasName: 'live', version: this.fn.currentVersion });
    suppress(role.node.findChild('DefaultPolicy'), 'AwsSolutions-IAM5',
      'Traces (xray:Put*) and network interfaces (ec2:*NetworkInterface*) have no resource to name in a policy.', 'Resource::*');
    const alarm = (...args) => this.addAlarm(scope, ...args);
    alarm('Errors', `More than 0 invocations of ${fn.name} fail in a minute`, this.alias.metricErrors(perMinute('Sum')), 0, 2, 3);
    alarm('Throttles', `More than 0 invocations of ${fn.name} are refused in a minute`, this.fn.metricThrottles(perMinute('Sum')), 0, 2, 3);
    alarm('Duration', `${fn.name} takes longer than 8s of its timeout of 10s`, this.alias.metricDuration(perMinute('Maximum')), 8000, 3, 5);
    alarm('Concurrency', `${fn.name} uses more than 80 % of 1000 executions at a time`,
      this.fn.metric('ConcurrentExecutions', perMinute('Maximum')), 800, 3, 5);
  }

  addAlarm(...args) {
    this.alarms.push(newAlarm(this.topic, ...args));
  }

  addRest(props) {
    this.rest = new apigateway.RestApi(this, 'Rest', {
      restApiName: Names.uniqueResourceName(this, { maxLength: 128, separator: '-' }),
      description: props.description,
      endpointConfiguration: { types: [apigateway.EndpointType.REGIONAL] },
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      disableExecuteApiEndpoint: false,
      deployOptions: {
        stageName: 'live',
        tracingEnabled: true,
        metricsEnabled: false,
        loggingLevel: apigateway.MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        throttlingRateLimit: 1000,
        throttlingBurstLimit: 500,
        accessLogDestination: new apigateway.LogGroupLogDestination(this.accessLogs),
        accessLogFormat: apigateway.AccessLogFormat.custom(accessLogFormat()),
      },
    });
    this.stage = this.rest.deploymentStage;
    this.rest.node.tryRemoveChild('Endpoint');
    suppress(this.rest.node.findChild('CloudWatchRole'), 'AwsSolutions-IAM4',
      'The managed policy that API Gateway asks for in the role that writes the logs of all APIs of the account.',
      'Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs');
    const executionLogs = newLogGroup(this, 'ExecutionLogs', this.key, RETENTION, this.removalPolicy,
      `API-Gateway-Execution-Logs_${this.rest.restApiId}/live`);
    this.stage.node.addDependency(executionLogs);
    const requestValidator = this.rest.addRequestValidator('Validator', { validateRequestBody: true, validateRequestParameters: true });
    for (const [method, path] of props.routes) {
      const integration = new apigateway.LambdaIntegration(this.alias, { scopePermissionToMethod: false, timeout: Duration.seconds(29) });
      const m = this.rest.root.resourceForPath(path).addMethod(method, integration, {
        requestValidator, requestParameters: {}, apiKeyRequired: false, authorizationType: apigateway.AuthorizationType.IAM,
      });
      suppress(m, 'AwsSolutions-COG4', "Who may call is decided by other means than Cognito: see the method's authorization type.");
    }
    this.url = this.stage.urlForPath('/');
    protect(this, this.stage.stageArn, this.key, this.removalPolicy);
  }

  addAlarms() {
    const scope = new Construct(this, 'Alarms');
    this.addAlarm(scope, 'ServerErrors', 'More than 1 % of the requests fail with 5xx', this.stage.metric('5XXError', perMinute('Average')), 0.01, 3, 5);
    this.addAlarm(scope, 'Latency', '1 % of the requests take longer than 3s', this.stage.metric('Latency', perMinute('p99')), 3000, 3, 5);
  }

  addDashboard(name) {
    const api = (metric, statistic) => this.stage.metric(metric, perMinute(statistic));
    const { alias, fn } = this;
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard');
    dashboard.addWidgets(new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: this.alarms, width: 24 }));
    dashboard.addWidgets(
      graph('Requests a minute', 8, api('Count', 'Sum')),
      graph('Errors a minute', 8, api('4XXError', 'Sum'), api('5XXError', 'Sum')),
      graph('Time to answer, ms', 8, api('Latency', 'p50'), api('Latency', 'p99')),
    );
    dashboard.addWidgets(
      graph(`${name}: invocations a minute`, 6, alias.metricInvocations(perMinute('Sum'))),
      graph(`${name}: errors and throttles a minute`, 6, alias.metricErrors(perMinute('Sum')), fn.metricThrottles(perMinute('Sum'))),
      graph(`${name}: duration, ms`, 6, alias.metricDuration(perMinute('p50')), alias.metricDuration(perMinute('Maximum'))),
      graph(`${name}: executions at a time`, 6, fn.metric('ConcurrentExecutions', perMinute('Maximum'))),
    );
  }
}

function accessLogFormat() {
  const identity = { apiKeyId: 'apiKeyId', caller: 'userArn', ip: 'sourceIp', userAgent: 'userAgent' };
  const context = {
    authorizerError: 'authorizer.error', error: 'error.message', integrationError: 'integrationErrorMessage', method: 'httpMethod',
    resource: 'resourcePath', wafStatus: 'waf.status',
  };
  const fields = ['integrationLatency', 'integrationStatus', 'path', 'protocol', 'requestId', 'requestTime', 'responseLatency', 'responseLength', 'status', 'xrayTraceId'];
  const all = Object.fromEntries(fields.map((f) => [f, f]));
  Object.assign(all, context);
  for (const [k, v] of Object.entries(identity)) all[k] = 'identity.' + v;
  return '{' + Object.keys(all).sort().map((k) => `"${k}":"$context.${all[k]}"`).join(',') + '}';
}

module.exports = { Api };
