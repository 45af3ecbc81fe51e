package beanstalk

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/sorted"
)

// app is an application of files by name. A name that starts with ! is executable.
type app map[string]string

func (a app) fs() fstest.MapFS {
	m := fstest.MapFS{}
	for name, data := range a {
		mode := fs.FileMode(0o644)
		if rest, ok := strings.CutPrefix(name, "!"); ok {
			name, mode = rest, 0o755
		}
		m[name] = &fstest.MapFile{Data: []byte(data), Mode: mode}
	}
	return m
}

// dir writes the application to a new folder.
func (a app) dir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, f := range sorted.All(a.fs()) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, f.Data, f.Mode))
	}
	return dir
}

// bundled makes the bundle of a with other props.
func (a app) bundled(t *testing.T, edit ...func(*BundleProps)) *Bundle {
	t.Helper()
	p := &BundleProps{FS: a.fs()}
	for _, e := range edit {
		e(p)
	}
	b, err := NewBundle(p)
	require.NoError(t, err)
	return b
}

// listing is each file of the zip with its mode.
func listing(t *testing.T, b *Bundle) []string {
	t.Helper()
	data, err := b.Bytes()
	require.NoError(t, err)
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	var out []string
	for _, f := range r.File {
		out = append(out, fmt.Sprintf("%v %s", f.Mode(), f.Name))
	}
	return out
}

func content(t *testing.T, b *Bundle, name string) string {
	t.Helper()
	data, err := b.Bytes()
	require.NoError(t, err)
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	text, err := fs.ReadFile(r, name)
	require.NoError(t, err)
	return string(text)
}

func TestBundle_HoldsWhatPropsSay(t *testing.T) {
	b := app{"app.py": "x", "!run.sh": "#!/bin/sh\n", "bin/web": "elf", "deep/a/b.txt": "y", ".ebextensions/20_own.config": "groups: {a: {}}\n"}.bundled(t, func(p *BundleProps) {
		p.Configs = map[string]*Config{"10_base": {Options: opts("aws:autoscaling:asg|MinSize=2")}}
		p.Hooks = map[string]string{"predeploy/10_x.sh": "#!/bin/sh\ntrue\n"}
		p.ConfigHooks = map[string]string{"postdeploy/10_y.sh": "#!/bin/sh\nfalse\n"}
		p.Procfile = []Process{{"web", "exec ./bin/web --port $PORT"}, {"mail", " /usr/bin/mail "}}
		p.Tasks = []PeriodicTask{{"night", "/clean", "0 3 * * *"}}
		p.Executable = []string{"deep/**"}
	})
	assert.Equal(t, []string{
		"drwxr-xr-x .ebextensions/",
		"-rw-r--r-- .ebextensions/10_base.config",
		"-rw-r--r-- .ebextensions/20_own.config",
		"drwxr-xr-x .platform/",
		"drwxr-xr-x .platform/confighooks/",
		"drwxr-xr-x .platform/confighooks/postdeploy/",
		"-rwxr-xr-x .platform/confighooks/postdeploy/10_y.sh",
		"drwxr-xr-x .platform/hooks/",
		"drwxr-xr-x .platform/hooks/predeploy/",
		"-rwxr-xr-x .platform/hooks/predeploy/10_x.sh",
		"-rw-r--r-- Procfile",
		"-rw-r--r-- app.py",
		"drwxr-xr-x bin/",
		"-rwxr-xr-x bin/web",
		"-rw-r--r-- cron.yaml",
		"drwxr-xr-x deep/",
		"drwxr-xr-x deep/a/",
		"-rwxr-xr-x deep/a/b.txt",
		"-rwxr-xr-x run.sh",
	}, listing(t, b))
	assert.Equal(t, "web: exec ./bin/web --port $PORT\nmail: /usr/bin/mail\n", content(t, b, "Procfile"))
	assert.Equal(t, "version: 1\ncron:\n    - name: night\n      url: /clean\n      schedule: 0 3 * * *\n", content(t, b, "cron.yaml"))
	assert.Equal(t, "{\n  \"option_settings\": [\n    {\n      \"namespace\": \"aws:autoscaling:asg\",\n      \"option_name\": \"MinSize\",\n      \"value\": \"2\"\n    }\n  ]\n}\n", content(t, b, ".ebextensions/10_base.config"))
	assert.Equal(t, []Process{{"web", "exec ./bin/web --port $PORT"}, {"mail", "/usr/bin/mail"}}, b.Processes)
	assert.Equal(t, []PeriodicTask{{"night", "/clean", "0 3 * * *"}}, b.Tasks)
	assert.Equal(t, opts("aws:autoscaling:asg|MinSize=2"), b.Options())
	assert.Empty(t, b.Warnings())
}

