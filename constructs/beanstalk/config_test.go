package beanstalk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/check"
)

// fullConfig uses each section and each field.
func fullConfig() *Config {
	return &Config{
		Options: []Option{
			{Namespace: "aws:autoscaling:asg", Name: "MinSize", Value: "2"},
			{Namespace: "aws:autoscaling:scheduledaction", Name: "MaxSize", Value: "8", ResourceName: "morning"},
			{Namespace: environmentNamespace, Name: "EMPTY"},
			{Namespace: environmentNamespace, Name: "YES", Value: "yes"},
		},
		Packages: map[string]map[string][]string{"yum": {"jq": nil, "git": {"2.40"}}, "rpm": {"epel": {"https://example.com/epel.rpm"}}},
		Groups:   map[string]string{"app": "", "ops": "450"},
		Users:    map[string]ConfigUser{"app": {UID: "1500", Groups: []string{"app", "ops"}, Home: "/srv/app"}, "bare": {}},
		Sources:  map[string]string{"/opt/tool": "https://example.com/tool.tar.gz"},
		Files: map[string]ConfigFile{
			"/etc/motd":     {Mode: "000644", Owner: "root", Group: "root", Content: "hi\n  there: \"x\"\n"},
			"/opt/x":        {Mode: "000755", Source: "https://example.com/x", Authentication: "S3Auth"},
			"/etc/data":     {Content: "aGk=", Encoding: "base64"},
			`C:\app\x.conf`: {Content: "x"},
		},
		Commands: map[string]ConfigCommand{
			"01_swap": {Command: "fallocate -l 1G /swap", Dir: "/tmp", Env: map[string]string{"A": "1"}, Test: "[ ! -e /swap ]", IgnoreErrors: true},
			"02_args": {Args: []string{"echo", "a b"}},
		},
		Services:          map[string]map[string]ConfigService{"systemd": {"nginx": {Enabled: new(true), EnsureRunning: new(false), Files: []string{"/etc/motd"}, Sources: []string{"/opt/tool"}, Commands: []string{"01_swap"}, Packages: map[string][]string{"yum": {"jq"}}}}},
		ContainerCommands: map[string]ConfigCommand{"01_migrate": {Command: "bin/migrate", LeaderOnly: true}},
		Resources: map[string]any{
			"AWSEBAutoScalingGroup": map[string]any{"Metadata": map[string]any{"a": "b"}},
			"Topic":                 map[string]any{"Type": "AWS::SNS::Topic", "Properties": map[string]any{"DisplayName": "x"}},
		},
	}
}

func problemsOf(r *yamlReader) []string {
	var out []string
	for _, p := range r.problems {
		out = append(out, p.at("f"))
	}
	return out
}

func warningsOf(r *yamlReader) []string {
	var out []string
	for _, p := range r.warnings {
		out = append(out, p.at("f"))
	}
	return out
}

func TestConfig_IsWrittenAndReadBack(t *testing.T) {
	data, err := fullConfig().encode()
	require.NoError(t, err)
	golden, err := os.ReadFile(filepath.Join("testdata", "full.config"))
	if os.Getenv("UPDATE_SNAPS") == "true" {
		require.NoError(t, os.WriteFile(filepath.Join("testdata", "full.config"), data, 0o644))
	} else {
		require.NoError(t, err)
		assert.Equal(t, string(golden), string(data))
	}
	for range 5 {
		again, err := fullConfig().encode()
		require.NoError(t, err)
		assert.Equal(t, string(data), string(again))
	}
	read, r := readConfig(data)
	assert.Empty(t, problemsOf(r))
	assert.Empty(t, warningsOf(r))
	assert.Equal(t, fullConfig(), read)
}

