package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

// The pictures in docs are those of the templates of the app, and of a Monitor, as they are.
func TestPictures(t *testing.T) {
	out := t.TempDir()
	require.NoError(t, run(io.Discard, out, append(glob(t, "testdata/dev_*_1.snap.json"), glob(t, "constructs/testdata/monitoring/defaults_1.snap.json")...)))
	drawn, err := os.ReadDir(out)
	require.NoError(t, err)
	var names []string
	for _, f := range drawn {
		names = append(names, f.Name())
		want, err := os.ReadFile(filepath.Join(out, f.Name()))
		require.NoError(t, err)
		kept, err := os.ReadFile(filepath.Join(root, "docs", "dashboards", f.Name()))
		require.NoError(t, err, "make dashboards")
		assert.True(t, bytes.Equal(want, kept), "%s is not what the templates give: make dashboards", f.Name())
	}
	kept, err := os.ReadDir(filepath.Join(root, "docs", "dashboards"))
	require.NoError(t, err)
	var committed []string
	for _, f := range kept {
		committed = append(committed, f.Name())
	}
	assert.Equal(t, names, committed)
	assert.Contains(t, names, "dev_api_apidashboard.svg")
	assert.Contains(t, names, "monitoring_defaults_monitordashboard.svg")
}

// Every dashboard of every pattern and stage is without problems.
func TestNoProblemsInSnapshots(t *testing.T) {
	var log bytes.Buffer
	all := append(glob(t, "testdata/*.snap.json"), glob(t, "constructs/testdata/*/*.snap.json")...)
	require.NoError(t, run(&log, t.TempDir(), all), log.String())
	assert.Contains(t, log.String(), " dashboards drawn in ")
}