func TestBundle_ReportsEveryProblem(t *testing.T) {
	good := app{"app.py": "x"}
	for name, c := range map[string]struct {
		props func() *BundleProps
		want  []string
	}{
		"nil":       {func() *BundleProps { return nil }, []string{"Directory: is required, or FS"}},
		"both":      {func() *BundleProps { return &BundleProps{Directory: "x", FS: good.fs()} }, []string{"FS: must not be given with Directory"}},
		"no folder": {func() *BundleProps { return &BundleProps{Directory: "testdata/nope"} }, []string{"Directory: must be a folder, got testdata/nope"}},
		"a file":    {func() *BundleProps { return &BundleProps{Directory: "bundle.go"} }, []string{"Directory: must be a folder, got bundle.go"}},
		"empty":     {func() *BundleProps { return &BundleProps{FS: app{}.fs()} }, []string{"FS: has no files"}},
		"all left out": {func() *BundleProps {
			return &BundleProps{FS: app{"a~": "x", ".gitignore": "", ".git/x": "", "cdk.out/x": ""}.fs()}
		}, []string{
			"FS: has no files"}},
		"top folder": {func() *BundleProps {
			return &BundleProps{FS: app{"site/app.py": "x", ".ebextensions/a.config": "groups: {}"}.fs()}
		}, []string{"FS: has the single folder site at its top, where Elastic Beanstalk looks for the application: start in that folder"}},
		"top folder and Procfile": {func() *BundleProps {
			return &BundleProps{FS: app{"bin/web": "x"}.fs(), Procfile: []Process{{"web", "bin/web"}}}
		}, nil},
		"a WAR":       {func() *BundleProps { return &BundleProps{FS: app{"WEB-INF/web.xml": "x"}.fs()} }, nil},
		"two folders": {func() *BundleProps { return &BundleProps{FS: app{"a/x": "x", "b/x": "x"}.fs()} }, nil},
		"patterns": {func() *BundleProps {
			return &BundleProps{FS: app{"app.py": "x", ".ebignore": "ok\n/\n"}.fs(), Exclude: []string{"[z-a]"}, Executable: []string{"/", "nothing"}}
		}, []string{"FS: .ebignore:2: is not a pattern of gitignore: /", "Exclude[0]: is not a pattern of gitignore: [z-a]", "Executable[0]: is not a pattern of gitignore: /", "Executable: matches no file"}},
		"configs": {func() *BundleProps {
			return &BundleProps{FS: app{"app.py": "x", ".ebextensions/a.config": "groups: {x: {}}"}.fs(), Configs: map[string]*Config{
				"a": {Groups: map[string]string{"x": ""}}, "b.config": {}, "c": nil, "d": {Groups: map[string]string{"x": "y"}}, "e": {Files: map[string]ConfigFile{"/x": {Content: "\xff"}}},
				"f": {Options: []Option{{Namespace: "aws:new", Name: "N", Value: "1", Undocumented: true}}},
			}}
		}, []string{
			`Configs["a"]: is in the application as well: .ebextensions/a.config`,
			`Configs["b.config"]: must be named with letters, digits, . _ and -, without .config`, `Configs["b.config"]: is empty`, `Configs["c"]: must not be nil`,
			`Configs["d"].Groups["x"]: must be a group id or empty, got y`, `Configs["e"]: must be text in UTF-8; a file can have other content with the encoding base64`}},
		"hooks": {func() *BundleProps {
			return &BundleProps{FS: good.fs(), Hooks: map[string]string{"deploy/x.sh": "#!/bin/sh", "predeploy/x.sh": "echo", "postdeploy/y.sh": "#!/bin/sh\r\necho\r\n"}, ConfigHooks: map[string]string{"x": "\x7fELF"}}
		}, []string{
			`Hooks["deploy/x.sh"]: must be named STAGE/NAME with the stage prebuild, predeploy or postdeploy`,
			`Hooks["postdeploy/y.sh"]: has line ends of Windows: the system would not find its interpreter`,
			`Hooks["predeploy/x.sh"]: must start with #! and its interpreter, or be a program of Linux`,
			`ConfigHooks["x"]: must be named STAGE/NAME with the stage prebuild, predeploy or postdeploy`}},
		"Procfile and cron": {func() *BundleProps {
			return &BundleProps{FS: app{"app.py": "x", "Procfile": "web: a\n", "cron.yaml": "version: 1\ncron:\n - {name: a, url: /a, schedule: 0 1 * * *}\n"}.fs(),
				Procfile: []Process{{"web", "a"}, {"we b", "x\ny"}, {"web", ""}}, Tasks: []PeriodicTask{{"a", "a", "* *"}, {"a", "/", "0 0 31 2 *"}, {"", "", "60 * * * *"}}}
		}, []string{
			"Procfile[1].Name: must be letters, digits, _ and -, got we b", `Procfile[1].Command: must be one line, got "x\ny"`, `Procfile[2].Command: must be one line, got ""`,
			"Procfile[2].Name: is the name of Procfile[0] as well: web", "Procfile: is in the application as well: Procfile",
			"Tasks[0].URL: must be a path that starts with /, got a", "Tasks[0].Schedule: must have five fields (minute, hour, day of month, month, day of week), got 2",
			"Tasks[1].Name: is the name of Tasks[0] as well: a", "Tasks[1].Schedule: never happens: no such month has a day 31",
			`Tasks[2].Name: must be one line without space around it, got ""`, "Tasks[2].URL: must be a path that starts with /, got an empty one", "Tasks[2].Schedule: has a minute that is not in 0-59: 60",
			"Tasks: is in the application as well: cron.yaml"}},
		"files of the application": {func() *BundleProps {
			return &BundleProps{FS: app{"app.py": "x",
				".ebextensions/a.config":           "option_settings:\n  aws:autoscaling:asg:\n    MinSise: 1\n",
				".ebextensions/b.config":           "groups: {}\ngroups: {}\n",
				".platform/hooks/prebuild/x":       "echo",
				".platform/confighooks/prebuild/x": "#!/bin/sh\r\n",
				"Procfile":                         "web a\nweb: b\n\nweb: c\n",
				"Buildfile":                        "build: x\r\n",
				"cron.yaml":                        "version: 2\ncron:\n  - name: a\n    url: a\n    schedule: \"* * * * 8\"\n    extra: 1\n",
			}.fs()}
		}, []string{
			"FS: .ebextensions/a.config:3: Options[0].Name: is not an option of aws:autoscaling:asg: MinSise; did you mean MinSize?",
			"FS: .ebextensions/b.config:2: has the key groups a second time (first on line 1): one of the two would be dropped",
			"FS: .platform/confighooks/prebuild/x: has line ends of Windows: the system would not find its interpreter",
			"FS: .platform/hooks/prebuild/x: must start with #! and its interpreter, or be a program of Linux",
			"FS: Buildfile:1: has line ends of Windows: the carriage return would be part of the command",
			`FS: Procfile:1: must be in the form name: command, got "web a"`, "FS: Procfile:4: has the process web a second time (first on line 2)",
			"FS: cron.yaml:6: has the unknown key extra of cron[0]", "FS: cron.yaml:1: must have version: 1",
			"FS: cron.yaml:4: cron[0].URL: must be a path that starts with /, got a", "FS: cron.yaml:5: cron[0].Schedule: has a day of week that is not in 0-7: 8"}},
		"undocumented": {func() *BundleProps {
			return &BundleProps{FS: app{"app.py": "x", ".ebextensions/a.config": "option_settings:\n  aws:new:\n    N: 1\n"}.fs(), UndocumentedOptions: []string{"aws:new|N"}}
		}, nil},
		"empty Procfile and cron": {func() *BundleProps {
			return &BundleProps{FS: app{"Procfile": "\n", "cron.yaml": "version: 1\ncron: []\n"}.fs()}
		},
			[]string{"FS: Procfile: has no process", "FS: cron.yaml: has no task"}},
		"cron of another shape": {func() *BundleProps {
			return &BundleProps{FS: app{"a": "", "cron.yaml": "version: 1\ncron: {a: b}\n"}.fs()}
		}, []string{"FS: cron.yaml:2: cron must be a list of tasks"}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, lines(c.props().Validate()))
		})
	}
}

