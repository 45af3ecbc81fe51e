package beanstalk

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/strata-cdk/strata/check"
)

// sections are the keys that Elastic Beanstalk knows at the top of a configuration file.
var sections = []string{
	"option_settings", "packages", "groups", "users", "sources", "files", "commands", "services", "container_commands",
	"Resources", "Outputs", "Parameters", "Mappings", "Conditions",
}

// readConfig reads a configuration file of .ebextensions with all of its problems and warnings. Options that are listed as
// "namespace|name" in undocumented need not be in the table.
func readConfig(data []byte, undocumented ...string) (*Config, *yamlReader) {
	r := &yamlReader{lines: map[string]int{}}
	f := &Config{}
	root := r.root(data)
	if root == nil {
		return f, r
	}
	for _, p := range r.pairs(root, "the file") {
		switch p.key {
		case "option_settings":
			f.Options = r.options(p.value)
		case "packages":
			f.Packages = readMap(r, p.value, "Packages", func(n *yaml.Node, field string) map[string][]string {
				return readMap(r, n, field, r.texts)
			})
		case "groups":
			f.Groups = readMap(r, p.value, "Groups", r.group)
		case "users":
			f.Users = readMap(r, p.value, "Users", r.user)
		case "sources":
			f.Sources = readMap(r, p.value, "Sources", r.text)
		case "files":
			f.Files = readMap(r, p.value, "Files", r.file)
		case "commands":
			f.Commands = readMap(r, p.value, "Commands", r.command)
		case "services":
			f.Services = readMap(r, p.value, "Services", func(n *yaml.Node, field string) map[string]ConfigService {
				return readMap(r, n, field, r.service)
			})
		case "container_commands":
			f.ContainerCommands = readMap(r, p.value, "ContainerCommands", r.command)
		case "Resources":
			f.Resources = readMap(r, p.value, "Resources", r.resource)
		case "Outputs", "Parameters", "Mappings", "Conditions":
		default:
			r.unknown(p, "", sections...)
		}
	}
	for i, o := range f.Options {
		f.Options[i].Undocumented = slices.Contains(undocumented, o.Namespace+"|"+o.Name)
	}
	c := check.For("")
	f.check(c)
	r.add(c)
	for _, id := range f.dying() {
		name, _, _ := strings.Cut(id, " ")
		r.warn(r.lineOf(check.Key("Resources", name)), "%s is deleted with the environment, and its data with it: set a DeletionPolicy or define it outside", id)
	}
	return f, r
}

// add records the problems of c at the lines of their fields.
func (r *yamlReader) add(c *check.List) {
	e, ok := c.Err().(*check.Error) //nolint:errorlint // Err returns no other type.
	if !ok {
		return
	}
	for _, p := range e.Problems {
		r.problem(r.lineOf(p.Field), "%s", p)
	}
}

// readMap reads a mapping with a function for its values.
func readMap[V any](r *yamlReader, n *yaml.Node, field string, read func(n *yaml.Node, field string) V) map[string]V {
	r.lines[field] = n.Line
	out := map[string]V{}
	for _, p := range r.pairs(n, field) {
		at := check.Key(field, p.key)
		out[p.key] = read(p.value, at)
		r.lines[at] = p.line
	}
	return out
}

// options reads option_settings: a list of settings, or a map of namespaces.
func (r *yamlReader) options(n *yaml.Node) []Option {
	var out []Option
	if n.Kind != yaml.SequenceNode {
		for _, namespace := range r.pairs(n, "option_settings") {
			for _, p := range r.pairs(namespace.value, "option_settings of "+namespace.key) {
				field := check.Index("Options", len(out))
				out = append(out, Option{Namespace: namespace.key, Name: p.key, Value: r.text(p.value, field+".Value")})
				r.lines[field] = p.line
				r.lines[field+".Namespace"] = namespace.line
			}
		}
		return out
	}
	for _, item := range n.Content {
		field := check.Index("Options", len(out))
		o := Option{Namespace: environmentNamespace}
		item = target(item)
		for _, p := range r.pairs(item, field) {
			switch p.key {
			case "namespace":
				o.Namespace = r.text(p.value, field+".Namespace")
			case "option_name":
				o.Name = r.text(p.value, field+".Name")
			case "value":
				o.Value = r.text(p.value, field+".Value")
			case "resource_name":
				o.ResourceName = r.text(p.value, field+".ResourceName")
			default:
				r.unknown(p, field, "namespace", "option_name", "value", "resource_name")
			}
		}
		r.lines[field] = item.Line
		out = append(out, o)
	}
	return out
}

