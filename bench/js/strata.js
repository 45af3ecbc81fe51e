// The twin of ../strata: the stacks Network and Api with stage dev. BENCH_CODE is the folder that has the built function.
const { App, Aspects, CfnOutput, RemovalPolicy, Stack, Tags } = require('aws-cdk-lib');
const dynamodb = require('aws-cdk-lib/aws-dynamodb');
const { AwsSolutionsChecks, NagReportFormat } = require('cdk-nag');
const { Api } = require('./apilambda');
const { Network } = require('./network');

const removalPolicy = RemovalPolicy.DESTROY;
const env = { region: 'us-east-1' };
const app = new App();

const network = new Stack(app, 'Network', { env });
new Network(network, 'Network', { nat: 'one', removalPolicy });

const stack = new Stack(app, 'Api', { env });
const table = new dynamodb.TableV2(stack, 'Notes', {
  partitionKey: { name: 'owner', type: dynamodb.AttributeType.STRING },
  sortKey: { name: 'id', type: dynamodb.AttributeType.STRING },
  billing: dynamodb.Billing.onDemand(),
  encryption: dynamodb.TableEncryptionV2.awsManagedKey(),
  deletionProtection: false,
  removalPolicy,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
});
const api = new Api(stack, 'Api', {
  description: 'Notes',
  fn: {
    name: 'Notes', description: 'Creates, reads, lists and deletes notes', directory: process.env.BENCH_CODE,
    environment: { TABLE_NAME: table.tableName },
  },
  routes: [['POST', '/notes'], ['GET', '/notes'], ['GET', '/notes/{id}'], ['DELETE', '/notes/{id}']],
  removalPolicy,
});
table.grant(api.fn, 'dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:DeleteItem');
new CfnOutput(stack, 'Url', { value: api.url, description: 'Address of the API' });
new CfnOutput(stack, 'TableName', { value: table.tableName, description: 'Table of the notes' });

Tags.of(app).add('project', 'strata');
Tags.of(app).add('stage', 'dev');
Aspects.of(app).add(new AwsSolutionsChecks({ verbose: true, reportFormats: [NagReportFormat.JSON] }));
app.synth();