func TestBundle_Warns(t *testing.T) {
	b := app{
		"app.py": "x", "Procfile": "api: bin/api\n", "cron.yml": "x", "sub/.gitignore": "x", ".gitignore": "*.log\n",
		".ebextensions/a.config":        "option_settings:\n  aws:autoscaling:asg:\n    MinSize: 1\n    MaxSize: 3\n",
		".ebextensions/b.config":        "option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n    MaxSize: 3\nResources:\n  Q: {Type: AWS::SQS::Queue}\n",
		".ebextensions/c.yaml":          "x",
		".ebextensions/sub/d.config":    "x",
		".platform/hooks/deploy/x.sh":   "#!/bin/sh\n",
		".platform/nginx/conf.d/a.conf": "x",
	}.bundled(t, func(p *BundleProps) {
		p.Configs = map[string]*Config{"z": {Options: opts("aws:autoscaling:asg|MinSize=5", "aws:autoscaling:asg|MaxSize=5"), Resources: map[string]any{"T": map[string]any{"Type": "AWS::DynamoDB::Table"}}}}
	})
	assert.Equal(t, []string{
		"sub/.gitignore is not read: only the one at the root is, or .ebignore",
		".ebextensions/b.config:6: Q (AWS::SQS::Queue) is deleted with the environment, and its data with it: set a DeletionPolicy or define it outside",
		".ebextensions/a.config:3: aws:autoscaling:asg MinSize has no effect: .ebextensions/b.config:3 sets it later",
		".ebextensions/c.yaml is not read: the name must end in .config",
		".ebextensions/sub/d.config is not read: only those directly in .ebextensions are",
		".ebextensions/z.config: T (AWS::DynamoDB::Table) is deleted with the environment, and its data with it: set a DeletionPolicy or define it outside",
		".ebextensions/b.config:4: aws:autoscaling:asg MaxSize has no effect: .ebextensions/z.config sets it later",
		".ebextensions/b.config:3: aws:autoscaling:asg MinSize has no effect: .ebextensions/z.config sets it later",
		".platform/hooks/deploy/x.sh does not run: only files directly in prebuild, predeploy or postdeploy do",
		"Procfile: the first process should be web, to which requests are sent, got api",
		"cron.yml is not read: the name must be cron.yaml",
		"Procfile: api starts bin/api, which is not in the bundle",
	}, b.Warnings())
	assert.Equal(t, opts("aws:autoscaling:asg|MaxSize=5", "aws:autoscaling:asg|MinSize=5"), b.Options())
}