func (r *yamlReader) group(n *yaml.Node, field string) (gid string) {
	for _, p := range r.pairs(n, field) {
		switch p.key {
		case "gid":
			gid = r.text(p.value, field)
		default:
			r.unknown(p, field, "gid")
		}
	}
	return gid
}

func (r *yamlReader) user(n *yaml.Node, field string) (u ConfigUser) {
	for _, p := range r.pairs(n, field) {
		switch p.key {
		case "uid":
			u.UID = r.text(p.value, field+".UID")
		case "groups":
			u.Groups = r.texts(p.value, field+".Groups")
		case "homeDir":
			u.Home = r.text(p.value, field+".Home")
		default:
			r.unknown(p, field, "uid", "groups", "homeDir")
		}
	}
	return u
}

func (r *yamlReader) file(n *yaml.Node, field string) (f ConfigFile) {
	for _, p := range r.pairs(n, field) {
		switch p.key {
		case "mode":
			f.Mode = r.text(p.value, field+".Mode")
			if p.value.Tag == "!!int" && p.value.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0 {
				r.warn(p.line, "%s.Mode must be quoted: without quotes it is a number", field)
			}
		case "owner":
			f.Owner = r.text(p.value, field+".Owner")
		case "group":
			f.Group = r.text(p.value, field+".Group")
		case "content":
			f.Content = r.text(p.value, field+".Content")
		case "encoding":
			f.Encoding = r.text(p.value, field+".Encoding")
		case "source":
			f.Source = r.text(p.value, field+".Source")
		case "authentication":
			f.Authentication = r.text(p.value, field+".Authentication")
		case "context":
		default:
			r.unknown(p, field, "mode", "owner", "group", "content", "encoding", "source", "authentication", "context")
		}
	}
	return f
}

func (r *yamlReader) command(n *yaml.Node, field string) (c ConfigCommand) {
	for _, p := range r.pairs(n, field) {
		switch p.key {
		case "command":
			if p.value.Kind == yaml.SequenceNode {
				c.Args = r.texts(p.value, field+".Args")
			} else {
				c.Command = r.text(p.value, field+".Command")
			}
		case "cwd":
			c.Dir = r.text(p.value, field+".Dir")
		case "env":
			c.Env = readMap(r, p.value, field+".Env", r.text)
		case "test":
			c.Test = r.text(p.value, field+".Test")
		case "ignoreErrors":
			c.IgnoreErrors = r.flag(p.value, field+".IgnoreErrors")
		case "leader_only":
			c.LeaderOnly = r.flag(p.value, field+".LeaderOnly")
		case "waitAfterCompletion":
		default:
			r.unknown(p, field, "command", "cwd", "env", "test", "ignoreErrors", "leader_only", "waitAfterCompletion")
		}
	}
	return c
}

func (r *yamlReader) service(n *yaml.Node, field string) (s ConfigService) {
	for _, p := range r.pairs(n, field) {
		switch p.key {
		case "enabled":
			s.Enabled = new(r.flag(p.value, field+".Enabled"))
		case "ensureRunning":
			s.EnsureRunning = new(r.flag(p.value, field+".EnsureRunning"))
		case "files":
			s.Files = r.texts(p.value, field+".Files")
		case "sources":
			s.Sources = r.texts(p.value, field+".Sources")
		case "commands":
			s.Commands = r.texts(p.value, field+".Commands")
		case "packages":
			s.Packages = readMap(r, p.value, field+".Packages", r.texts)
		default:
			r.unknown(p, field, "enabled", "ensureRunning", "files", "sources", "commands", "packages")
		}
	}
	return s
}

func (r *yamlReader) resource(n *yaml.Node, field string) (v any) {
	if err := n.Decode(&v); err != nil {
		r.problem(n.Line, "%s cannot be read: %v", field, err)
		return map[string]any{"Type": "AWS::Broken::Resource"}
	}
	return v
}
