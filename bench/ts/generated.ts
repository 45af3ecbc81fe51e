// The twin of ../generated/main.go: 10 stacks of 50 resources.
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as ssm from 'aws-cdk-lib/aws-ssm';

const app = new App();
for (let s = 0; s < 10; s++) {
  const stack = new Stack(app, `Stack${s}`, { env: { account: '111111111111', region: 'us-east-1' } });
  for (let g = 0; g < 5; g++) {
    group(stack, s, g);
  }
}
app.synth();

// Ten resources: two queues, a topic and the policies of the three, a log group, a role and its policy, a parameter.
function group(stack: Stack, s: number, g: number): void {
  const dead = new sqs.Queue(stack, `Dead${g}`, { enforceSSL: true, retentionPeriod: Duration.days(14) });
  const work = new sqs.Queue(stack, `Work${g}`, {
    enforceSSL: true,
    visibilityTimeout: Duration.seconds(60),
    deadLetterQueue: { queue: dead, maxReceiveCount: 5 },
  });
  new sns.Topic(stack, `Topic${g}`, { enforceSSL: true, displayName: `Topic ${g}` });
  new logs.LogGroup(stack, `Logs${g}`, { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
  const role = new iam.Role(stack, `Role${g}`, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  work.grantConsumeMessages(role);
  new ssm.CfnParameter(stack, `Parameter${g}`, { name: `/bench/${s}/${g}`, type: 'String', value: work.queueUrl });
}