func TestBundle_Masked(t *testing.T) {
	b := app{"a": "", ".ebextensions/a.config": "option_settings:\n  aws:autoscaling:asg:\n    MinSize: 1\n    MaxSize: 3\n  aws:elasticbeanstalk:xray:\n    XRayEnabled: true\n"}.bundled(t)
	direct := opts("xray|XRayEnabled=true", "aws:autoscaling:asg|MinSize=2", "aws:autoscaling:asg|Cooldown=2", "aws:autoscaling:asg|MaxSize="+token)
	assert.Equal(t, []string{
		".ebextensions/a.config:4: aws:autoscaling:asg MaxSize has no effect: the environment sets it itself",
		".ebextensions/a.config:3: aws:autoscaling:asg MinSize has no effect: the environment sets it itself",
	}, b.Masked(direct))
	assert.Empty(t, b.Masked(nil))
}

func TestBundle_NoWarningWhereAllIsWell(t *testing.T) {
	for name, a := range map[string]app{
		"built on the instance":   {"Buildfile": "make: ./build.sh", "!build.sh": "x", "Procfile": "web: bin/web\n"},
		"a program of the system": {"Procfile": "web: FOO=1 gunicorn app\ncache: /usr/bin/redis\nquoted: \"a b/c\"\n", "app.py": ""},
		"not configuration":       {"a": "", ".ebextensions/notes.txt": "", ".platform/nginx/x.yaml": ""},
		"ebignore":                {".ebignore": "", ".gitignore": "a", "sub/.gitignore": "", "a": ""},
	} {
		assert.Empty(t, a.bundled(t).Warnings(), name)
	}
	assert.Contains(t, listing(t, app{"Buildfile": "make: ./build.sh", "build.sh": "x"}.bundled(t)), "-rwxr-xr-x build.sh")
}

