package beanstalk

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/sorted"
)

// maxBundle is the limit of a source bundle, 500 MiB: CreateApplicationVersion refuses more.
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/applications-sourcebundle.html
var maxBundle int64 = 500 << 20

// BundleProps describes a source bundle: the zip of an application with what configures its environment.
type BundleProps struct {
	// Directory holds the application as it is to lie on the instance. Files that .ebignore names, or without one the .gitignore
	// at its root, stay out, as do .git, .elasticbeanstalk, cdk.out, the ignore files, .DS_Store and backups (*~).
	// Exactly one of Directory and FS is required.
	Directory string
	// FS holds the application, such as an embed.FS. What was embedded below a folder starts there with fs.Sub. An embed.FS has
	// no exec bits: see Executable.
	FS fs.FS
	// Exclude leaves out more files, with patterns as in .gitignore. The last pattern that matches decides, and ! brings back.
	// Default: none.
	Exclude []string
	// Executable makes more files executable, with patterns as in .gitignore. Executable are, in any case, files with an exec
	// bit, platform hooks, and programs that the Procfile or Buildfile starts.
	// Default: none.
	Executable []string
	// Configs are written to .ebextensions/NAME.config, by NAME. Elastic Beanstalk reads the files in the order of their names.
	// Default: none, only what the application brings.
	Configs map[string]*Config
	// Hooks are scripts that run as root at each deployment: text that starts with #!, by "STAGE/NAME" with the stage
	// prebuild, predeploy or postdeploy. They are written to .platform/hooks and run in the order of their names.
	// Default: none, only what the application brings.
	Hooks map[string]string
	// ConfigHooks are like Hooks for changes of configuration, in .platform/confighooks.
	// Default: none, only what the application brings.
	ConfigHooks map[string]string
	// Procfile holds the processes to run, of which the first should be "web".
	// Default: none, the Procfile of the application or the way of its platform.
	Procfile []Process
	// Tasks are the periodic tasks of a worker environment, written to cron.yaml.
	// Default: none, only the cron.yaml of the application.
	Tasks []PeriodicTask
	// UndocumentedOptions are options of configuration files in the application, as "namespace|name", that pass although the
	// table of documented options lacks them.
	// Default: none.
	UndocumentedOptions []string
}

// Bundle is a checked source bundle. Its zip is the same, byte for byte, for the same content, wherever and whenever it is made
// by the same release of Go.
type Bundle struct {
	// Tasks are the periodic tasks of cron.yaml, which only a worker environment runs.
	Tasks []PeriodicTask
	// Processes are those of the Procfile, in order; none when there is no Procfile.
	Processes []Process

	entries  []entry
	hash     string
	warnings []string
	// options are the options of .ebextensions: the last setting of each, with the place of it.
	options map[string]placedOption
}

type placedOption struct {
	Option
	place string
}

// Validate reads the application and reports every problem at once: of props and, with file and line, of the files.
func (p *BundleProps) Validate() error {
	_, err := NewBundle(p)
	return err
}

// NewBundle reads and checks an application. It returns a *check.Error with every problem of props and of the files.
func NewBundle(props *BundleProps) (*Bundle, error) {
	if props == nil {
		props = &BundleProps{}
	}
	w := &bundler{props: props, c: check.For("beanstalk.BundleProps"), b: &Bundle{options: map[string]placedOption{}}}
	w.source()
	w.typed()
	w.topFolder()
	slices.SortFunc(w.b.entries, byName)
	w.read()
	w.executables()
	w.size()
	w.b.hash = w.b.hashed()
	if err := w.c.Err(); err != nil {
		return nil, err
	}
	return w.b, nil
}

// Warnings are what Elastic Beanstalk would take silently and what is probably not meant, with file and line.
func (b *Bundle) Warnings() []string { return slices.Clone(b.warnings) }

// Hash is the SHA-256 of names, modes and contents in hexadecimal: it changes when, and only when, the content does, whatever
// the release of Go that compresses it. Use it as the hash of the asset.
func (b *Bundle) Hash() string { return b.hash }

// Options are the options that the configuration files set in the end.
func (b *Bundle) Options() []Option {
	var out []Option
	for _, o := range sorted.All(b.options) {
		out = append(out, o.Option)
	}
	return SortOptions(out)
}

// Masked lists the options of configuration files that have no effect because direct, the options of the environment itself,
// sets them to something else: what is set directly takes precedence.
func (b *Bundle) Masked(direct []Option) []string {
	var out []string
	for _, d := range SortOptions(direct) {
		if o, ok := b.options[d.key()]; ok && o.Value != d.Value {
			out = append(out, fmt.Sprintf("%s: %s has no effect: the environment sets it itself", o.place, o.Option))
		}
	}
	return out
}

// bundler makes a Bundle.
type bundler struct {
	props *BundleProps
	c     *check.List
	b     *Bundle
	// field is the prop that holds the application, and folder the start of the names of its files in messages.
	field string
	fsys  fs.FS
}

// never is what no bundle holds.
var never = []string{"/.git", "/.elasticbeanstalk/", "/cdk.out/", "/.ebignore", "/.gitignore", ".DS_Store", "*~"}

