package beanstalk

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/strata-cdk/strata/check"
)

// entry is a file of a bundle.
type entry struct {
	name string
	mode fs.FileMode
	size int64
	open func() (io.ReadCloser, error)
	// ours is set for what props describe, whose problems are reported by field.
	ours bool
	// sum is the SHA-256 of the content.
	sum []byte
}

func byName(a, b entry) int { return strings.Compare(a.name, b.name) }

func (e entry) read() ([]byte, error) {
	f, err := e.open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(f)
}

func inMemory(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

// add adds a file or symbolic link of the application.
func (w *bundler) add(name string, d fs.DirEntry) {
	info, err := d.Info()
	if err != nil {
		w.c.Add(w.field, "%s cannot be read: %v", name, err)
		return
	}
	if !utf8.ValidString(name) || strings.ContainsAny(name, "\\\x00\n\r") {
		w.c.Add(w.field, "%q must be a name of UTF-8 without backslash and line end", name)
		return
	}
	e := entry{name: name, mode: 0o644, size: info.Size(), open: func() (io.ReadCloser, error) { return w.fsys.Open(name) }}
	switch {
	case info.Mode().IsRegular():
		if info.Mode()&0o111 != 0 {
			e.mode = 0o755
		}
	case info.Mode()&fs.ModeSymlink != 0:
		link, err := fs.ReadLink(w.fsys, name)
		link = strings.ReplaceAll(link, "\\", "/")
		if err != nil || path.IsAbs(link) || !fs.ValidPath(path.Join(path.Dir(name), link)) {
			w.c.Add(w.field, "%s is a symbolic link that leaves the folder", name)
			return
		}
		e.mode, e.size, e.open = fs.ModeSymlink|0o777, int64(len(link)), inMemory([]byte(link))
	default:
		w.c.Add(w.field, "%s is neither a file nor a symbolic link", name)
		return
	}
	w.b.entries = append(w.b.entries, e)
}

// write adds a file that props describe.
func (w *bundler) write(c *check.List, name string, data []byte) {
	if slices.ContainsFunc(w.b.entries, func(e entry) bool { return e.name == name }) {
		c.Add("", "is in the application as well: %s", name)
		return
	}
	e := entry{name: name, mode: 0o644, size: int64(len(data)), open: inMemory(data), ours: true}
	w.b.entries = append(w.b.entries, e)
}

// scriptProblem says why the system could not start a hook; empty when it can.
func scriptProblem(data []byte) string {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	switch {
	case bytes.HasPrefix(data, []byte("\x7fELF")):
		return ""
	case !bytes.HasPrefix(data, []byte("#!")):
		return "must start with #! and its interpreter, or be a program of Linux"
	case bytes.HasSuffix(line, []byte("\r")):
		return "has line ends of Windows: the system would not find its interpreter"
	}
	return ""
}

// misnamed are names that look right and are not read.
var misnamed = map[string]string{"procfile": "Procfile", "buildfile": "Buildfile", "cron.yml": "cron.yaml"}

// read inspects the files that Elastic Beanstalk itself reads, and sums up all.
func (w *bundler) read() {
	for i, e := range w.b.entries {
		h := sha256.New()
		var err error
		special := e.name == "Procfile" || e.name == "Buildfile" || e.name == "cron.yaml" || strings.HasPrefix(e.name, ".ebextensions/") || strings.HasPrefix(e.name, ".platform/")
		if special && e.mode.IsRegular() {
			var data []byte
			if data, err = e.read(); err == nil {
				h.Write(data)
				w.inspect(e, data)
			}
		} else if want, ok := misnamed[strings.ToLower(e.name)]; ok {
			w.warn("%s is not read: the name must be %s", e.name, want)
		}
		if !special || !e.mode.IsRegular() {
			err = e.copy(h)
		}
		if err != nil {
			w.c.Add(w.field, "%s cannot be read: %v", e.name, err)
		}
		w.b.entries[i].sum = h.Sum(nil)
	}
}

// hashed sums up names, modes and contents.
func (b *Bundle) hashed() string {
	h := sha256.New()
	for _, e := range b.entries {
		fmt.Fprintf(h, "%d:%s %o %x\n", len(e.name), e.name, uint32(e.mode), e.sum)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (e entry) copy(to io.Writer) error {
	f, err := e.open()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	_, err = io.Copy(to, f)
	return err
}

// inspect checks a file that configures the environment.
func (w *bundler) inspect(e entry, data []byte) {
	folder, name := path.Split(e.name)
	switch {
	case e.name == "Procfile":
		processes, problems := readProcesses(data)
		w.b.Processes = processes
		w.findingsOf(e, problems)
		if len(processes) > 0 && processes[0].Name != "web" {
			w.warn("Procfile: the first process should be web, to which requests are sent, got %s", processes[0].Name)
		}
	case e.name == "Buildfile":
		_, problems := readProcesses(data)
		w.findingsOf(e, problems)
	case e.name == "cron.yaml":
		tasks, r := readTasks(data)
		w.b.Tasks = tasks
		w.findingsOf(e, r.problems)
	case folder == ".ebextensions/" && strings.HasSuffix(name, ".config"):
		w.config(e, data)
	case strings.HasPrefix(folder, ".ebextensions/") && strings.HasSuffix(name, ".config"):
		w.warn("%s is not read: only those directly in .ebextensions are", e.name)
	case folder == ".ebextensions/" && slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)):
		w.warn("%s is not read: the name must end in .config", e.name)
	case strings.HasPrefix(e.name, ".platform/hooks/"), strings.HasPrefix(e.name, ".platform/confighooks/"):
		_, rest, _ := strings.Cut(strings.TrimPrefix(e.name, ".platform/"), "/")
		stage, script, _ := strings.Cut(rest, "/")
		switch {
		case !slices.Contains([]string{"prebuild", "predeploy", "postdeploy"}, stage) || strings.Contains(script, "/"):
			w.warn("%s does not run: only files directly in prebuild, predeploy or postdeploy do", e.name)
		case !e.ours:
			if problem := scriptProblem(data); problem != "" {
				w.findings(e.name, []finding{{0, problem}})
			}
		}
	}
}

// findingsOf records problems of a file of the application. Those of props were reported by field.
func (w *bundler) findingsOf(e entry, problems []finding) {
	if !e.ours {
		w.findings(e.name, problems)
	}
}

// config reads a configuration file.
func (w *bundler) config(e entry, data []byte) {
	f, r := readConfig(data, w.props.UndocumentedOptions...)
	w.findingsOf(e, r.problems)
	for _, warning := range r.warnings {
		if e.ours {
			warning.line = 0
		}
		w.warn("%s", warning.at(e.name))
	}
	for i, o := range f.Options {
		place := finding{r.lineOf(check.Index("Options", i)), ""}.at(e.name)
		if e.ours {
			place = e.name + ": "
		}
		place = strings.TrimSuffix(place, ": ")
		if before, ok := w.b.options[o.key()]; ok && before.Value != o.Value {
			w.warn("%s: %s has no effect: %s sets it later", before.place, o, place)
		}
		w.b.options[o.key()] = placedOption{o, place}
	}
}

// executables sets the exec bit of hooks, of programs that are started, and of what props name.
func (w *bundler) executables() {
	wanted := w.patterns("Executable", w.props.Executable)
	hooks, _ := parseIgnore([]string{"/.platform/hooks/", "/.platform/confighooks/"})
	programs := map[string]bool{}
	built := slices.ContainsFunc(w.b.entries, func(e entry) bool { return e.name == "Buildfile" })
	for _, e := range w.b.entries {
		if e.name != "Buildfile" {
			continue
		}
		if data, err := e.read(); err == nil {
			steps, _ := readProcesses(data)
			for _, s := range steps {
				programs[s.program()] = true
			}
		}
	}
	for _, p := range w.b.Processes {
		program := p.program()
		programs[program] = true
		if strings.Contains(program, "/") && !built && !slices.ContainsFunc(w.b.entries, func(e entry) bool { return e.name == program }) {
			w.warn("Procfile: %s starts %s, which is not in the bundle", p.Name, program)
		}
	}
	used := false
	for i, e := range w.b.entries {
		if !e.mode.IsRegular() {
			continue
		}
		named := wanted.ignores(e.name)
		used = used || named
		if named || hooks.ignores(e.name) || programs[e.name] {
			w.b.entries[i].mode = 0o755
		}
	}
	if len(wanted) > 0 && !used && w.fsys != nil {
		w.c.Add("Executable", "matches no file")
	}
}

// epoch is the time of each file in the zip, the first that the format can hold.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// zip writes the bundle. Order, times, modes and the system named as the author are fixed, so the bytes depend on the content
// and on compress/flate only.
func (b *Bundle) zip(to io.Writer) error {
	z := zip.NewWriter(to)
	z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestCompression)
	})
	folders := map[string]bool{".": true}
	for _, e := range b.entries {
		// Unpackers on Windows want the folders as well.
		var parents []string
		for dir := path.Dir(e.name); !folders[dir]; dir = path.Dir(dir) {
			folders[dir] = true
			parents = append(parents, dir)
		}
		for _, dir := range slices.Backward(parents) {
			h := &zip.FileHeader{Name: dir + "/", Modified: epoch}
			h.SetMode(fs.ModeDir | 0o755)
			if _, err := z.CreateHeader(h); err != nil {
				return err
			}
		}
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: epoch}
		h.SetMode(e.mode)
		out, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if err := e.copy(out); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return z.Close()
}

// Write writes the zip to the file at path, which it makes or replaces.
func (b *Bundle) Write(path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return b.zip(f)
}

// Bytes returns the zip.
func (b *Bundle) Bytes() ([]byte, error) {
	var buf bytes.Buffer
	err := b.zip(&buf)
	return buf.Bytes(), err
}