func TestBundle_LeavesOut(t *testing.T) {
	files := func(a app, exclude ...string) []string {
		var names []string
		for _, e := range a.bundled(t, func(p *BundleProps) { p.Exclude = exclude }).entries {
			names = append(names, e.name)
		}
		return names
	}
	a := app{"app.py": "", "a.log": "", "x/b.log": "", "x/keep.log": "", "node_modules/y/z.js": "", "old~": "", ".DS_Store": "", ".git/HEAD": "", ".elasticbeanstalk/config.yml": "", "cdk.out/x": "", "x/cdk.out/y": ""}
	assert.Equal(t, []string{"a.log", "app.py", "node_modules/y/z.js", "x/b.log", "x/cdk.out/y", "x/keep.log"}, files(a))
	a[".gitignore"] = "*.log\n"
	assert.Equal(t, []string{"app.py", "node_modules/y/z.js", "x/cdk.out/y"}, files(a), "without .ebignore, .gitignore counts")
	a[".ebignore"] = "# all\nnode_modules/\n\n"
	assert.Equal(t, []string{"a.log", "app.py", "x/b.log", "x/cdk.out/y", "x/keep.log"}, files(a), "with .ebignore, .gitignore does not")
	assert.Equal(t, []string{"app.py", "node_modules/y/z.js", "x/cdk.out/y", "x/keep.log"}, files(a, "*.log", "!x/keep.log", "!node_modules/"), "Exclude adds, and brings back")
	assert.NotContains(t, files(a, "!.git", "!old~"), ".git/HEAD")
}

// copyOf copies a folder as another machine might have it: other times, other permission bits, made in another order.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "other", "place")
	var names []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if !d.IsDir() {
			names = append(names, rel)
		}
		return err
	}))
	defer syscall.Umask(syscall.Umask(0o077))
	for i := len(names) - 1; i >= 0; i-- {
		from, path := filepath.Join(dir, names[i]), filepath.Join(to, names[i])
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		info, err := os.Lstat(from)
		require.NoError(t, err)
		if info.Mode()&fs.ModeSymlink != 0 {
			target, _ := os.Readlink(from)
			require.NoError(t, os.Symlink(target, path))
			continue
		}
		data, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, data, info.Mode()))
		require.NoError(t, os.Chtimes(path, time.Unix(1, 0), time.Unix(86400*int64(i+365), 0)))
	}
	return to
}

