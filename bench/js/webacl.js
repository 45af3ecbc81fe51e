// The twin of ../../constructs/webacl.
const { ArnFormat, Aws, Fn, Names, RemovalPolicy, Stack } = require('aws-cdk-lib');
const wafv2 = require('aws-cdk-lib/aws-wafv2');
const { RETENTION, newLogGroup } = require('./encrypted');

function protect(scope, resourceArn, key, removalPolicy) {
  const visible = (metricName) => ({ cloudWatchMetricsEnabled: true, metricName, sampledRequestsEnabled: true });
  const groups = ['AWSManagedRulesAmazonIpReputationList', 'AWSManagedRulesCommonRuleSet', 'AWSManagedRulesKnownBadInputsRuleSet'];
  const overrides = { AWSManagedRulesCommonRuleSet: [{ name: 'SizeRestrictions_BODY', actionToUse: { count: {} } }] };
  const acl = new wafv2.CfnWebACL(scope, 'WebACL', {
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    visibilityConfig: visible('WebACL'),
    rules: [{
      name: 'RateLimit', priority: 0, visibilityConfig: visible('RateLimit'), action: { block: {} },
      statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit: 2000 } },
    }, ...groups.map((name, i) => ({
      name, priority: i + 1, visibilityConfig: visible(name), overrideAction: { none: {} },
      statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, ruleActionOverrides: overrides[name] } },
    }))],
  });
  const unique = Names.uniqueResourceName(scope, { maxLength: 200, separator: '-' });
  const name = `aws-waf-logs-${unique}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`;
  // A named log group that a failed creation left would be in the way of the next one.
  const kept = removalPolicy === RemovalPolicy.RETAIN ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : removalPolicy;
  const logs = newLogGroup(scope, 'WAFLogs', key, RETENTION, kept, name);
  const logging = new wafv2.CfnLoggingConfiguration(scope, 'WAFLogging', {
    resourceArn: acl.attrArn,
    logDestinationConfigs: [Stack.of(scope).formatArn({
      service: 'logs', resource: 'log-group', resourceName: name, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })],
    redactedFields: ['authorization', 'cookie', 'x-amz-security-token', 'x-api-key'].map((n) => ({ singleHeader: { Name: n } })),
  });
  logging.node.addDependency(logs);
  new wafv2.CfnWebACLAssociation(scope, 'WebACLAssociation', { resourceArn, webAclArn: acl.attrArn });
}

module.exports = { protect };
