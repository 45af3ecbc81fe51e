// The twin of ../../internal/encrypted and ../../internal/nag.
const { RemovalPolicy, Stack } = require('aws-cdk-lib');
const iam = require('aws-cdk-lib/aws-iam');
const kms = require('aws-cdk-lib/aws-kms');
const logs = require('aws-cdk-lib/aws-logs');

const RETENTION = 365;

function newKey(scope, description, removalPolicy) {
  const key = new kms.Key(scope, 'Key', { description, enableKeyRotation: true, removalPolicy });
  const stack = Stack.of(scope);
  key.addToResourcePolicy(new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
    actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': stack.formatArn({ service: 'logs', resource: '*' }) } },
  }));
  return key;
}

function newLogGroup(scope, id, encryptionKey, retention, removalPolicy = RemovalPolicy.RETAIN, logGroupName = undefined) {
  return new logs.LogGroup(scope, id, { encryptionKey, retention, removalPolicy, logGroupName });
}

function suppress(construct, id, reason, ...findings) {
  const resource = construct.cfnResourceType ? construct : construct.node.defaultChild;
  const old = resource.getMetadata('cdk_nag')?.rules_to_suppress ?? [];
  const rule = findings.length ? { id, reason, applies_to: findings } : { id, reason };
  resource.addMetadata('cdk_nag', { rules_to_suppress: [...old, rule] });
}

module.exports = { RETENTION, newKey, newLogGroup, suppress };