func sampleApp(t *testing.T) string {
	t.Helper()
	dir := app{"app.py": strings.Repeat("hello ", 5000), "ä/ü.txt": "x", "!bin/tool": "#!/bin/sh\n", ".ebextensions/a.config": "groups: {a: {}}\n", "empty": ""}.dir(t)
	require.NoError(t, os.Symlink("app.py", filepath.Join(dir, "link.py")))
	require.NoError(t, os.Symlink("../app.py", filepath.Join(dir, "bin", "up.py")))
	return dir
}

func sampleProps(dir string) *BundleProps {
	return &BundleProps{Directory: dir, Configs: map[string]*Config{"full": fullConfig()}, Hooks: map[string]string{"predeploy/a.sh": "#!/bin/sh\n"}, Procfile: []Process{{"web", "bin/tool"}}}
}

func zipOf(t *testing.T, p *BundleProps) (string, *Bundle) {
	t.Helper()
	b, err := NewBundle(p)
	require.NoError(t, err)
	data, err := b.Bytes()
	require.NoError(t, err)
	return fmt.Sprintf("%x", sha256.Sum256(data)), b
}

func TestBundle_IsTheSameEverywhere(t *testing.T) {
	dir := sampleApp(t)
	if os.Getenv("BUNDLE_DIR") != "" {
		sum, b := zipOf(t, sampleProps(os.Getenv("BUNDLE_DIR")))
		fmt.Printf("bundle %s %s\n", sum, b.Hash())
		return
	}
	sum, b := zipOf(t, sampleProps(dir))
	other := copyOf(t, dir)
	again, copied := zipOf(t, sampleProps(other))
	assert.Equal(t, sum, again, "another folder, with other times, permissions and order")
	assert.Equal(t, b.Hash(), copied.Hash())
	// What does not change when Go does. A change of it makes a new version of each application.
	assert.Equal(t, "492b123c4ab088a403029fdbecde9a22d3288cb3bedd24fb0f0a791f7c277a4b", b.Hash())

	for _, env := range [][]string{{"TZ=Asia/Tokyo", "GOMAXPROCS=1"}, {"TZ=America/New_York", "LC_ALL=tr_TR.UTF-8", "GODEBUG=randautoseed=0"}} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestBundle_IsTheSameEverywhere$", "-test.count=1")
		cmd.Env = append(append(os.Environ(), env...), "BUNDLE_DIR="+other)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Contains(t, string(out), "bundle "+sum+" "+b.Hash(), "in another process with %v", env)
	}

	path := filepath.Join(t.TempDir(), "app.zip")
	require.NoError(t, b.Write(path))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, sum, fmt.Sprintf("%x", sha256.Sum256(data)), "Write and Bytes agree")
	assert.Error(t, b.Write(filepath.Join(path, "no")))
}

func TestBundle_HashFollowsTheContent(t *testing.T) {
	base := app{"app.py": "x", "b/c": "y"}
	seen := map[string]string{}
	for name, b := range map[string]*Bundle{
		"base":       base.bundled(t),
		"content":    app{"app.py": "z", "b/c": "y"}.bundled(t),
		"name":       app{"app.pz": "x", "b/c": "y"}.bundled(t),
		"mode":       app{"!app.py": "x", "b/c": "y"}.bundled(t),
		"executable": base.bundled(t, func(p *BundleProps) { p.Executable = []string{"/b/c"} }),
		"typed":      base.bundled(t, func(p *BundleProps) { p.Procfile = []Process{{"web", "x"}} }),
		"less":       app{"app.py": "x"}.bundled(t),
	} {
		assert.Len(t, b.Hash(), 64)
		assert.Empty(t, seen[b.Hash()], "%s is unlike %s", name, seen[b.Hash()])
		seen[b.Hash()] = name
	}
	assert.Equal(t, "base", seen[base.bundled(t, func(p *BundleProps) { p.FS, p.Directory = nil, base.dir(t) }).Hash()], "a folder and an fs.FS are alike")
}

