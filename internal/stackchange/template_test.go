package stackchange_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/stackchange"
)

func read(t *testing.T, text string) *stackchange.Template {
	t.Helper()
	tpl, err := stackchange.ReadTemplate([]byte(text))
	require.NoError(t, err)
	return tpl
}

// summary of changes: "Notes Replace (Properties.TableName)", "?" for what may be nothing, "|" between what it may be.
func summary(changes []stackchange.Change) []string {
	all := []string{}
	for _, c := range changes {
		var actions []string
		for _, a := range c.Actions {
			actions = append(actions, strings.TrimPrefix(string(a), "Update:"))
		}
		maybe := map[bool]string{true: "?"}[c.Maybe]
		all = append(all, fmt.Sprintf("%s %s%s (%s)", c.LogicalID, strings.Join(actions, "|"), maybe, strings.Join(c.Because, "; ")))
	}
	return all
}

func TestFromTemplates(t *testing.T) {
	const rest = `,"Parameters":{"Size":{"Type":"Number","Default":1},"Name":{"Type":"String"}},"Mappings":{"M":{"a":{"b":"1"}}},"Conditions":{"Big":{"Fn::Equals":[{"Ref":"Size"},"9"]},"Other":{"Fn::Not":[{"Condition":"Big"}]}}}`
	table := func(properties string) string {
		return `{"Resources":{"Notes":{"Type":"AWS::DynamoDB::Table","Properties":{` + properties + `}}}` + rest
	}
	for name, c := range map[string]struct {
		before, after string
		want          []string
	}{
		"nothing":                       {table(`"TableName":"a"`), table(`"TableName":"a"`), nil},
		"numbers and strings":           {table(`"A":5,"B":true,"C":100000000`), table(`"A":"5","B":"true","C":"100000000"`), nil},
		"a property":                    {table(`"BillingMode":"A"`), table(`"BillingMode":"B"`), []string{"Notes Modify (Properties.BillingMode)"}},
		"a property less":               {table(`"BillingMode":"A"`), table(``), []string{"Notes Modify (Properties.BillingMode)"}},
		"inside":                        {table(`"A":{"B":[{"C":1},{"C":2}]}`), table(`"A":{"B":[{"C":1},{"C":3}]}`), []string{"Notes Modify (Properties.A.B.1.C)"}},
		"a longer list":                 {table(`"A":[1]`), table(`"A":[1,2]`), []string{"Notes Modify (Properties.A)"}},
		"a name":                        {table(`"TableName":"a"`), table(`"TableName":"b"`), []string{"Notes Replace (Properties.TableName)"}},
		"a first name":                  {table(`"A":1`), table(`"TableName":"b","A":2`), []string{"Notes Replace (Properties.A; Properties.TableName)"}},
		"below what replaces":           {table(`"ImportSourceSpecification":{"A":"a"}`), table(`"ImportSourceSpecification":{"A":"b"}`), []string{"Notes Replace (Properties.ImportSourceSpecification.A)"}},
		"what may replace":              {table(`"KeySchema":[{"A":1}]`), table(`"KeySchema":[{"A":2}]`), []string{"Notes Modify|Replace (Properties.KeySchema.0.A)"}},
		"a name by functions":           {table(`"TableName":{"Fn::Join":["",["a"]]}`), table(`"TableName":{"Fn::Join":["",["b"]]}`), []string{"Notes Replace? (Properties.TableName)"}},
		"a name by functions, and more": {table(`"A":1,"TableName":{"Fn::Join":["",["a"]]}`), table(`"A":2,"TableName":{"Fn::Join":["",["b"]]}`), []string{"Notes Modify|Replace (Properties.A; Properties.TableName)"}},
		"a parameter":                   {table(`"A":{"Ref":"Size"}`), strings.Replace(table(`"A":{"Ref":"Size"}`), `"Default":1`, `"Default":2`, 1), []string{"Notes Modify? (Properties.A)"}},
		"a parameter in Sub":            {table(`"A":{"Fn::Sub":"x${Size}"}`), strings.Replace(table(`"A":{"Fn::Sub":"x${Size}"}`), `"Default":1`, `"Default":2`, 1), []string{"Notes Modify? (Properties.A)"}},
		"a parameter in Sub, list":      {table(`"A":{"Fn::Sub":["x${Size}",{}]}`), strings.Replace(table(`"A":{"Fn::Sub":["x${Size}",{}]}`), `"Default":1`, `"Default":2`, 1), []string{"Notes Modify? (Properties.A)"}},
		"another parameter":             {table(`"A":{"Ref":"Name"}`), strings.Replace(table(`"A":{"Ref":"Name"}`), `"Default":1`, `"Default":2`, 1), nil},
		"a mapping":                     {table(`"A":{"Fn::FindInMap":["M","a","b"]}`), strings.Replace(table(`"A":{"Fn::FindInMap":["M","a","b"]}`), `"b":"1"`, `"b":"2"`, 1), []string{"Notes Modify? (Properties.A)"}},
		"a condition behind one":        {table(`"A":{"Fn::If":["Other",1,2]}`), strings.Replace(table(`"A":{"Fn::If":["Other",1,2]}`), `"9"`, `"8"`, 1), []string{"Notes Modify? (Properties.A)"}},
		"a resource's condition":        {strings.Replace(table(``), `{"Type":"AWS`, `{"Condition":"Other","Type":"AWS`, 1), strings.Replace(strings.Replace(table(``), `"Default":1`, `"Default":2`, 1), `{"Type":"AWS`, `{"Condition":"Other","Type":"AWS`, 1), []string{"Notes Modify|Replace|Delete? (Condition)"}},
		"a new condition":               {table(``), strings.Replace(table(``), `{"Type":"AWS`, `{"Condition":"Big","Type":"AWS`, 1), []string{"Notes Modify|Replace|Delete? (Condition; Condition)"}},
		"policies":                      {table(``), strings.Replace(table(``), `{"Type":"AWS`, `{"DeletionPolicy":"Retain","Metadata":{"a":"b"},"DependsOn":["X"],"Type":"AWS`, 1), []string{"Notes Modify (DeletionPolicy; DependsOn; Metadata)"}},
		"only an order":                 {table(``), strings.Replace(table(``), `{"Type":"AWS`, `{"DependsOn":["X"],"Type":"AWS`, 1), nil},
		"removed and added":             {table(``), strings.Replace(table(``), `"Notes"`, `"Books"`, 1), []string{"Notes Delete (not in the new template)"}},
		"another type":                  {table(``), strings.Replace(table(``), `DynamoDB::Table`, `S3::Bucket`, 1), []string{"Notes Replace (Type, which CloudFormation refuses to change)"}},
		"a custom resource":             {`{"Resources":{"C":{"Type":"Custom::X","Properties":{"A":1}}}}`, `{"Resources":{"C":{"Type":"Custom::X","Properties":{"A":2}}}}`, []string{"C Modify|Replace (Properties.A)"}},
		"a generic custom one":          {`{"Resources":{"C":{"Type":"AWS::CloudFormation::CustomResource","Properties":{"A":1}}}}`, `{"Resources":{"C":{"Type":"AWS::CloudFormation::CustomResource","Properties":{"A":2}}}}`, []string{"C Modify|Replace (Properties.A)"}},
		"an unknown type":               {`{"Resources":{"C":{"Type":"My::Own::Type","Properties":{"A":1}}}}`, `{"Resources":{"C":{"Type":"My::Own::Type","Properties":{"A":2}}}}`, []string{"C Modify|Replace (Properties.A)"}},
		"deep inside what replaces": {`{"Resources":{"C":{"Type":"AWS::BillingConductor::CustomLineItem","Properties":{"CustomLineItemChargeDetails":{"Type":"1"}}}}}`,
			`{"Resources":{"C":{"Type":"AWS::BillingConductor::CustomLineItem","Properties":{"CustomLineItemChargeDetails":{"Type":"2"}}}}}`, []string{"C Replace (Properties.CustomLineItemChargeDetails.Type)"}},
		"above what replaces": {`{"Resources":{"C":{"Type":"AWS::BillingConductor::CustomLineItem","Properties":{"CustomLineItemChargeDetails":{"Type":"1"}}}}}`,
			`{"Resources":{"C":{"Type":"AWS::BillingConductor::CustomLineItem","Properties":{"CustomLineItemChargeDetails":{"Fn::If":["A",1,2]}}}}}`, []string{"C Modify|Replace? (Properties.CustomLineItemChargeDetails)"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := stackchange.FromTemplates(read(t, c.before), read(t, c.after))
			assert.Equal(t, append([]string{}, c.want...), summary(got))
		})
	}
}

