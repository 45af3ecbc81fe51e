package logmetrics_test

import (
	"math"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/logmetrics"
)

// These stand for constructs in tests that only look at props.
type (
	fakeGroup struct{ awslogs.ILogGroup }
	fakeTopic struct{ awssns.ITopic }
)

// token is what a value that is known only at deployment looks like.
const token = "${Token[TOKEN.7]}"

const (
	nameRule      = ": must be 1 to 255 characters of printable ASCII, without :, * and $, got "
	dimensionRule = `: must have a name of 1 to 255 characters of printable ASCII that does not start with a colon`
)

func TestMetricFilterProps_Validate(t *testing.T) {
	type props = logmetrics.MetricFilterProps
	alarm := func(edit func(*logmetrics.Alarm)) func(*props) {
		return func(p *props) {
			p.Alarm = &logmetrics.Alarm{Topic: fakeTopic{}, Text: "Orders fail"}
			edit(p.Alarm)
		}
	}
	cdktest.ValidateTable(t, func() props {
		return props{LogGroup: fakeGroup{}, Pattern: "{ $.level = \"ERROR\" }", Namespace: "Shop", Name: "Errors"}
	}, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(p *props) {}},
		{Name: "nothing", Edit: func(p *props) { *p = props{} }, Want: []string{
			"LogGroup: must be given",
			`Pattern: must be given; the pattern " " in double quotes matches every event`,
			"Namespace" + nameRule + `""`, "Name" + nameRule + `""`,
		}},
		{Name: "value without a pattern", Edit: func(p *props) { p.Pattern, p.Value = "", "$.ms" },
			Want: []string{`Pattern: must be given; the pattern " " in double quotes matches every event`}},
		{Name: "everything", Edit: func(p *props) { p.Pattern = `" "` }},
		{Name: "mistake in the pattern", Edit: func(p *props) { p.Pattern = "{ $.level == 1 }" },
			Want: []string{"Pattern: column 11: expected = for equal, got =="}},
		{Name: "optional terms beside others", Edit: func(p *props) { p.Pattern = "?a b" }, Want: []string{
			"Pattern: must have only terms with a question mark or none, as CloudWatch Logs ignores these beside others",
		}},
		{Name: "tokens", Edit: func(p *props) {
			p.Pattern, p.Namespace, p.Name, p.Value, p.FilterName, p.Dimensions = token, token, token, token, token+":", map[string]string{"A": token}
		}},
		{Name: "reference with a token for a pattern", Edit: func(p *props) { p.Pattern, p.Value = token, "$anything" }},
		{Name: "namespace of AWS", Edit: func(p *props) { p.Namespace = "AWS/Lambda" },
			Want: []string{`Namespace: must not start with AWS/, which is for services of AWS, got "AWS/Lambda"`}},
		{Name: "names", Edit: func(p *props) { p.Namespace, p.Name = "Shop/AWS/1 #_.-", strings.Repeat("a", 255) }},
		{Name: "namespace with a colon", Edit: func(p *props) { p.Namespace = "a:b" }, Want: []string{"Namespace" + nameRule + `"a:b"`}},
		{Name: "name with a star", Edit: func(p *props) { p.Name = "a*" }, Want: []string{"Name" + nameRule + `"a*"`}},
		{Name: "name with a dollar", Edit: func(p *props) { p.Name = "$a" }, Want: []string{"Name" + nameRule + `"$a"`}},
		{Name: "name of spaces", Edit: func(p *props) { p.Name = "  " }, Want: []string{"Name" + nameRule + `"  "`}},
		{Name: "name not ASCII", Edit: func(p *props) { p.Name = "é" }, Want: []string{"Name" + nameRule + `"é"`}},
		{Name: "name with a tab", Edit: func(p *props) { p.Name = "a\tb" }, Want: []string{"Name" + nameRule + `"a\tb"`}},
		{Name: "name too long", Edit: func(p *props) { p.Name = strings.Repeat("a", 256) },
			Want: []string{"Name" + nameRule + `"` + strings.Repeat("a", 256) + `"`}},
		{Name: "numbers", Edit: func(p *props) { p.Value = "-2.5e1" }},
		{Name: "value of JSON that is not in the pattern", Edit: func(p *props) { p.Value = "$.request.ms[0]" }},
		{Name: "value of a field", Edit: func(p *props) { p.Pattern, p.Value = "[..., bytes > 0]", "$bytes" }},
		{Name: "value of no field", Edit: func(p *props) { p.Pattern, p.Value = "[..., bytes > 0]", "$size" },
			Want: []string{`Value: must refer to what the events have, got "$size": the pattern has no field size`}},
		{Name: "value of terms", Edit: func(p *props) { p.Pattern, p.Value = "ERROR", "$.ms" },
			Want: []string{`Value: must refer to what the events have, got "$.ms": a pattern of terms has no fields`}},
		{Name: "mistake in the value", Edit: func(p *props) { p.Value = "$ms" },
			Want: []string{`Value: must refer to what the events have, got "$ms": column 2: expected . after $, got "m"`}},
		{Name: "value with a mistake in the pattern", Edit: func(p *props) { p.Pattern, p.Value = "{", "$.ms" },
			Want: []string{"Pattern: column 2: expected a selector such as $.name, got the end"}},
		{Name: "value of nothing", Edit: func(p *props) { p.Value = "ms" },
			Want: []string{`Value: must be a number or $.name of a JSON pattern or $name of a space-delimited one, got "ms"`}},
		{Name: "no number", Edit: func(p *props) { p.Value = "NaN" },
			Want: []string{`Value: must be a number or $.name of a JSON pattern or $name of a space-delimited one, got "NaN"`}},
		{Name: "infinite", Edit: func(p *props) { p.Value = "Inf" },
			Want: []string{`Value: must be a number or $.name of a JSON pattern or $name of a space-delimited one, got "Inf"`}},
		{Name: "longest value", Edit: func(p *props) { p.Value = "$." + strings.Repeat("a", 98) }},
		{Name: "value too long", Edit: func(p *props) { p.Value = "$." + strings.Repeat("a", 99) },
			Want: []string{"Value: must be at most 100 characters, got 101"}},
		{Name: "dimensions", Edit: func(p *props) { p.Dimensions = map[string]string{"A": "$.a", "B": "$.b", "C": "$.c"} }},
		{Name: "default with dimensions", Edit: func(p *props) {
			p.Dimensions, p.DefaultValue = map[string]string{"A": "$.a"}, new(0.0)
		}, Want: []string{"DefaultValue: must be left out with Dimensions"}},
		{Name: "too many dimensions, of all kinds of mistakes", Edit: func(p *props) {
			p.Dimensions = map[string]string{":a": "$.a", "": "$.b", "C": "1", "D": "$d"}
		}, Want: []string{
			"Dimensions[\"\"]" + dimensionRule,
			`Dimensions[":a"]` + dimensionRule,
			`Dimensions["C"]: must be $.name of a JSON pattern or $name of a space-delimited one, got "1"`,
			`Dimensions["D"]: must refer to what the events have, got "$d": column 2: expected . after $, got "d"`,
			"Dimensions: must be at most 3, got 4",
		}},
		{Name: "filter name", Edit: func(p *props) { p.FilterName = strings.Repeat("a", 512) }},
		{Name: "filter name with a colon", Edit: func(p *props) { p.FilterName = "a:b" },
			Want: []string{`FilterName: must be at most 512 characters, without : and *, got "a:b"`}},
		{Name: "filter name too long", Edit: func(p *props) { p.FilterName = strings.Repeat("a", 513) },
			Want: []string{`FilterName: must be at most 512 characters, without : and *, got "` + strings.Repeat("a", 513) + `"`}},
		{Name: "alarm", Edit: alarm(func(*logmetrics.Alarm) {})},
		{Name: "alarm with all", Edit: alarm(func(a *logmetrics.Alarm) {
			a.Statistic, a.LessThan, a.Minutes, a.Of, a.Missing = "p99.9", true, 3, 1440, awscloudwatch.TreatMissingData_IGNORE
		})},
		{Name: "alarm with dimensions", Edit: func(p *props) {
			alarm(func(*logmetrics.Alarm) {})(p)
			p.Dimensions = map[string]string{"A": "$.a"}
		}, Want: []string{"Alarm: must be left out with Dimensions, as each combination of them is a metric of its own"}},
		{Name: "empty alarm", Edit: func(p *props) { p.Alarm = &logmetrics.Alarm{} },
			Want: []string{"Alarm.Topic: must be given", "Alarm.Text: must be given"}},
		{Name: "alarm out of limits", Edit: alarm(func(a *logmetrics.Alarm) {
			a.Statistic, a.Minutes, a.Of, a.Missing = "p101", 1442, 1441, "never"
		}), Want: []string{
			`Alarm.Statistic: must be Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p99, got "p101"`,
			"Alarm.Of: must be between 1 and 1440, got 1441",
			"Alarm.Minutes: must be between 1 and Of, 1441, got 1442",
			"Alarm.Missing: must be one of NOT_BREACHING, BREACHING, IGNORE, MISSING, got never",
		}},
	})
}