func TestBundle_UnpacksWithTheToolOfTheSystem(t *testing.T) {
	unzip := tool(t, "unzip")
	dir, to := sampleApp(t), t.TempDir()
	_, b := zipOf(t, sampleProps(dir))
	path := filepath.Join(to, "app.zip")
	require.NoError(t, b.Write(path))
	out, err := exec.Command(unzip, "-q", path, "-d", filepath.Join(to, "app")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for name, want := range map[string]fs.FileMode{"app.py": 0o644, "bin/tool": 0o755, ".platform/hooks/predeploy/a.sh": 0o755, "ä/ü.txt": 0o644, "empty": 0o644} {
		info, err := os.Lstat(filepath.Join(to, "app", name))
		require.NoError(t, err)
		assert.Equal(t, want, info.Mode(), name)
		assert.Equal(t, 1980, info.ModTime().UTC().Year(), name)
	}
	for name, want := range map[string]string{"link.py": "app.py", "bin/up.py": "../app.py"} {
		link, err := os.Readlink(filepath.Join(to, "app", name))
		require.NoError(t, err)
		assert.Equal(t, want, link)
	}
	data, err := os.ReadFile(filepath.Join(to, "app", "app.py"))
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("hello ", 5000), string(data))
}

func TestBundle_LeavesLinksAsTheyAre(t *testing.T) {
	dir := app{"a": ""}.dir(t)
	require.NoError(t, os.Symlink("a", filepath.Join(dir, "b")))
	b, err := NewBundle(&BundleProps{Directory: dir, Executable: []string{"*"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"-rwxr-xr-x a", "Lrwxrwxrwx b"}, listing(t, b))
}

func TestBundle_RefusesWhatAZipCannotCarry(t *testing.T) {
	dir := app{"app.py": "x"}.dir(t)
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(dir, "abs")))
	require.NoError(t, os.Symlink("../outside", filepath.Join(dir, "out")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, `back\slash`), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "latin\xe4"), nil, 0o600))
	assert.Equal(t, []string{
		"Directory: abs is a symbolic link that leaves the folder",
		`Directory: "back\\slash" must be a name of UTF-8 without backslash and line end`,
		`Directory: "latin\xe4" must be a name of UTF-8 without backslash and line end`,
		"Directory: out is a symbolic link that leaves the folder",
		"Directory: pipe is neither a file nor a symbolic link",
	}, lines((&BundleProps{Directory: dir}).Validate()))
}

// broken is a file system whose file b cannot be opened.
type broken struct{ fstest.MapFS }

func (b broken) Open(name string) (fs.File, error) {
	if name == "b" || name == "Procfile" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return b.MapFS.Open(name)
}

func TestBundle_ReportsFilesThatCannotBeRead(t *testing.T) {
	assert.Equal(t, []string{"FS: Procfile cannot be read: open Procfile: permission denied", "FS: b cannot be read: open b: permission denied"},
		lines((&BundleProps{FS: broken{app{"app.py": "x", "b": "y", "Procfile": "web: x"}.fs()}}).Validate()))
}

func TestBundle_Limit(t *testing.T) {
	assert.EqualValues(t, 500*1024*1024, maxBundle)
	defer func(n int64) { maxBundle = n }(maxBundle)
	maxBundle = 1 << 20
	a := app{"a": strings.Repeat("x", 2<<20)}
	assert.NoError(t, (&BundleProps{FS: a.fs()}).Validate(), "above before and below after compression")
	random := make([]byte, 3<<20)
	for i := range random {
		random[i] = byte(rand.IntN(256))
	}
	a["b"] = string(random)
	assert.Equal(t, []string{"FS: makes a bundle of 4 MiB, at most 1 MiB are allowed"}, lines((&BundleProps{FS: a.fs()}).Validate()))
}