// What is replaced takes along what names it.
func TestFromTemplates_Dependents(t *testing.T) {
	tpl := func(key, alias string) string {
		return `{"Resources":{
			"Key":{"Type":"AWS::KMS::Key","Properties":{"Description":"` + key + `"}},
			"Subnets":{"Type":"AWS::RDS::DBSubnetGroup","Properties":{"DBSubnetGroupName":"` + alias + `","DBSubnetGroupDescription":{"Ref":"Key"}}},
			"Db":{"Type":"AWS::RDS::DBInstance","Properties":{"KmsKeyId":{"Fn::GetAtt":["Key","Arn"]},"DBSubnetGroupName":{"Ref":"Subnets"}}},
			"Host":{"Type":"AWS::SSM::Parameter","Properties":{"Value":{"Fn::Sub":"${Db.Endpoint.Address}:${Db}"}}},
			"Copy":{"Type":"AWS::SSM::Parameter","Properties":{"Value":{"Fn::Join":["",[{"Fn::GetAtt":"Host.Value"},"x"]]}}}
		}}`
	}
	assert.Equal(t, []string{"Key Modify (Properties.Description)"}, summary(stackchange.FromTemplates(read(t, tpl("a", "s")), read(t, tpl("b", "s")))),
		"the ARN of a key that is only modified is the same")
	assert.Equal(t, []string{
		"Copy Modify? (Properties.Value from Host, which is modified)",
		"Db Replace? (Properties.DBSubnetGroupName from Subnets, which is or may be replaced)",
		"Host Modify? (Properties.Value from Db, which is or may be replaced; Properties.Value from Db, which is or may be replaced)",
		"Subnets Replace (Properties.DBSubnetGroupName)",
	}, summary(stackchange.FromTemplates(read(t, tpl("a", "s")), read(t, tpl("a", "t")))))
}