func TestConfig_IsTextInUTF8(t *testing.T) {
	for content, good := range map[string]bool{"\xff": false, "a\xff": false, `\` + "\xff": false, `\ufffd`: true, `\\ufffd`: true, "\ufffd": true, "\n leads, <&> \u2028": true} {
		f := &Config{Files: map[string]ConfigFile{"/x": {Content: content}}}
		data, err := f.encode()
		if !good {
			assert.EqualError(t, err, "must be text in UTF-8; a file can have other content with the encoding base64", "%q", content)
			continue
		}
		require.NoError(t, err)
		read, r := readConfig(data)
		assert.Empty(t, problemsOf(r))
		assert.Equal(t, f.Files, read.Files, "%q", content)
	}
	_, err := (&Config{Packages: map[string]map[string][]string{}}).encode()
	assert.EqualError(t, err, "is empty")
}

func TestConfig_Check(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*Config)
		want []string
	}{
		"good":   {func(*Config) {}, nil},
		"option": {func(f *Config) { f.Options[0].Value = "0" }, []string{"Options[0].Value: must be a whole number between 1 and 10000, got 0"}},
		"option twice": {func(f *Config) { f.Options = append(f.Options, f.Options[0]) },
			[]string{"Options[4]: sets aws:autoscaling:asg MinSize, which Options[0] sets as well"}},
		"not UTF-8": {func(f *Config) { f.Options[2].Value = "\xff" }, []string{"Options[2]: must be text in UTF-8"}},
		"packages": {func(f *Config) {
			f.Packages["brew"] = map[string][]string{" ": nil}
			f.Packages["rpm"]["epel"] = []string{"epel.rpm"}
		}, []string{`Packages["brew"]: must be one of apt, dnf, msi, python, rpm, rubygems, yum, zypper, got brew`, `Packages["brew"][" "]: needs a name`,
			`Packages["rpm"]["epel"]: must be one URL or absolute path, as all packages of rpm`}},
		"groups": {func(f *Config) { f.Groups["ops"] = "x"; f.Groups[""] = "" }, []string{`Groups[""]: needs a name`, `Groups["ops"]: must be a group id or empty, got x`}},
		"users": {func(f *Config) {
			f.Users["app"] = ConfigUser{UID: "x", Home: "srv", Groups: []string{""}}
			f.Users[""] = ConfigUser{}
		},
			[]string{`Users[""]: needs a name`, `Users["app"].UID: must be digits, got x`, `Users["app"].Home: must be an absolute path, got srv`, `Users["app"].Groups: must not hold an empty name`}},
		"sources": {func(f *Config) {
			f.Sources["opt"] = "s3://x"
			f.Sources["/x"] = "`{\"Ref\": \"Url\"}`"
			f.Sources["/y"] = ""
		},
			[]string{`Sources["/y"]: must be an http or https URL, got an empty one`, `Sources["opt"]: must be below an absolute path`, `Sources["opt"]: must be an http or https URL, got s3://x`}},
		"files": {func(f *Config) {
			f.Files["etc"] = ConfigFile{Mode: "0755", Content: "x", Source: "file:///x", Encoding: "gzip"}
			f.Files["/a"] = ConfigFile{Authentication: "S3Auth"}
		}, []string{`Files["/a"].Authentication: needs Source`, `Files["etc"]: must be at an absolute path`, `Files["etc"].Mode: must be six octal digits, such as "000644", got 0755`,
			`Files["etc"]: must have Content or Source, not both`, `Files["etc"].Source: must be an http or https URL, got file:///x`, `Files["etc"].Encoding: must be one of plain, base64, got gzip`}},
		"commands": {func(f *Config) {
			f.Commands[""] = ConfigCommand{Command: "x", LeaderOnly: true}
			f.Commands["both"] = ConfigCommand{Command: "x", Args: []string{"x"}, Env: map[string]string{"A=B": ""}}
			f.ContainerCommands["none"] = ConfigCommand{Command: " "}
		}, []string{`Commands[""]: needs a name`, `Commands[""].LeaderOnly: is for ContainerCommands only`, `Commands["both"]: must have either Command or Args`,
			`Commands["both"].Env["A=B"]: must be named without =`, `ContainerCommands["none"]: must have either Command or Args`}},
		"services": {func(f *Config) {
			f.Services["upstart"] = map[string]ConfigService{"": {Packages: map[string][]string{"brew": {"x"}}}}
		}, []string{`Services["upstart"]: must be one of sysvinit, systemd, windows, got upstart`, `Services["upstart"][""]: needs a name`,
			`Services["upstart"][""].Packages["brew"]: must be one of apt, dnf, msi, python, rpm, rubygems, yum, zypper, got brew`}},
		"resources": {func(f *Config) {
			f.Resources = map[string]any{"Bad-Id": map[string]any{"Type": "AWS::SNS::Topic"}, "A": "x", "B": map[string]any{}, "C": map[string]any{"Type": "Topic"}, "D": map[string]any{"Type": func() {}}}
		}, []string{`Resources["A"]: must be a map with Type and Properties`, `Resources["B"]: needs a Type: only the resources of Elastic Beanstalk (AWSEB...) go without`,
			`Resources["Bad-Id"]: must be named with letters and digits`, `Resources["C"].Type: must be a type of CloudFormation, such as AWS::SQS::Queue, got Topic`,
			`Resources["D"]: cannot be written: json: unsupported type: func()`}},
	} {
		t.Run(name, func(t *testing.T) {
			f := fullConfig()
			c.edit(f)
			list := check.For("")
			f.check(list)
			assert.Equal(t, c.want, lines(list.Err()))
		})
	}
}