func TestContributorRuleProps_Validate(t *testing.T) {
	type props = logmetrics.ContributorRuleProps
	filter := func(f logmetrics.Filter) func(*props) {
		return func(p *props) {
			f.Field = "$.a"
			p.Filters = []logmetrics.Filter{f}
		}
	}
	many := strings.Split(strings.Repeat("a,", 10)+"a", ",")
	cdktest.ValidateTable(t, func() props {
		return props{LogGroupNames: []string{"/shop/*"}, Keys: []string{"$.ip"}}
	}, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(p *props) {}},
		{Name: "nothing", Edit: func(p *props) { *p = props{} }, Want: []string{
			"LogGroups: must be given, or LogGroupNames or LogGroupARNs", "Keys: must be between 1 and 4, got 0",
		}},
		{Name: "name", Edit: func(p *props) { p.Name = strings.Repeat("a", 128) }},
		{Name: "name too long", Edit: func(p *props) { p.Name = strings.Repeat("a", 129) }, Want: []string{
			`Name: must be 1 to 128 characters of printable ASCII, without double quotes, got "` + strings.Repeat("a", 129) + `"`,
		}},
		{Name: "name with a quote", Edit: func(p *props) { p.Name = `a"` }, Want: []string{
			`Name: must be 1 to 128 characters of printable ASCII, without double quotes, got "a\""`,
		}},
		{Name: "tokens", Edit: func(p *props) {
			p.Name, p.LogGroupNames, p.Keys, p.ValueOf = token, []string{token}, []string{token}, token
		}},
		{Name: "ARN tokens", Edit: func(p *props) { p.LogGroupNames, p.LogGroupARNs = nil, []string{token} }},
		{Name: "groups", Edit: func(p *props) { p.LogGroups = []awslogs.ILogGroup{fakeGroup{}} }},
		{Name: "no group", Edit: func(p *props) { p.LogGroups = []awslogs.ILogGroup{nil} }, Want: []string{"LogGroups[0]: must be given"}},
		{Name: "names of groups", Edit: func(p *props) { p.LogGroupNames = []string{"a", "a*b", "*", "a"} }, Want: []string{
			`LogGroupNames[1]: must be the name of a log group, or its beginning and *, got "a*b"`,
			`LogGroupNames[2]: must be the name of a log group, or its beginning and *, got "*"`,
			`LogGroupNames: must be listed once each, got "a" again`,
		}},
		{Name: "ARNs", Edit: func(p *props) {
			p.LogGroupNames = nil
			p.LogGroupARNs = []string{"arn:aws:logs:us-east-1:*:log-group:/shop/*", "arn:aws-cn:logs:cn-north-1:111122223333:log-group/a"}
		}},
		{Name: "ARNs and names", Edit: func(p *props) {
			p.LogGroupARNs = []string{"arn:aws:s3:::a", "arn:aws:s3:::a"}
		}, Want: []string{
			"LogGroupARNs: must be left out with LogGroups and LogGroupNames",
			`LogGroupARNs[0]: must be the ARN of log groups, got "arn:aws:s3:::a"`,
			`LogGroupARNs[1]: must be the ARN of log groups, got "arn:aws:s3:::a"`,
			`LogGroupARNs: must be listed once each, got "arn:aws:s3:::a" again`,
		}},
		{Name: "JSON fields", Edit: func(p *props) {
			p.Keys, p.ValueOf = []string{"$.a", "$.a-b.c_d[0][1].e", "$.b", "$.c"}, "$.bytes"
		}},
		{Name: "no JSON fields", Edit: func(p *props) {
			p.Keys, p.ValueOf = []string{"ip", "$ip", "$.", "$.a[*]", "$.a[*]"}, "1"
			p.Filters = []logmetrics.Filter{{Present: true}}
		}, Want: []string{
			"Keys: must be between 1 and 4, got 5",
			`Keys[0]: must be a field such as $.user.id or $.ids[0], got "ip"`,
			`Keys[1]: must be a field such as $.user.id or $.ids[0], got "$ip"`,
			`Keys[2]: must be a field such as $.user.id or $.ids[0], got "$."`,
			`Keys[3]: must be a field such as $.user.id or $.ids[0], got "$.a[*]"`,
			`Keys[4]: must be a field such as $.user.id or $.ids[0], got "$.a[*]"`,
			`Keys: must be listed once each, got "$.a[*]" again`,
			`ValueOf: must be a field such as $.user.id or $.ids[0], got "1"`,
			`Filters[0].Field: must be a field such as $.user.id or $.ids[0], got ""`,
		}},
		{Name: "fields of JSON", Edit: func(p *props) { p.Fields = map[int]string{1: "ip"} }, Want: []string{"Fields: must be left out without CLF"}},
		{Name: "CLF", Edit: func(p *props) { p.CLF, p.Fields, p.Keys = true, map[int]string{4: "ip"}, []string{"ip", "7"} }},
		{Name: "mistakes in CLF", Edit: func(p *props) {
			p.CLF, p.Fields, p.Keys, p.ValueOf = true, map[int]string{0: "a", 1: "$b", 2: "3", 3: ""}, []string{"$.ip"}, "0"
		}, Want: []string{
			"Fields[0]: must be a position from 1",
			`Fields[1]: must be a name of printable ASCII that is no number and does not start with $, got "$b"`,
			`Fields[2]: must be a name of printable ASCII that is no number and does not start with $, got "3"`,
			`Fields[3]: must be a name of printable ASCII that is no number and does not start with $, got ""`,
			`Keys[0]: must be a name in Fields or a position from 1, got "$.ip"`,
			`ValueOf: must be a name in Fields or a position from 1, got "0"`,
		}},
		{Name: "In", Edit: filter(logmetrics.Filter{In: many[:10]})},
		{Name: "NotIn", Edit: filter(logmetrics.Filter{NotIn: many[:1]})},
		{Name: "StartsWith", Edit: filter(logmetrics.Filter{StartsWith: many[:1]})},
		{Name: "GreaterThan", Edit: filter(logmetrics.Filter{GreaterThan: new(0.0)})},
		{Name: "LessThan", Edit: filter(logmetrics.Filter{LessThan: new(0.0)})},
		{Name: "EqualTo", Edit: filter(logmetrics.Filter{EqualTo: new(0.0)})},
		{Name: "NotEqualTo", Edit: filter(logmetrics.Filter{NotEqualTo: new(0.0)})},
		{Name: "Absent", Edit: filter(logmetrics.Filter{Absent: true})},
		{Name: "no condition", Edit: filter(logmetrics.Filter{}), Want: []string{"Filters[0]: must have exactly one condition, got 0"}},
		{Name: "two conditions", Edit: filter(logmetrics.Filter{In: many[:1], EqualTo: new(1.0)}),
			Want: []string{"Filters[0]: must have exactly one condition, got 2"}},
		{Name: "present and absent", Edit: filter(logmetrics.Filter{Present: true, Absent: true}),
			Want: []string{"Filters[0]: must have exactly one condition, got 2"}},
		{Name: "values", Edit: filter(logmetrics.Filter{StartsWith: append([]string{"", "é"}, many[:9]...)}), Want: []string{
			"Filters[0].StartsWith: must be at most 10, got 11",
			`Filters[0].StartsWith[0]: must be ASCII and not empty, got ""`,
			`Filters[0].StartsWith[1]: must be ASCII and not empty, got "é"`,
		}},
		{Name: "filters", Edit: func(p *props) {
			p.Filters = []logmetrics.Filter{{Field: "$.a", Present: true}, {Field: "$.b", Present: true}, {Field: "$.c", Present: true},
				{Field: "$.d", Present: true}, {Field: "$.e", Present: true}}
		}, Want: []string{"Filters: must be at most 4, got 5"}},
		{Name: "numbers without end", Edit: filter(logmetrics.Filter{EqualTo: new(math.NaN())}), Want: []string{"Filters[0].EqualTo: must be finite, got NaN"}},
		{Name: "longest", Edit: filter(logmetrics.Filter{In: []string{strings.Repeat("a", 8001)}})},
		{Name: "too long", Edit: filter(logmetrics.Filter{In: []string{strings.Repeat("a", 8002)}}),
			Want: []string{"must be at most 8192 bytes as JSON, got 8193"}},
	})
}