func TestReadTemplate_Errors(t *testing.T) {
	for text, want := range map[string]string{
		"Resources: {}":                       "it is no template in JSON: invalid character 'R' looking for beginning of value",
		"{}":                                  "it is no template: it has no Resources",
		`{"Resources":{"A":[]}}`:              "it is no template: the resource A has no Type",
		`{"Resources":{"A":{"Type":7}}}`:      "it is no template: the resource A has no Type",
		`{"Resources":{"Fn::ForEach::A":[]}}`: "it has Fn::ForEach, which only CloudFormation resolves: check a change set",
		`{"Resources":[]}`:                    "it is no template in JSON: json: cannot unmarshal array into Go struct field .Resources of type map[string]interface {}",
	} {
		_, err := stackchange.ReadTemplate([]byte(text))
		assert.EqualError(t, err, want, text)
	}
}

func TestTransforms(t *testing.T) {
	const resources = `"Resources":{"A":{"Type":"AWS::S3::Bucket"}}`
	assert.False(t, read(t, `{`+resources+`}`).Transforms())
	assert.True(t, read(t, `{"Transform":"X",`+resources+`}`).Transforms())
}

func TestKnown(t *testing.T) {
	assert.True(t, stackchange.Known("AWS::S3::Bucket"))
	assert.False(t, stackchange.Known("Custom::Thing"))
}

func FuzzFromTemplates(f *testing.F) {
	f.Add(`{"Resources":{"A":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":{"Ref":"B"}}},"B":{"Type":"Custom::B","Condition":"C","Properties":{"A":{"Fn::GetAtt":["A","Arn"]}}}},"Conditions":{"C":{"Condition":"C"}}}`,
		`{"Resources":{"A":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":{"Fn::Sub":"${B}${A.Arn}"}}},"B":{"Type":"Custom::B","Properties":{"A":[{"Fn::GetAtt":"A.Arn"}]}}}}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		before, err := stackchange.ReadTemplate([]byte(a))
		if err != nil {
			return
		}
		require.Empty(t, stackchange.FromTemplates(before, before))
		after, err := stackchange.ReadTemplate([]byte(b))
		if err != nil {
			return
		}
		for _, c := range stackchange.FromTemplates(before, after) {
			require.NotEmpty(t, c.Actions)
			_, err := json.Marshal(c)
			require.NoError(t, err)
		}
	})
}
