package webacl_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/webacl"
)

type (
	props = webacl.Props
	row   = cdktest.Case[props]
)

func TestProps_Validate(t *testing.T) {
	cdktest.ValidateTable(t, func() props { return props{} }, []row{
		{Name: "nothing", Edit: func(*props) {}},
		{Name: "all of it", Edit: func(p *props) {
			*p = props{RateLimit: 10, ManagedRuleGroups: []string{"AWSManagedRulesSQLiRuleSet"}, LimitBodies: true, CountOnly: true}
		}},
		{Name: "rate", Edit: func(p *props) { p.RateLimit = 9 }, Want: []string{"RateLimit: must be between 10 and 2000000000, got 9"}},
		{Name: "high rate", Edit: func(p *props) { p.RateLimit = 2_000_000_001 },
			Want: []string{"RateLimit: must be between 10 and 2000000000, got 2000000001"}},
		{Name: "rule groups", Edit: func(p *props) {
			p.ManagedRuleGroups = []string{
				"MyRules", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesATPRuleSet", "AWSManagedRulesLinuxRuleSet", "AWSManagedRulesLinuxRuleSet",
			}
		}, Want: []string{
			`ManagedRuleGroups[0]: must be a rule group of AWS, such as AWSManagedRulesSQLiRuleSet, got "MyRules"`,
			"ManagedRuleGroups[1]: is there already: AWSManagedRulesCommonRuleSet",
			"ManagedRuleGroups[2]: needs settings of its own that are not here: AWSManagedRulesATPRuleSet; use WebACLArn",
			"ManagedRuleGroups[4]: is there already: AWSManagedRulesLinuxRuleSet"}},
		{Name: "web ACL of elsewhere, with rules", Edit: func(p *props) {
			*p = props{WebACLArn: "arn:aws:wafv2:us-east-1:1:global/webacl/x/1", CountOnly: true}
		}, Want: []string{
			"must have WebACLArn or rules, not both",
			`WebACLArn: must be the ARN of a regional web ACL, got "arn:aws:wafv2:us-east-1:1:global/webacl/x/1"`}},
		{Name: "web ACL", Edit: func(p *props) { p.WebACLArn = "arn:aws:wafv2:us-east-1:1:regional/webacl/x/1" }},
		{Name: "web ACL that is a token", Edit: func(p *props) { p.WebACLArn = "${Token[TOKEN.7]}" }},
	})
}

func TestProps_Nil(t *testing.T) {
	assert.NoError(t, (*props)(nil).Validate())
	assert.True(t, (*props)(nil).IsZero())
}

func TestProps_IsZero(t *testing.T) {
	assert.True(t, new(props{ManagedRuleGroups: []string{}}).IsZero())
	for _, p := range []props{{WebACLArn: "x"}, {RateLimit: 1}, {ManagedRuleGroups: []string{"x"}}, {LimitBodies: true}, {CountOnly: true}} {
		assert.False(t, p.IsZero(), "%+v", p)
	}
}
