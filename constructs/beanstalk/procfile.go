package beanstalk

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/strata-cdk/strata/check"
)

// Process is a line of a Procfile: a process that Elastic Beanstalk starts in the directory of the application, keeps running
// and gives the environment properties, with PORT (5000 unless set). See
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/platforms-linux-extend.build-proc.html.
type Process struct {
	// Name is of letters, digits, _ and -. The first process should be "web", to which the proxy sends requests. Required.
	Name string
	// Command is one line for the shell, with paths from the root of the bundle. Required.
	Command string
}

// PeriodicTask is a task of cron.yaml: the leader of a worker environment puts a message on its queue, and one instance posts
// it to URL. See https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features-managing-env-tiers.html#worker-periodictasks.
type PeriodicTask struct {
	// Name tells tasks apart and arrives in the header X-Aws-Sqsd-Taskname. Required, unique.
	Name string `yaml:"name"`
	// URL is the path that the message is posted to, from "/". Required.
	URL string `yaml:"url"`
	// Schedule is a cron expression of five fields in UTC, such as "0 */12 * * *". Required.
	Schedule string `yaml:"schedule"`
}

var (
	processLine = regexp.MustCompile(`^([A-Za-z0-9_-]+):\s*(\S.*)$`)
	processName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

func checkProcesses(c *check.List, field string, processes []Process) {
	first := map[string]int{}
	for i, p := range processes {
		at := c.At(check.Index(field, i))
		at.That(processName.MatchString(p.Name), "Name", "must be letters, digits, _ and -, got %s", quoteEmpty(p.Name))
		at.That(strings.TrimSpace(p.Command) != "" && !strings.ContainsAny(p.Command, "\r\n\x00"), "Command", "must be one line, got %q", p.Command)
		if j, ok := first[p.Name]; ok {
			at.Add("Name", "is the name of %s[%d] as well: %s", field, j, p.Name)
		} else {
			first[p.Name] = i
		}
	}
}

func encodeProcesses(processes []Process) []byte {
	var b strings.Builder
	for _, p := range processes {
		fmt.Fprintf(&b, "%s: %s\n", p.Name, strings.TrimSpace(p.Command))
	}
	return []byte(b.String())
}

// readProcesses reads a Procfile or Buildfile, whose lines are in the form that Elastic Beanstalk documents.
func readProcesses(data []byte) (processes []Process, problems []finding) {
	first := map[string]int{}
	n := 0
	for line := range strings.SplitSeq(string(data), "\n") {
		n++
		m := processLine.FindStringSubmatch(line)
		switch {
		case strings.HasSuffix(line, "\r"):
			return processes, append(problems, finding{n, "has line ends of Windows: the carriage return would be part of the command"})
		case strings.TrimSpace(line) == "":
		case m == nil:
			problems = append(problems, finding{n, fmt.Sprintf("must be in the form name: command, got %q", line)})
		case first[m[1]] > 0:
			problems = append(problems, finding{n, fmt.Sprintf("has the process %s a second time (first on line %d)", m[1], first[m[1]])})
		default:
			first[m[1]] = n
			processes = append(processes, Process{m[1], m[2]})
		}
	}
	if len(processes) == 0 && len(problems) == 0 {
		problems = append(problems, finding{0, "has no process"})
	}
	return processes, problems
}

// program is the file that a command starts, when it is one of the bundle.
func (p Process) program() string {
	words := strings.Fields(p.Command)
	for len(words) > 0 && (words[0] == "exec" || words[0] == "env" || strings.Contains(words[0], "=")) {
		words = words[1:]
	}
	if len(words) == 0 || strings.HasPrefix(words[0], "/") || strings.ContainsAny(words[0], "$`'\"*?") {
		return ""
	}
	return strings.TrimPrefix(words[0], "./")
}

func checkTasks(c *check.List, field string, tasks []PeriodicTask) {
	first := map[string]int{}
	for i, t := range tasks {
		at := c.At(check.Index(field, i))
		at.That(t.Name != "" && t.Name == strings.TrimSpace(t.Name) && !strings.ContainsFunc(t.Name, unicode.IsControl), "Name", "must be one line without space around it, got %q", t.Name)
		if j, ok := first[t.Name]; ok && t.Name != "" {
			at.Add("Name", "is the name of %s[%d] as well: %s", field, j, t.Name)
		} else {
			first[t.Name] = i
		}
		at.That(strings.HasPrefix(t.URL, "/") && !strings.ContainsAny(t.URL, " \t\r\n"), "URL", "must be a path that starts with /, got %s", quoteEmpty(t.URL))
		if problem := cronProblem(t.Schedule); problem != "" {
			at.Add("Schedule", "%s", problem)
		}
	}
}

func encodeTasks(tasks []PeriodicTask) ([]byte, error) {
	return yaml.Marshal(struct {
		Version int            `yaml:"version"`
		Cron    []PeriodicTask `yaml:"cron"`
	}{1, tasks})
}

// readTasks reads a cron.yaml.
func readTasks(data []byte) ([]PeriodicTask, *yamlReader) {
	r := &yamlReader{lines: map[string]int{}}
	root := r.root(data)
	if root == nil {
		return nil, r
	}
	var tasks []PeriodicTask
	version := ""
	for _, p := range r.pairs(root, "the file") {
		switch {
		case p.key == "version":
			version = r.text(p.value, "version")
		case p.key != "cron":
			r.unknown(p, "", "version", "cron")
		case p.value.Kind != yaml.SequenceNode:
			r.problem(p.line, "cron must be a list of tasks")
		default:
			for i, item := range p.value.Content {
				tasks = append(tasks, r.task(target(item), check.Index("cron", i)))
			}
		}
	}
	if version != "1" {
		r.problem(r.lineOf("version"), "must have version: 1")
	}
	if len(tasks) == 0 && len(r.problems) == 0 {
		r.problem(0, "has no task")
	}
	c := check.For("")
	checkTasks(c, "cron", tasks)
	r.add(c)
	return tasks, r
}

func (r *yamlReader) task(n *yaml.Node, field string) (t PeriodicTask) {
	for _, p := range r.pairs(n, field) {
		switch p.key {
		case "name":
			t.Name = r.text(p.value, field+".Name")
		case "url":
			t.URL = r.text(p.value, field+".URL")
		case "schedule":
			t.Schedule = r.text(p.value, field+".Schedule")
		default:
			r.unknown(p, field, "name", "url", "schedule")
		}
	}
	r.lines[field] = n.Line
	return t
}
