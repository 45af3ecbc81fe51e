package cdktest_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/check"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// recorder is a test that is expected to fail.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	panic(r)
}

const queues = `{
  "Resources": {
    "Work": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain", "Properties": {"Delay": 5, "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}},
    "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"Delay": 0, "Name": {"Fn::Join": ["", ["dead-", {"Ref": "X"}]]}}},
    "Topic": {"Type": "AWS::SNS::Topic"}
  },
  "Outputs": {"Url": {"Value": "https://x"}, "NameAB12": {"Value": "n"}}
}`

// read gives the template queues, whose failures are recorded.
func read(t *testing.T) (*cdktest.Template, *recorder) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.json")
	require.NoError(t, os.WriteFile(path, []byte(queues), 0o600))
	r := &recorder{TB: t}
	return cdktest.Read(r, path), r
}

// Each assertion is seen to pass and to fail, with a message that helps.
func TestAssertions(t *testing.T) {
	type o = cdktest.Object
	const queue, topic = "AWS::SQS::Queue", "AWS::SNS::Topic"
	for name, c := range map[string]struct {
		do   func(*cdktest.Template)
		want string // the failure; "" for none
	}{
		"has":                {func(t *cdktest.Template) { t.Has(queue, o{"Delay": 5}) }, ""},
		"has, other number":  {func(t *cdktest.Template) { t.Has(queue, o{"Delay": 6, "Tags": cdktest.Any}) }, "none of 2 AWS::SQS::Queue matches; the closest one:\n  Work.Properties.Delay: want 6, got 5"},
		"has, no such type":  {func(t *cdktest.Template) { t.Has("AWS::SQS::Q", nil) }, "no AWS::SQS::Q in the template; it has:\n  1 AWS::SNS::Topic\n  2 AWS::SQS::Queue"},
		"has nothing":        {func(t *cdktest.Template) { t.Has(topic, o{}) }, ""},
		"has, array":         {func(t *cdktest.Template) { t.Has(queue, o{"Tags": cdktest.Array{o{"Key": "a"}, o{"Key": "b"}}}) }, ""},
		"has, shorter array": {func(t *cdktest.Template) { t.Has(queue, o{"Tags": cdktest.Array{o{"Key": "a"}}}) }, `none of 2 AWS::SQS::Queue matches; the closest one:` + "\n  " + `Dead.Properties.Tags: want [{"Key":"a"}], got nothing`},
		"array with":         {func(t *cdktest.Template) { t.Has(queue, o{"Tags": cdktest.ArrayWith(o{"Key": "b"})}) }, ""},
		"array without":      {func(t *cdktest.Template) { t.Has(queue, o{"Delay": 5, "Tags": cdktest.ArrayWith(o{"Key": "c"})}) }, `none of 2 AWS::SQS::Queue matches; the closest one:` + "\n  " + `Work.Properties.Tags: want an element {"Key":"c"} in [{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]`},
		"absent":             {func(t *cdktest.Template) { t.Has(queue, o{"Tags": cdktest.Absent}) }, ""},
		"absent, but there":  {func(t *cdktest.Template) { t.Each(queue, o{"Delay": cdktest.Absent, "Name": cdktest.Absent}) }, "AWS::SQS::Queue does not match:\n  Dead.Properties.Delay: want nothing here, got 0\n  Dead.Properties.Name: want nothing here, got {\"Fn::Join\":[\"\",[\"dead-\",{\"Ref\":\"X\"}]]}\nAWS::SQS::Queue does not match:\n  Work.Properties.Delay: want nothing here, got 5"},
		"any, but not there": {func(t *cdktest.Template) { t.Has(topic, o{"Name": cdktest.Any}) }, "none of 1 AWS::SNS::Topic matches; the closest one:\n  Topic.Properties.Name: want a match, got nothing"},
		"text":               {func(t *cdktest.Template) { t.Has(queue, o{"Name": cdktest.Text("^{.*dead-.*Ref")}) }, ""},
		"text, other":        {func(t *cdktest.Template) { t.Has(queue, o{"Name": cdktest.Text("live")}) }, `none of 2 AWS::SQS::Queue matches; the closest one:` + "\n  " + `Dead.Properties.Name: want text that matches "live", got {"Fn::Join":["",["dead-",{"Ref":"X"}]]}`},
		"exactly": {func(t *cdktest.Template) {
			t.HasResource(queue, o{"Properties": o{"Tags": cdktest.Any, "Delay": cdktest.Exactly(5)}})
		}, ""},
		"exactly, too much":    {func(t *cdktest.Template) { t.Has(queue, o{"Name": cdktest.Exactly(o{})}) }, `none of 2 AWS::SQS::Queue matches; the closest one:` + "\n  " + `Dead.Properties.Name: want exactly {}, got {"Fn::Join":["",["dead-",{"Ref":"X"}]]}`},
		"resource":             {func(t *cdktest.Template) { t.HasResource(queue, o{"DeletionPolicy": "Retain"}) }, ""},
		"resource, other":      {func(t *cdktest.Template) { t.HasResource(queue, o{"DeletionPolicy": "Delete"}) }, "none of 2 AWS::SQS::Queue matches; the closest one:\n  Dead.DeletionPolicy: want \"Delete\", got nothing"},
		"has not":              {func(t *cdktest.Template) { t.HasNot(queue, o{"Delay": 7}) }, ""},
		"has not, but there":   {func(t *cdktest.Template) { t.HasNot(queue, o{"Delay": 0}) }, "AWS::SQS::Queue Dead matches what must not be there"},
		"count":                {func(t *cdktest.Template) { t.Count(queue, 2) }, ""},
		"count, other":         {func(t *cdktest.Template) { t.Count(queue, 1) }, "want 1 AWS::SQS::Queue, got 2\n  Dead\n  Work"},
		"each":                 {func(t *cdktest.Template) { t.Each(queue, o{"Delay": cdktest.Any}) }, ""},
		"each, one differs":    {func(t *cdktest.Template) { t.Each(queue, o{"Delay": 5}) }, "AWS::SQS::Queue does not match:\n  Dead.Properties.Delay: want 5, got 0"},
		"each of none":         {func(t *cdktest.Template) { t.Each("AWS::SQS::Q", nil) }, "no AWS::SQS::Q in the template; it has:\n  1 AWS::SNS::Topic\n  2 AWS::SQS::Queue"},
		"output":               {func(t *cdktest.Template) { t.Output("Url") }, ""},
		"output, by its start": {func(t *cdktest.Template) { t.Output("Name") }, ""},
		"output, no such":      {func(t *cdktest.Template) { t.Output("Port") }, "want one output Port, got 0 of 2 outputs"},
	} {
		t.Run(name, func(t *testing.T) {
			tpl, r := read(t)
			c.do(tpl)
			assert.Equal(t, c.want, strings.Join(r.failures, "\n"))
		})
	}
}