// parse gives the dashboard with a body.
func parse(t *testing.T, body string) board {
	t.Helper()
	boards, err := read(write(t, "api_1.snap.json", `{"Resources": {"BoardA1B2C3D4": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": `+body+`}},
		"AlarmsLatency0123ABCD": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": {"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, "slow"]]}}},
		"AlarmsErrors0123ABCD": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmName": "all-errors"}}}}`))
	require.NoError(t, err)
	require.Len(t, boards, 1)
	return boards[0]
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// literal is a text as JSON.
func literal(widgets string) string {
	return `"{\"widgets\":[` + strings.ReplaceAll(widgets, `"`, `\"`) + `]}"`
}

const one = `"type":"metric","properties":{"title":"A","metrics":[["N","M"]]}`

func TestProblems(t *testing.T) {
	metrics := func(list string) string {
		return `{"type":"metric","width":24,"properties":{"title":"G","metrics":[` + list + `]}}`
	}
	for _, c := range []struct {
		name, widgets string
		want          []string
	}{
		{"fine", `{` + one + `,"width":12,"x":0,"y":0},{` + one + `,"width":6,"x":12,"y":0},{` + one + `,"width":24,"y":6}`, nil},
		{"nothing", ``, []string{"it has no widgets"}},
		{"overlap", `{` + one + `,"x":0,"y":0},{` + one + `,"x":5,"y":5}`, []string{"widget 2 (A): it overlaps widget 1 (A)",
			"row 6 has a hole at column 0", "row 7 has a hole at column 0", "row 8 has a hole at column 0", "row 9 has a hole at column 0", "row 10 has a hole at column 0"}},
		{"side by side", `{` + one + `,"x":0,"y":0},{` + one + `,"x":6,"y":0}`, nil},
		{"too wide", `{` + one + `,"x":20,"y":0},{` + one + `,"width":20}`, []string{"widget 1 (A): it is 6 by 6 at 20, 0, which is not within 24 columns"}},
		{"just not too wide", `{` + one + `,"x":0,"width":24}`, nil},
		{"negative", `{` + one + `,"x":0,"width":6},{` + one + `,"y":-1,"height":1,"x":0}`, []string{"widget 2 (A): it is 6 by 1 at 0, -1, which is not within 24 columns"}},
		{"no height", `{` + one + `,"width":6},{` + one + `,"height":0}`, []string{"widget 2 (A): it is 6 by 0 at 0, 0, which is not within 24 columns"}},
		{"empty row", `{` + one + `,"height":1},{` + one + `,"y":2}`, []string{"row 1 is empty"}},
		{"hole", `{` + one + `,"height":1},{` + one + `,"x":7,"height":1}`, []string{"row 0 has a hole at column 6"}},
		{"ragged", `{` + one + `,"height":2},{` + one + `,"x":6,"height":1}`, nil},
		{"empty widgets", `{"type":"metric","width":24,"height":1,"properties":{}},{"type":"alarm","y":1,"height":1,"width":24,"properties":{"title":"Al"}},` +
			`{"type":"text","y":2,"height":1,"properties":{"markdown":" "}},{"type":"log","x":6,"y":2,"height":1,"properties":{"title":"L"}}`, []string{
			"widget 1 (): it shows no metric and no alarm", "widget 1 (): it has no title", "widget 2 (Al): it shows no alarm",
			"widget 3 (): it has no text", "widget 4 (L): it has no query",
		}},
		{"alarm graph", `{"type":"metric","properties":{"title":"A","annotations":{"alarms":["a"]}}}`, nil},
		{"expressions", metrics(`[{"expression":"m1/2","id":"e"}],[{"expression":"m1/3","label":"Third"}],["N","M",{"visible":false,"id":"m1"}]`),
			[]string{"widget 1 (G): the expression m1/2 has no label"}},
		{"all hidden", metrics(`["N","M",{"visible":false}]`), []string{"widget 1 (G): it shows no metric and no alarm"}},
		{"told apart", metrics(`["N","M","D","1"],["N","M","D","2"],["N","M","D","1",{"stat":"p99"}]`), nil},
		{"alike", metrics(`["N","M","D","1"],["N","M","D","1",{"period":60}]`), []string{"widget 1 (G): two metrics are called M"}},
		{"same label", metrics(`["N","M",{"label":"X"}],["N","O",{"label":"X"}]`), []string{"widget 1 (G): two metrics are called X"}},
		{"unreadable", metrics(`{"a":1},["N"],["N","M","D"],["N","M",{"label":1}]`), []string{
			"widget 1 (G): metric 1 is no list", "widget 1 (G): metric 2 needs a namespace, a name and pairs of dimensions",
			"widget 1 (G): metric 3 needs a namespace, a name and pairs of dimensions",
			"widget 1 (G): metric 4: json: cannot unmarshal number into Go struct field options.Label of type string",
		}},
		{"annotation", `{"type":"metric","properties":{"title":"A","metrics":[["N","M"]],"annotations":{"horizontal":["x"]}}}`,
			[]string{"widget 1 (A): annotation 1: json: cannot unmarshal string into Go value of type main.line"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := parse(t, literal(c.widgets))
			assert.Equal(t, c.want, b.problems())
		})
	}
}

func TestSeries(t *testing.T) {
	b := parse(t, literal(`{"properties":{"metrics":[["N","M","A","1","B","2"],["...","3",{"stat":"Sum"}],[".","O",".","1",".","2"],[{"expression":"e"}],["N","P",{"label":"given","yAxis":"right"}]]}}`))
	shown, problems := b.Widgets[0].series()
	require.Empty(t, problems)
	var labels []string
	for _, s := range shown {
		labels = append(labels, s.Label)
	}
	assert.Equal(t, []string{"M Average 1 2", "M Sum 1 3", "O Average 1 2", "e", "given"}, labels)
	assert.True(t, shown[4].Right)
	assert.False(t, shown[0].Right)
}

// What only the deployment knows is shown by its logical name.
func TestResolve(t *testing.T) {
	for _, c := range []struct{ value, want string }{
		{`{"Fn::Join": ["", ["a-", {"Ref": "TopicA1B2C3D4"}, "-", {"Fn::GetAtt": ["Fn0A1B2C3D", "Arn"]}]]}`, "a-Topic-Fn.Arn"},
		{`{"Fn::Join": ["/", {"Ref": "List"}]}`, "List"},
		{`{"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "Listener"}]}]}`, "Listener[2]"},
		{`{"Fn::Sub": "${AWS::Region}/${Fn0A1B2C3D.Arn}/${Fn0A1B2C3D}/${!Literal}"}`, "AWS::Region/Fn.Arn/Fn/${Literal}"},
		{`{"Fn::Sub": ["${A}${B}", {"A": {"Ref": "X"}}]}`, "XB"},
		{`{"Fn::ImportValue": "x"}`, "ImportValue"},
		{`{"Fn::GetStackOutput": {"StackName": "Api", "OutputName": "PublishOutputFnGetAttAlarmsLatency9229192AArn4821E2A3"}}`, "Api.AlarmsLatency"},
		{`{"Fn::GetStackOutput": {"StackName": "Api", "OutputName": "Url"}}`, "Api.Url"},
	} {
		b := parse(t, `{"Fn::Join": ["", ["{\"widgets\":[{\"type\":\"text\",\"properties\":{\"markdown\":\"", `+c.value+`, "\"}}]}"]]}`)
		assert.Equal(t, c.want, b.Widgets[0].Properties.Markdown)
	}
}

func TestDraw(t *testing.T) {
	alarms := strings.Repeat(`"AlarmsErrors.Arn",`, 30) + `"AlarmsLatency.Arn"`
	b := parse(t, literal(strings.Join([]string{
		`{"type":"alarm","width":12,"height":2,"properties":{"title":"Alarms <&>","alarms":["arn:aws:cloudwatch:x:1:alarm:byname","AlarmsLatency.Arn"]}}`,
		`{"type":"alarm","x":12,"width":12,"height":2,"properties":{"title":"Many","alarms":[` + alarms + `]}}`,
		`{"type":"text","y":2,"width":24,"height":2,"properties":{"markdown":"# Service [Orders](https://x)\\n**plain**"}}`,
		`{"type":"metric","y":4,"width":12,"properties":{"title":"Limits","metrics":[["N","M",{"label":"left"}],["N","O",{"yAxis":"right"}]],"annotations":{"horizontal":[{"label":"High","value":80},{"label":"above 7","value":7},[{"value":5},{"value":2.5}]]}}}`,
		`{"type":"metric","x":12,"y":4,"width":6,"properties":{"view":"singleValue","title":"Now","metrics":[["N","Age"]]}}`,
		`{"type":"metric","x":18,"y":4,"properties":{"view":"bar","title":"Bars","metrics":[["N","B"]]}}`,
		`{"type":"log","y":10,"width":12,"properties":{"title":"Logs","query":"fields @message"}}`,
		`{"type":"explorer","x":12,"y":10,"width":12,"properties":{"title":"Ex"}}`,
		`{"type":"metric","y":16,"properties":{"title":"Alarm","annotations":{"alarms":["AlarmsErrors.Arn"]}}}`,
	}, ",")))
	var svg, again bytes.Buffer
	require.NoError(t, b.draw(&svg))
	require.NoError(t, b.draw(&again))
	assert.Equal(t, svg.String(), again.String())

	texts, dashed := map[string]int{}, 0
	d := xml.NewDecoder(&svg)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch x := token.(type) {
		case xml.CharData:
			texts[string(x)]++
		case xml.StartElement:
			for _, a := range x.Attr {
				if a.Name.Local == "stroke-dasharray" {
					dashed++
				}
			}
		}
	}
	for _, want := range []string{"Alarms <&>", "byname", "AWS::StackName-slow", "and 28 more", "Service Orders", "plain", "left", "O", "High 80", "above 7", "5", "2.5",
		"Age", "B", "fields @message", "(explorer)", "all-errors", "Board"} {
		assert.Contains(t, texts, want)
	}
	assert.Equal(t, 4, dashed)
	assert.Equal(t, "api_board.svg", b.File)
}