// source lists the files of the application.
func (w *bundler) source() {
	switch p := w.props; {
	case p.Directory != "" && p.FS != nil:
		w.c.Add("FS", "must not be given with Directory")
		return
	case p.FS != nil:
		w.field, w.fsys = "FS", p.FS
	case p.Directory != "":
		w.field = "Directory"
		if info, err := os.Stat(p.Directory); err != nil || !info.IsDir() {
			w.c.Add("Directory", "must be a folder, got %s", p.Directory)
			return
		}
		w.fsys = os.DirFS(p.Directory)
	default:
		w.c.Add("Directory", "is required, or FS")
		return
	}
	ignored := w.ignored()
	err := fs.WalkDir(w.fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", ".elasticbeanstalk", "cdk.out"}, name):
			return fs.SkipDir
		case d.IsDir(), ignored.ignores(name):
			return nil
		}
		if strings.HasSuffix(name, "/.gitignore") && w.has(".gitignore") && !w.has(".ebignore") {
			w.warn("%s is not read: only the one at the root is, or .ebignore", name)
		}
		w.add(name, d)
		return nil
	})
	if err != nil {
		w.c.Add(w.field, "cannot be read: %v", err)
	} else if len(w.b.entries) == 0 {
		w.c.Add(w.field, "has no files")
	}
}

func (w *bundler) has(name string) bool {
	_, err := fs.Stat(w.fsys, name)
	return err == nil
}

// ignored is what stays out of the bundle.
func (w *bundler) ignored() ignoreList {
	var list ignoreList
	for _, name := range []string{".ebignore", ".gitignore"} {
		data, err := fs.ReadFile(w.fsys, name)
		if err != nil {
			continue
		}
		patterns, problems := parseIgnore(strings.Split(string(data), "\n"))
		w.findings(name, problems)
		list = append(list, patterns...)
		break
	}
	list = append(list, w.patterns("Exclude", w.props.Exclude)...)
	fixed, _ := parseIgnore(never)
	return append(list, fixed...)
}

func (w *bundler) patterns(field string, lines []string) ignoreList {
	list, problems := parseIgnore(lines)
	for _, p := range problems {
		w.c.Add(check.Index(field, p.line-1), "%s", p.message)
	}
	return list
}

// findings records problems of a file of the application.
func (w *bundler) findings(file string, problems []finding) {
	for _, p := range problems {
		w.c.Add(w.field, "%s", p.at(file))
	}
}

func (w *bundler) warn(format string, args ...any) {
	w.b.warnings = append(w.b.warnings, fmt.Sprintf(format, args...))
}

var (
	configName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	hookName   = regexp.MustCompile(`^(?:prebuild|predeploy|postdeploy)/[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

// typed adds the files that props describe.
func (w *bundler) typed() {
	p := w.props
	for name, config := range sorted.All(p.Configs) {
		at := w.c.At(check.Key("Configs", name))
		at.That(configName.MatchString(name) && !strings.HasSuffix(name, ".config"), "", "must be named with letters, digits, . _ and -, without .config")
		if config == nil {
			at.Add("", "must not be nil")
			continue
		}
		problems := check.For("")
		config.check(problems)
		if err := problems.Err(); err != nil {
			at.Join(err)
			continue
		}
		data, err := config.encode()
		if err != nil {
			at.Add("", "%v", err)
			continue
		}
		w.write(at, ".ebextensions/"+name+".config", data)
	}
	for _, hooks := range []struct {
		field, folder string
		scripts       map[string]string
	}{{"Hooks", "hooks", p.Hooks}, {"ConfigHooks", "confighooks", p.ConfigHooks}} {
		for name, script := range sorted.All(hooks.scripts) {
			at := w.c.At(check.Key(hooks.field, name))
			at.That(hookName.MatchString(name), "", "must be named STAGE/NAME with the stage prebuild, predeploy or postdeploy")
			if problem := scriptProblem([]byte(script)); problem != "" {
				at.Add("", "%s", problem)
			}
			w.write(at, ".platform/"+hooks.folder+"/"+name, []byte(script))
		}
	}
	checkProcesses(w.c, "Procfile", p.Procfile)
	if len(p.Procfile) > 0 {
		w.write(w.c.At("Procfile"), "Procfile", encodeProcesses(p.Procfile))
	}
	checkTasks(w.c, "Tasks", p.Tasks)
	if len(p.Tasks) > 0 {
		data, err := encodeTasks(p.Tasks)
		w.c.That(err == nil, "Tasks", "cannot be written: %v", err)
		w.write(w.c.At("Tasks"), "cron.yaml", data)
	}
}

// topFolder reports a bundle that has one folder only at its top.
func (w *bundler) topFolder() {
	tops := map[string]bool{}
	for _, e := range w.b.entries {
		top, _, deeper := strings.Cut(e.name, "/")
		if !deeper {
			return
		}
		if !strings.HasPrefix(top, ".") {
			tops[top] = true
		}
	}
	if len(tops) == 1 {
		for top := range tops {
			if top == "WEB-INF" {
				return
			}
			w.c.Add(w.field, "has the single folder %s at its top, where Elastic Beanstalk looks for the application: start in that folder", top)
		}
	}
}

// size reports a bundle above the limit. It compresses only what may be above.
func (w *bundler) size() {
	var total int64
	for _, e := range w.b.entries {
		total += e.size
	}
	if total <= maxBundle {
		return
	}
	var n counter
	if err := w.b.zip(&n); err != nil {
		w.c.Add(w.field, "cannot be packed: %v", err)
		return
	}
	w.c.That(int64(n) <= maxBundle, w.field, "makes a bundle of %d MiB, at most %d MiB are allowed", (int64(n)+1<<20-1)>>20, maxBundle>>20)
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
