package beanstalk

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCronProblem(t *testing.T) {
	for _, good := range []string{"* * * * *", "0 */12 * * *", "0 23 * * *", "5,10-20/2,59 0-23 1 1,6 MON-fri", "30 4 1-7 * 7", "0 0 29 2 *", "0 0 31 2 1", "1/5 * * * sun", "0 0 30,31 feb,apr *", " 0  0 * * * "} {
		assert.Empty(t, cronProblem(good), good)
	}
	for bad, want := range map[string]string{
		"":                    "must have five fields (minute, hour, day of month, month, day of week), got 0",
		"0 0 * * * *":         "must have five fields (minute, hour, day of month, month, day of week), got 6",
		"@daily":              "must have five fields (minute, hour, day of month, month, day of week), got 1",
		"60 * * * *":          "has a minute that is not in 0-59: 60",
		"-1 * * * *":          "has a minute that is not in 0-59: -1",
		"* 24 * * *":          "has a hour that is not in 0-23: 24",
		"* * 0 * *":           "has a day of month that is not in 1-31: 0",
		"* * * 13 *":          "has a month that is not in 1-12: 13",
		"* * * * 8":           "has a day of week that is not in 0-7: 8",
		"* * * foo *":         "has a month that is not in 1-12: foo",
		"5-1 * * * *":         "has a minute that is not in 0-59: 5-1",
		"*/0 * * * *":         "has a minute that is not in 0-59: */0",
		"*/60 * * * *":        "has a minute that is not in 0-59: */60",
		"1,,2 * * * *":        "has a minute that is not in 0-59: 1,,2",
		"* * ? * *":           "has a day of month that is not in 1-31: ?",
		"* * L * *":           "has a day of month that is not in 1-31: L",
		"0 0 31 2,4,6 *":      "never happens: no such month has a day 31",
		"0 0 30 2 *":          "never happens: no such month has a day 30",
		"99999999999 * * * *": "has a minute that is not in 0-59: 99999999999",
	} {
		assert.Equal(t, want, cronProblem(bad), bad)
	}
}

func FuzzFiles(f *testing.F) {
	f.Add("web: bin/web\napi: x\n")
	f.Add("version: 1\ncron:\n - {name: a, url: /a, schedule: \"*/5 1-3 * * sun\"}\n")
	f.Add("!a/**/b[!x]*.go\n/c/\n\\#d\\ ")
	f.Fuzz(func(t *testing.T, data string) {
		cronProblem(data)
		list, _ := parseIgnore(strings.Split(data, "\n"))
		list.ignores(data)
		if processes, problems := readProcesses([]byte(data)); len(problems) == 0 {
			again, problems := readProcesses(encodeProcesses(processes))
			assert.Empty(t, problems)
			assert.Len(t, again, len(processes))
			for i, p := range processes {
				p.program()
				assert.Equal(t, p.Name, again[i].Name)
				assert.Equal(t, strings.TrimSpace(p.Command), again[i].Command)
			}
		}
		if tasks, r := readTasks([]byte(data)); len(r.problems) == 0 {
			written, err := encodeTasks(tasks)
			require.NoError(t, err)
			again, r := readTasks(written)
			assert.Empty(t, r.problems, "%s", written)
			assert.Equal(t, tasks, again)
		}
	})
}

// TestIgnore_AgreesWithGit asks git about each pattern. Patterns with ! are left to TestIgnore_BringsBack: in them the EB CLI
// differs from git.
func TestIgnore_AgreesWithGit(t *testing.T) {
	git := tool(t, "git")
	paths := []string{"a", "b", "a.log", "x/a", "x/a.log", "x/y/a", "x/y/z/a.log", "a/b/c", "abc", "xa", "foo/bar", "foo/x/bar", "foo/x/y/bar", "q/foo/bar", "#x", " s", "s ", "d[1]", "a-b", "!n", "a b"}
	patterns := []string{"a", "/a", "a/", "/a/", "*.log", "/*.log", "x/*", "x/**", "**/a", "**/a.log", "foo/**/bar", "foo/bar", "/foo/*/bar", "x/*/a", "a*", "?", "a?c", "[ab]", "[!a]", "[a-c]bc",
		"#x", `\#x`, "s ", `s\ `, `d\[1\]`, "d[[]1]", "**", "*", "x/y", "x//y", `\!n`, "[", "a[", "a b", "foo/**", "**/foo/**", "*/", "x/**/a", "a-?", "[a-z]-b", "/x/y/"}
	dir := t.TempDir()
	run := func(stdin string, args ...string) string {
		cmd := exec.Command(git, args...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		out, err := cmd.CombinedOutput()
		if exit := (*exec.ExitError)(nil); err != nil {
			require.ErrorAs(t, err, &exit, "%s", out)
			require.Equal(t, 1, exit.ExitCode(), "%s", out)
		}
		return string(out)
	}
	run("", "init", "-q")
	for _, pattern := range patterns {
		require.NoError(t, os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(pattern+"\n"), 0o600))
		ignored := strings.Split(run(strings.Join(paths, "\x00"), "check-ignore", "--no-index", "-z", "--stdin"), "\x00")
		list, problems := parseIgnore([]string{pattern})
		assert.Empty(t, problems, pattern)
		for _, path := range paths {
			assert.Equal(t, slices.Contains(ignored, path), list.ignores(path), "pattern %q, path %q", pattern, path)
		}
	}
}

func TestIgnore_BringsBack(t *testing.T) {
	list, problems := parseIgnore([]string{"x/", "!x/keep", "*.log", "!/a.log\r", "", "# comment", "é?"})
	assert.Empty(t, problems)
	for path, want := range map[string]bool{"x/a": true, "x/keep": false, "a.log": false, "b/a.log": true, "c": false, "éü": true, "é": false} {
		assert.Equal(t, want, list.ignores(path), path)
	}
}

func TestProcess_Program(t *testing.T) {
	for command, want := range map[string]string{
		"bin/web": "bin/web", "./bin/web -x": "bin/web", "exec bin/web": "bin/web", "env A=1 bin/web": "bin/web", "A=1 B=2 gunicorn app": "gunicorn",
		"/usr/bin/x": "", "$HOME/x": "", "": "", "A=1": "", "'a b'": "", "`which x`": "",
	} {
		assert.Equal(t, want, Process{Command: command}.program(), fmt.Sprintf("%q", command))
	}
}