func TestReadConfig_ReportsFileAndLine(t *testing.T) {
	for name, c := range map[string]struct {
		data           string
		want, warnings []string
	}{
		"empty":         {"", []string{"f: is empty"}, nil},
		"comments":      {"# nothing\n", []string{"f: is empty"}, nil},
		"scalar":        {"hello", []string{"f:1: must be a map of sections"}, nil},
		"list":          {"- a\n", []string{"f:1: must be a map of sections"}, nil},
		"not text":      {"option_settings: \xff", []string{"f: is not text in UTF-8"}, nil},
		"tab":           {"option_settings:\n\taws:autoscaling:asg:\n\t\tMinSize: 1\n", []string{"f:2: has a tab in its indentation: YAML takes spaces only"}, nil},
		"broken":        {"files:\n  \"/a\": {mode: \"000644\"\n", []string{"f:2: is not YAML: did not find expected ',' or '}'"}, nil},
		"no key":        {"groups:\n  a: {}\n b: {}\n", []string{"f:3: is not YAML: did not find expected key"}, nil},
		"scanner":       {"groups:\n  a: b: c\n", []string{"f:2: is not YAML: mapping values are not allowed in this context"}, nil},
		"first line":    {"a: b: c\n", []string{"f:1: is not YAML: mapping values are not allowed in this context"}, nil},
		"two documents": {"groups:\n  a: {}\n---\nusers:\n  a: {}\n", []string{"f:3: has more than one document"}, nil},
		"section twice": {"groups:\n  a: {}\nusers:\n  a: {}\ngroups:\n  b: {}\n", []string{"f:5: has the key groups a second time (first on line 1): one of the two would be dropped"}, nil},
		"key twice":     {"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 1\n    MinSize: 2\n", []string{"f:4: has the key MinSize a second time (first on line 3): one of the two would be dropped"}, nil},
		"unknown":       {"option_setting:\n  a: b\nzzz: 1\n", []string{"f:1: has the unknown key option_setting; did you mean option_settings?", "f:3: has the unknown key zzz"}, nil},
		"map of options": {"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 0\n    MaxSise: 3\n  aws:nope:\n    A: 1\n",
			[]string{"f:3: Options[0].Value: must be a whole number between 1 and 10000, got 0", "f:4: Options[1].Name: is not an option of aws:autoscaling:asg: MaxSise; did you mean MaxSize?",
				"f:5: Options[2].Namespace: is not one that Elastic Beanstalk documents: aws:nope"}, nil},
		"list of options": {"option_settings:\n  - namespace: aws:autoscaling:asg\n    option_name: MinSize\n    value: many\n  - option_name: HOME\n    value: /x\n  - namespace: aws:autoscaling:scheduledaction\n    option_name: MinSize\n    resource: up\n    value: 1\n",
			[]string{"f:9: has the unknown key resource of Options[2]", "f:4: Options[0].Value: must be a whole number between 1 and 10000, got many",
				"f:7: Options[2].ResourceName: is required in aws:autoscaling:scheduledaction: it names the action"}, nil},
		"option twice in a list": {"option_settings:\n  - option_name: A\n    value: 1\n  - option_name: A\n    value: 2\n",
			[]string{"f:4: Options[1]: sets aws:elasticbeanstalk:application:environment A, which Options[0] sets as well"}, nil},
		"kinds": {"option_settings:\n  aws:autoscaling:asg:\n    MinSize: [1]\n  aws:elasticbeanstalk:xray: true\npackages: 1\ncommands:\n  a: echo\n",
			[]string{"f:3: Options[0].Value must be a text", "f:4: option_settings of aws:elasticbeanstalk:xray must be a map", "f:5: Packages must be a map", `f:7: Commands["a"] must be a map`,
				"f:3: Options[0].Value: must be a whole number between 1 and 10000, got an empty one", `f:7: Commands["a"]: must have either Command or Args`}, nil},
		"true and null": {"option_settings:\n  aws:elasticbeanstalk:xray:\n    XRayEnabled: True\n  aws:elasticbeanstalk:application:environment:\n    EMPTY:\n", nil, nil},
		"file":          {"files:\n  /etc/x:\n    mode: 000755\n    contents: a\n    content: b\n    context: c\n", []string{`f:4: has the unknown key contents of Files["/etc/x"]; did you mean content?`}, []string{`f:3: Files["/etc/x"].Mode must be quoted: without quotes it is a number`}},
		"file fields":   {"files:\n  /etc/x:\n    owner: a\n    mode: \"7\"\n", []string{`f:4: Files["/etc/x"].Mode: must be six octal digits, such as "000644", got 7`}, nil},
		"command":       {"container_commands:\n  a:\n    command: x\n    leader_only: sometimes\n    ignoreErrors: false\n", []string{`f:4: ContainerCommands["a"].LeaderOnly must be true or false, got sometimes`}, nil},
		"resource":      {"Resources:\n  A:\n    Properties: {}\n  B: !Ref x\n", []string{`f:2: Resources["A"]: needs a Type: only the resources of Elastic Beanstalk (AWSEB...) go without`, `f:4: Resources["B"]: must be a map with Type and Properties`}, nil},
		"stateful": {"Resources:\n  Data:\n    Type: AWS::DynamoDB::Table\n  Kept:\n    Type: AWS::S3::Bucket\n    DeletionPolicy: Retain\n  Snap:\n    Type: AWS::RDS::DBInstance\n    DeletionPolicy: Snapshot\n  Gone:\n    Type: AWS::RDS::DBInstance\n    DeletionPolicy: Delete\n",
			nil, []string{"f:2: Data (AWS::DynamoDB::Table) is deleted with the environment, and its data with it: set a DeletionPolicy or define it outside",
				"f:10: Gone (AWS::RDS::DBInstance) is deleted with the environment, and its data with it: set a DeletionPolicy or define it outside"}},
		"anchors":               {"commands:\n  a: &a\n    command: x\n  b:\n    <<: *a\n    cwd: /tmp\n  c: *a\n", nil, nil},
		"endless merge":         {"commands:\n  a: &a\n    <<: *a\n    command: x\n", []string{`f:2: Commands["a"] merges itself`}, nil},
		"list merged twice":     {"commands:\n  a: &a {command: x}\n  b: {env: &e {A: 1}, command: x}\n  c:\n    command: x\n    env: {<<: &l [*e, *e]}\n  d: {command: x, env: {<<: [*l, *l]}}\n", nil, nil},
		"number in JSON":        {`{"files": {"/x": {"mode": 100644}}}`, nil, []string{`f:1: Files["/x"].Mode must be quoted: without quotes it is a number`}},
		"merge of nothing":      {"commands:\n  a: {<<: [~], command: x}\n", []string{`f:2: Commands["a"] must be a map`}, nil},
		"binary":                {"option_settings:\n  - option_name: A\n    value: !!binary aGk=\n", []string{"f:3: Options[0].Value must be text in UTF-8"}, nil},
		"not what its tag says": {"Resources:\n  A: !!int x\n", []string{"f:2: Resources[\"A\"] cannot be read: yaml: cannot decode !!str `x` as a !!int"}, nil},
		"key of a list":         {"groups:\n  [a]: {}\n", []string{"f:2: has a key that is not a text"}, nil},
		"other sections":        {"Outputs: {}\nParameters: {}\nMappings: {}\nConditions: {}\n", nil, nil},
		"json":                  {"{\n\t\"option_settings\": {\n\t\t\"aws:autoscaling:asg\": {\"MinSize\": 2}\n\t},\n\t\"commands\": {\"a\": {\"command\": [\"x\", \"y\"], \"ignoreErrors\": true, \"cwd\": null}}\n}\n", nil, nil},
		"json value":            {"{\n\t\"option_settings\": {\n\t\t\"aws:autoscaling:asg\": {\n\t\t\t\"MinSize\": 0.5\n}}}", []string{"f:4: Options[0].Value: must be a whole number between 1 and 10000, got 0.5"}, nil},
		"json twice":            {"{\n\"groups\": {},\n\"groups\": {}\n}", []string{"f:3: has the key groups a second time (first on line 2): one of the two would be dropped"}, nil},
		"json broken":           {"{\n\"groups\": {\n  \"a\": ]}\n}", []string{"f:3: is not JSON: invalid character ']' looking for beginning of value"}, nil},
		"json cut":              {"{\n\"groups\": {", []string{"f:2: is not JSON: the end is missing"}, nil},
		"json and more":         {"{\"groups\": {}}\n}", []string{"f:2: is not JSON: there is more after the closing brace"}, nil},
		"flow of YAML":          {"{groups: {a: {}}}", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, r := readConfig([]byte(c.data))
			assert.Equal(t, c.want, problemsOf(r))
			assert.Equal(t, c.warnings, warningsOf(r))
		})
	}
}