func TestFor_ReportsToTheOtherTest(t *testing.T) {
	tpl, r := read(t)
	other := &recorder{TB: t}
	tpl.For(other).Count("AWS::SNS::Topic", 3)
	assert.Empty(t, r.failures)
	assert.Len(t, other.failures, 1)
}

func TestRead_FileThatIsNotThere(t *testing.T) {
	r := &recorder{TB: t}
	assert.Panics(t, func() { cdktest.Read(r, "nowhere.json") })
	assert.Equal(t, []string{"cdktest: open nowhere.json: no such file or directory"}, r.failures)
}

func TestSynthApp_ReadsEachStackOnce(t *testing.T) {
	app := cdktest.App(t, map[string]any{"colour": "blue"})
	assert.Equal(t, "blue", app.Node().TryGetContext(jsii.String("colour")))
	for _, name := range []string{"One", "Two"} {
		awssqs.NewQueue(cdktest.StackIn(app, name), jsii.String("Queue"), nil)
	}
	templates := cdktest.SynthApp(t, app)
	require.Len(t, templates, 2)
	templates["Two"].Count("AWS::SQS::Queue", 1)
	assert.NotContains(t, templates["Two"].Body, "Rules")
	assert.NotContains(t, string(templates["Two"].JSON), "CDKMetadata")
}

func TestStack_HasAFixedEnvironment(t *testing.T) {
	stack := cdktest.Stack(t)
	assert.Equal(t, "111111111111 us-east-1", *stack.Account()+" "+*stack.Region())
}

