package stackchange_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/stackchange"
	"github.com/strata-cdk/strata/internal/stackpolicy"
)

func resourceChange(id, fields string) string {
	return `{"Type":"Resource","ResourceChange":{"LogicalResourceId":"` + id + `","ResourceType":"AWS::DynamoDB::Table",` + fields + `}}`
}

func changeSet(t *testing.T, fields string) *stackchange.ChangeSet {
	t.Helper()
	set, err := stackchange.ReadChangeSet([]byte(`{"StackName":"Api","ChangeSetName":"next","CreationTime":"2026-01-02T03:04:05.678000+00:00",` + fields + `}`))
	require.NoError(t, err)
	return set
}

func TestFromChangeSet(t *testing.T) {
	set := changeSet(t, `"Status":"CREATE_COMPLETE","Changes":[{"Type":"Hook"},`+
		resourceChange("Added", `"Action":"Add"`)+","+resourceChange("Imported", `"Action":"Import"`)+","+
		resourceChange("Removed", `"Action":"Remove","PolicyAction":"Retain"`)+","+resourceChange("Unknown", `"Action":"Dynamic"`)+","+
		resourceChange("Modified", `"Action":"Modify","Replacement":"False","Details":[{"Target":{"Attribute":"Properties","Name":"BillingMode"}},{"Target":{"Attribute":"Tags"},"CausingEntity":"Key.Arn"},{}]`)+","+
		resourceChange("Replaced", `"Action":"Modify","Replacement":"True"`)+","+
		resourceChange("Either", `"Action":"Modify","Replacement":"Conditional"`)+","+
		resourceChange("Drifted", `"Action":"SyncWithActual"`)+`]`)
	changes, err := stackchange.FromChangeSet(set)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"Removed Delete ()", "Unknown Modify|Replace|Delete? ()", "Modified Modify (Properties.BillingMode; Tags from Key.Arn)",
		"Replaced Replace ()", "Either Modify|Replace ()", "Drifted Modify ()",
	}, summary(changes))
	assert.Equal(t, "AWS::DynamoDB::Table", changes[0].Type)
}

func TestFromChangeSet_Errors(t *testing.T) {
	_, err := stackchange.FromChangeSet(changeSet(t, `"Status":"FAILED","StatusReason":"The submitted information didn't contain changes."`))
	assert.EqualError(t, err, "the change set has the status FAILED, not CREATE_COMPLETE: The submitted information didn't contain changes.")
	for text, want := range map[string]string{
		"":                               "it is no answer of describe-change-set in JSON: unexpected end of JSON input",
		`{}`:                             "it is no answer of describe-change-set: it has no Status",
		`{"Status":"X","NextToken":"a"}`: "it is one page of several: get them all, without --no-paginate and --max-items",
	} {
		_, err := stackchange.ReadChangeSet([]byte(text))
		assert.EqualError(t, err, want, text)
	}
}

func TestDenied(t *testing.T) {
	policy, err := stackpolicy.Parse([]byte(`{"Statement":[{"Effect":"Allow","Principal":"*","Action":["Update:Modify","Update:Replace"],"Resource":"*"},
		{"Sid":"Data","Effect":"Deny","Principal":"*","Action":["Update:Replace"],"Resource":"LogicalResourceId/B"}]}`))
	require.NoError(t, err)
	changes := []stackchange.Change{
		{LogicalID: "C", Type: "T", Actions: []stackpolicy.Action{stackpolicy.Delete}},
		{LogicalID: "B", Type: "T", Actions: []stackpolicy.Action{stackpolicy.Modify, stackpolicy.Replace}},
		{LogicalID: "A", Type: "T", Actions: []stackpolicy.Action{stackpolicy.Replace}},
		{LogicalID: "D", Type: "T", Actions: []stackpolicy.Action{stackpolicy.Delete}, Maybe: true},
	}
	assert.Equal(t, []stackchange.Finding{
		{Change: changes[1], Action: stackpolicy.Replace, Reason: "Statement[1] Data", Statement: 1},
		{Change: changes[0], Action: stackpolicy.Delete, Certain: true, Reason: "no statement allows it", Statement: -1},
		{Change: changes[3], Action: stackpolicy.Delete, Reason: "no statement allows it", Statement: -1},
	}, stackchange.Denied(policy, changes))
	assert.Empty(t, stackchange.Denied(nil, changes), "without a policy")
	assert.NotNil(t, stackchange.Denied(nil, changes), "which is [] in JSON")
}
