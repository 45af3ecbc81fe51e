// The twin of ../../internal/monitor.
const { Duration } = require('aws-cdk-lib');
const cloudwatch = require('aws-cdk-lib/aws-cloudwatch');
const iam = require('aws-cdk-lib/aws-iam');
const sns = require('aws-cdk-lib/aws-sns');

const perMinute = (statistic) => ({ statistic, period: Duration.minutes(1) });

function newTopic(scope, masterKey) {
  const topic = new sns.Topic(scope, 'AlarmTopic', { masterKey, enforceSSL: true });
  topic.grantPublish(new iam.ServicePrincipal('cloudwatch.amazonaws.com'));
  return topic;
}

function newAlarm(topic, scope, id, text, metric, threshold, minutes, of) {
  const alarm = new cloudwatch.Alarm(scope, id, {
    alarmDescription: `${text}, in ${minutes} of ${of} minutes (${scope.node.path})`,
    metric,
    threshold,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    datapointsToAlarm: minutes,
    evaluationPeriods: of,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  alarm.node.defaultChild.alarmActions = [topic.topicArn];
  alarm.node.defaultChild.okActions = [topic.topicArn];
  return alarm;
}

function graph(title, width, ...left) {
  return new cloudwatch.GraphWidget({ title, width, left, leftYAxis: { min: 0 } });
}

module.exports = { graph, newAlarm, newTopic, perMinute };