func TestReadConfig_Values(t *testing.T) {
	f, r := readConfig([]byte("commands:\n  a: &a\n    command: x\n    cwd: /\n  b:\n    <<: *a\n    cwd: /tmp\noption_settings:\n  - option_name: A\n    value: True\n  - {option_name: B, value: ~}\n"))
	require.Empty(t, problemsOf(r))
	assert.Equal(t, map[string]ConfigCommand{"a": {Command: "x", Dir: "/"}, "b": {Command: "x", Dir: "/tmp"}}, f.Commands)
	assert.Equal(t, []Option{{Namespace: environmentNamespace, Name: "A", Value: "true"}, {Namespace: environmentNamespace, Name: "B"}}, f.Options)
}

func TestReadConfig_EndsOnAliasesThatExplode(t *testing.T) {
	many := strings.Repeat("*a, ", 200)
	for name, data := range map[string]string{
		"merges of itself": "commands:\n  a: &a\n    <<: [" + many + "*a]\n",
		"merges of merges": "commands:\n  a: &a {command: x}\n  b: &b {<<: [" + many + "]}\n  c: &c {<<: [" + strings.ReplaceAll(many, "a", "b") + "]}\n  d: &d {<<: [" + strings.ReplaceAll(many, "a", "c") + "]}\n  e: {<<: [" + strings.ReplaceAll(many, "a", "d") + "]}\n",
		"lists of lists":   "packages:\n  yum: &p {a: &l [" + strings.Repeat("x, ", 3000) + "]}\n  apt: {" + aliases("l", 100) + "}\n",
	} {
		start := time.Now()
		_, r := readConfig([]byte(data))
		assert.NotEmpty(t, r.problems, name)
		assert.Less(t, time.Since(start), 10*time.Second, name)
		assert.Less(t, len(r.problems), 10, name)
	}
}