func TestFit(t *testing.T) {
	assert.Equal(t, "abc", fit("abc", 100, 11))
	assert.Equal(t, "abcd…lmnopqrst", fit("abcdefghijklmnopqrst", 100, 11))
	assert.Equal(t, "…", fit("abc", 0, 11))
}

func TestRun(t *testing.T) {
	require.EqualError(t, run(io.Discard, t.TempDir(), nil), "usage: go run ./internal/dashboards [--out FOLDER] TEMPLATE...")
	require.ErrorContains(t, run(io.Discard, t.TempDir(), []string{"missing.json"}), "missing.json")
	bad := write(t, "bad.template.json", `{"Resources":{"B":{"Type":"AWS::CloudWatch::Dashboard","Properties":{"DashboardBody":"{"}}}}`)
	require.EqualError(t, run(io.Discard, t.TempDir(), []string{bad}), bad+": the body of dashboard B: unexpected end of JSON input")
	no := write(t, "no.template.json", `{`)
	require.EqualError(t, run(io.Discard, t.TempDir(), []string{no}), no+": unexpected end of JSON input")

	var log bytes.Buffer
	out := t.TempDir()
	wide := write(t, "Api.nested.template.json", `{"Resources":{"B":{"Type":"AWS::CloudWatch::Dashboard","Properties":{"DashboardBody":`+literal(`{`+one+`,"width":25}`)+`}}}}`)
	require.EqualError(t, run(&log, out, []string{wide}), "1 problems in 1 dashboards")
	assert.Equal(t, wide+": B: widget 1 (A): it is 25 by 6 at 0, 0, which is not within 24 columns\n", log.String())
	assert.FileExists(t, filepath.Join(out, "Api_b.svg"), "drawn all the same")
}