func TestSnapshot_MasksHashes(t *testing.T) {
	one, other := strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	path := filepath.Join(t.TempDir(), "t.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"a":"`+one+`.zip","b":"`+other+`","c":"`+one+`:111111111111-us-east-1-0123abcd"}`), 0o600))
	cdktest.Read(t, path).Snapshot("masked")
	text, err := os.ReadFile("testdata/masked_1.snap.json")
	require.NoError(t, err)
	assert.Equal(t, `{ "a": "ASSET_HASH_1.zip", "b": "ASSET_HASH_2", "c": "ASSET_HASH_1:111111111111-us-east-1-DESTINATION" }`, regexp.MustCompile(`\s+`).ReplaceAllString(strings.TrimSpace(string(text)), " "))
}

// Snapshots of tests that flags leave out are no obsolete ones; in a whole run they are.
func TestMain_SparesSnapshotsOfTestsThatDoNotRun(t *testing.T) {
	if os.Getenv("STRAY") != "" {
		return // this is the run that the test looks at, which would look at another one
	}
	const stray = "testdata/stray_1.snap.json"
	t.Cleanup(func() { os.Remove(stray) })
	for _, c := range []struct {
		flag     string
		obsolete bool
	}{
		{"-test.run=TestSnapshot", false},
		{"-test.skip=TestMain_|TestNag", false},
		{"-test.count=1", true},
	} {
		require.NoError(t, os.WriteFile(stray, []byte("{}"), 0o600))
		cmd := exec.Command(os.Args[0], c.flag)
		cmd.Env = append(os.Environ(), "UPDATE_SNAPS=true", "STRAY=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Equal(t, c.obsolete, strings.Contains(string(out), filepath.Base(stray)), "%s\n%s", c.flag, out)
		if !c.obsolete {
			assert.FileExists(t, stray)
		}
	}
}

func TestNag(t *testing.T) {
	stack := cdktest.Stack(t)
	awssqs.NewQueue(stack, jsii.String("Open"), nil)
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, suppressed)
	require.NotEmpty(t, findings)
	assert.Equal(t, "Non-Compliant AwsSolutions-SQS3 Test/Open/Resource: The SQS queue is not used as a dead-letter queue (DLQ) and does not have a DLQ enabled.", findings[0].String())

	stack = cdktest.Stack(t)
	queue := awssqs.NewQueue(stack, jsii.String("Known"), &awssqs.QueueProps{EnforceSSL: jsii.Bool(true)})
	queue.Node().DefaultChild().(awscdk.CfnResource).AddMetadata(jsii.String("cdk_nag"), map[string]any{
		"rules_to_suppress": []any{map[string]any{"id": "AwsSolutions-SQS3", "reason": "It is a dead-letter queue."}},
	})
	findings, suppressed = cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	require.Len(t, suppressed, 1)
	assert.Equal(t, "AwsSolutions-SQS3 Test/Known/Resource (suppressed: It is a dead-letter queue.)", suppressed[0].String())
}

func TestPanic(t *testing.T) {
	failure := errors.New("no")
	assert.Equal(t, failure, cdktest.Panic(func() { panic(failure) }))
	assert.EqualError(t, cdktest.Panic(func() { panic("text") }), "text")
	assert.NoError(t, cdktest.Panic(func() {}))
}

type props struct{ Size int }

func (p *props) Validate() error {
	c := check.For("props")
	check.Range(c, "Size", p.Size, 1, 3)
	return c.Err()
}

func TestValidateTable(t *testing.T) {
	cdktest.ValidateTable(t, func() props { return props{Size: 1} }, []cdktest.Case[props]{
		{Name: "valid", Edit: func(p *props) { p.Size = 3 }},
		{Name: "too large", Edit: func(p *props) { p.Size = 4 }, Want: []string{"Size: must be between 1 and 3, got 4"}},
	})
}

// failing makes TestValidateTable_Fails fail, in a process of its own.
const failing = "CDKTEST_FAILING"

func TestValidateTable_Fails(t *testing.T) {
	if os.Getenv(failing) != "" {
		cdktest.ValidateTable(t, func() props { return props{Size: 1} }, []cdktest.Case[props]{
			{Name: "wrong", Edit: func(p *props) { p.Size = 0 }, Want: []string{"Size: must be large"}},
		})
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestValidateTable_Fails$")
	cmd.Env = append(os.Environ(), failing+"=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	assert.Regexp(t, `want the problems\n\s+Size: must be large\n\s+got\n\s+Size: must be between 1 and 3, got 0\n`, string(out))
}