// aliases are n entries of a mapping that stand for the anchor.
func aliases(anchor string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: *%s, ", i, anchor)
	}
	return b.String()
}

func TestReadConfig_UndocumentedOptions(t *testing.T) {
	data := []byte("option_settings:\n  aws:new:\n    A: 1\n")
	_, r := readConfig(data)
	assert.Len(t, r.problems, 1)
	_, r = readConfig(data, "aws:new|A")
	assert.Empty(t, r.problems)
}

func FuzzReadConfig(f *testing.F) {
	data, err := fullConfig().encode()
	require.NoError(f, err)
	f.Add(string(data))
	f.Add("{\"option_settings\": [{\"option_name\": \"A\", \"value\": 1e3}], \"Resources\": {\"A\": {\"Type\": \"AWS::S3::Bucket\"}}}")
	f.Add("commands:\n  a: &a\n    <<: [*a, *a]\n  b: *a\n")
	f.Add("\tx")
	f.Add("a: &x [*x]\n---\n? [a]\n: b")
	f.Fuzz(func(t *testing.T, data string) {
		config, r := readConfig([]byte(data))
		for _, p := range append(r.problems, r.warnings...) {
			assert.LessOrEqual(t, p.line, 2+strings.Count(data, "\n")+strings.Count(data, "\r")+strings.Count(data, "\u0085")+strings.Count(data, "\u2028")+strings.Count(data, "\u2029"), p.message)
		}
		if len(r.problems) > 0 {
			return
		}
		// What was read without a problem is written and read back the same, but for the free form of resources.
		config.Resources = nil
		written, err := config.encode()
		if err != nil {
			assert.EqualError(t, err, "is empty")
			return
		}
		again, r := readConfig(written)
		assert.Empty(t, problemsOf(r), "%s", written)
		final, err := again.encode()
		require.NoError(t, err)
		assert.Equal(t, string(written), string(final))
		assert.Equal(t, SortOptions(config.Options), again.Options)
	})
}
