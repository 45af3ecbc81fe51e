package beanstalk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Config is a configuration file of .ebextensions. Elastic Beanstalk reads the files in the order of their names, and a later
// option wins; on an instance it works through the sections in the order of the fields from Packages to ContainerCommands. See
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/ebextensions.html.
type Config struct {
	// Options are the option_settings. What is set on the environment itself masks them: see Bundle.Masked.
	// Default: none.
	Options []Option
	// Packages are the packages to install, with their versions, by package manager (apt, dnf, msi, python, rpm, rubygems, yum,
	// zypper) and name. No version means the latest; for rpm the version is a URL or an absolute path.
	// Default: none.
	Packages map[string]map[string][]string
	// Groups are the groups of Linux to create, with their id; an empty id leaves the choice to the system.
	// Default: none.
	Groups map[string]string
	// Users are the users of Linux to create. They cannot log in.
	// Default: none.
	Users map[string]ConfigUser
	// Sources are archives (tar, tar+gzip, tar+bz2, zip) to unpack: the URL by the absolute path of the target directory.
	// Default: none.
	Sources map[string]string
	// Files are the files to write, by absolute path.
	// Default: none.
	Files map[string]ConfigFile
	// Commands run as root in the order of their names, before the application is unpacked.
	// Default: none.
	Commands map[string]ConfigCommand
	// Services are to be started or stopped, by manager (sysvinit, systemd, windows) and name.
	// Default: none.
	Services map[string]map[string]ConfigService
	// ContainerCommands run as root in the order of their names, in the directory of the unpacked application before it is
	// deployed.
	// Default: none.
	ContainerCommands map[string]ConfigCommand
	// Resources are resources of CloudFormation, or changes to those of Elastic Beanstalk (AWSEB...), by logical id. They live
	// in the stack of the environment and are deleted with it.
	// Default: none.
	Resources map[string]any
}

// ConfigUser is a user of Linux.
type ConfigUser struct {
	// UID is the id, digits. Default: empty, the system chooses.
	UID string `json:"uid,omitempty"`
	// Groups are the groups of the user. Default: none.
	Groups []string `json:"groups,omitempty"`
	// Home is the home directory, an absolute path. Default: empty, the system's own.
	Home string `json:"homeDir,omitempty"`
}

// ConfigFile is a file on the instance. It has either Content or Source.
type ConfigFile struct {
	// Mode is six octal digits, such as "000644"; the first three are 120 for a symbolic link to the path in Content.
	// Default: empty, 000644 by the user root.
	Mode string `json:"mode,omitempty"`
	// Owner and Group own the file. Default: root.
	Owner string `json:"owner,omitempty"`
	Group string `json:"group,omitempty"`
	// Content is the text of the file.
	Content string `json:"content,omitempty"`
	// Encoding of Content: "plain" or "base64". Default: plain.
	Encoding string `json:"encoding,omitempty"`
	// Source is the http or https URL from which the file is downloaded.
	Source string `json:"source,omitempty"`
	// Authentication names an authentication method that Resources defines, for Source. Default: empty, a public URL.
	Authentication string `json:"authentication,omitempty"`
}

// ConfigCommand is a command. It has either Command or Args.
type ConfigCommand struct {
	// Command is a line for the shell.
	Command string
	// Args are the program and its arguments, without a shell.
	Args []string
	// Dir is the working directory. Default: / for Commands, the application's for ContainerCommands.
	Dir string
	// Env replaces the environment variables. Default: those of the system.
	Env map[string]string
	// Test is a command that has to succeed for this one to run. Default: empty, it always runs.
	Test string
	// IgnoreErrors goes on after a failure. Default: false, the deployment fails.
	IgnoreErrors bool
	// LeaderOnly runs a container command on one instance of a deployment only, such as a migration. It is not for Commands.
	// Default: false, on each instance.
	LeaderOnly bool
}

// ConfigService is a service of an instance.
type ConfigService struct {
	// Enabled starts the service at boot, or not. Default: nil, as it is.
	Enabled *bool `json:"enabled,omitempty"`
	// EnsureRunning starts the service after the deployment, or stops it. Default: nil, as it is.
	EnsureRunning *bool `json:"ensureRunning,omitempty"`
	// Files, Sources and Commands restart the service when one of them changed or ran. Default: none.
	Files    []string `json:"files,omitempty"`
	Sources  []string `json:"sources,omitempty"`
	Commands []string `json:"commands,omitempty"`
	// Packages restart the service when one of them is installed: names by package manager. Default: none.
	Packages map[string][]string `json:"packages,omitempty"`
}

var (
	packageManagers = []string{"apt", "dnf", "msi", "python", "rpm", "rubygems", "yum", "zypper"}
	serviceManagers = []string{"sysvinit", "systemd", "windows"}
	fileMode        = regexp.MustCompile(`^[0-7]{6}$`)
	digits          = regexp.MustCompile(`^[0-9]+$`)
	webURL          = regexp.MustCompile(`^https?://[^\s/]+\S*$`)
	windowsPath     = regexp.MustCompile(`^[A-Za-z]:[\\/]`)
	logicalID       = regexp.MustCompile(`^[A-Za-z0-9]{1,255}$`)
	resourceType    = regexp.MustCompile(`^[A-Za-z0-9]+(?:::[A-Za-z0-9]+){1,3}(?:::MODULE)?$`)
)

func absolute(p string) bool { return path.IsAbs(p) || windowsPath.MatchString(p) }

// check records every problem of the configuration.
func (f *Config) check(c *check.List) {
	set := map[string]int{}
	for i, o := range f.Options {
		at := c.At(check.Index("Options", i))
		checkOption(at, o)
		if first, ok := set[o.key()]; ok {
			at.Add("", "sets %s, which Options[%d] sets as well", o, first)
		} else {
			set[o.key()] = i
		}
	}
	for manager, packages := range sorted.All(f.Packages) {
		check.OneOf(c, check.Key("Packages", manager), manager, packageManagers...)
		for name, versions := range sorted.All(packages) {
			at := c.At(check.Key(check.Key("Packages", manager), name))
			at.That(strings.TrimSpace(name) != "", "", "needs a name")
			at.That(manager != "rpm" || len(versions) == 1 && (absolute(versions[0]) || webURL.MatchString(versions[0]) || opaque(versions[0])),
				"", "must be one URL or absolute path, as all packages of rpm")
		}
	}
	for name, gid := range sorted.All(f.Groups) {
		at := c.At(check.Key("Groups", name))
		at.That(name != "", "", "needs a name")
		at.That(gid == "" || digits.MatchString(gid), "", "must be a group id or empty, got %s", gid)
	}
	for name, u := range sorted.All(f.Users) {
		at := c.At(check.Key("Users", name))
		at.That(name != "", "", "needs a name")
		at.That(u.UID == "" || digits.MatchString(u.UID), "UID", "must be digits, got %s", u.UID)
		at.That(u.Home == "" || absolute(u.Home), "Home", "must be an absolute path, got %s", u.Home)
		at.That(!slices.Contains(u.Groups, ""), "Groups", "must not hold an empty name")
	}
	for dir, url := range sorted.All(f.Sources) {
		at := c.At(check.Key("Sources", dir))
		at.That(absolute(dir), "", "must be below an absolute path")
		at.That(webURL.MatchString(url) || opaque(url), "", "must be an http or https URL, got %s", quoteEmpty(url))
	}
	for name, file := range sorted.All(f.Files) {
		file.check(c.At(check.Key("Files", name)), name)
	}
	for name, command := range sorted.All(f.Commands) {
		at := c.At(check.Key("Commands", name))
		command.check(at, name)
		at.That(!command.LeaderOnly, "LeaderOnly", "is for ContainerCommands only")
	}
	for manager, services := range sorted.All(f.Services) {
		check.OneOf(c, check.Key("Services", manager), manager, serviceManagers...)
		for name, s := range sorted.All(services) {
			at := c.At(check.Key(check.Key("Services", manager), name))
			at.That(name != "", "", "needs a name")
			for manager := range sorted.All(s.Packages) {
				check.OneOf(at, check.Key("Packages", manager), manager, packageManagers...)
			}
		}
	}
	for name, command := range sorted.All(f.ContainerCommands) {
		command.check(c.At(check.Key("ContainerCommands", name)), name)
	}
	for id, r := range sorted.All(f.Resources) {
		checkResource(c.At(check.Key("Resources", id)), id, r)
	}
}

func (f ConfigFile) check(c *check.List, name string) {
	c.That(absolute(name), "", "must be at an absolute path")
	c.That(f.Mode == "" || fileMode.MatchString(f.Mode), "Mode", `must be six octal digits, such as "000644", got %s`, f.Mode)
	c.That(f.Content == "" || f.Source == "", "", "must have Content or Source, not both")
	c.That(f.Source == "" || webURL.MatchString(f.Source) || opaque(f.Source), "Source", "must be an http or https URL, got %s", f.Source)
	if f.Encoding != "" {
		check.OneOf(c, "Encoding", f.Encoding, "plain", "base64")
	}
	c.That(f.Authentication == "" || f.Source != "", "Authentication", "needs Source")
}

func (f ConfigCommand) check(c *check.List, name string) {
	c.That(name != "", "", "needs a name")
	c.That((strings.TrimSpace(f.Command) != "") != (len(f.Args) > 0), "", "must have either Command or Args")
	for name := range sorted.All(f.Env) {
		c.That(name != "" && !strings.ContainsAny(name, "=\x00"), check.Key("Env", name), "must be named without =")
	}
}

func checkResource(c *check.List, id string, r any) {
	c.That(logicalID.MatchString(id), "", "must be named with letters and digits")
	if _, err := json.Marshal(r); err != nil {
		c.Add("", "cannot be written: %v", err)
		return
	}
	m, ok := r.(map[string]any)
	if !ok {
		c.Add("", "must be a map with Type and Properties")
		return
	}
	switch kind, given := m["Type"]; {
	case !given:
		c.That(strings.HasPrefix(id, "AWSEB"), "", "needs a Type: only the resources of Elastic Beanstalk (AWSEB...) go without")
	default:
		text, _ := kind.(string)
		c.That(resourceType.MatchString(text), "Type", "must be a type of CloudFormation, such as AWS::SQS::Queue, got %v", kind)
	}
}

// stateful are types of resources that hold data, which is lost with them.
var stateful = []string{
	"AWS::Backup::BackupVault", "AWS::Cassandra::Table", "AWS::Cognito::UserPool", "AWS::DocDB::DBCluster", "AWS::DynamoDB::GlobalTable",
	"AWS::DynamoDB::Table", "AWS::EC2::Volume", "AWS::ECR::Repository", "AWS::EFS::FileSystem", "AWS::ElastiCache::CacheCluster",
	"AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::ServerlessCache", "AWS::Elasticsearch::Domain", "AWS::FSx::FileSystem",
	"AWS::Kinesis::Stream", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::MemoryDB::Cluster", "AWS::MSK::Cluster", "AWS::Neptune::DBCluster",
	"AWS::OpenSearchService::Domain", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::Redshift::Cluster", "AWS::S3::Bucket",
	"AWS::SecretsManager::Secret", "AWS::SQS::Queue", "AWS::SSM::Parameter", "AWS::Timestream::Table",
}

// dying lists the resources that hold data and are deleted with the environment, as "id (type)".
func (f *Config) dying() []string {
	var found []string
	for id, r := range sorted.All(f.Resources) {
		m, _ := r.(map[string]any)
		kind, _ := m["Type"].(string)
		policy, _ := m["DeletionPolicy"].(string)
		if slices.Contains(stateful, kind) && !slices.Contains([]string{"Retain", "RetainExceptOnCreate", "Snapshot"}, policy) {
			found = append(found, fmt.Sprintf("%s (%s)", id, kind))
		}
	}
	return found
}

// notUTF8 is what json writes for bytes that are not UTF-8.
var notUTF8 = regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*\\ufffd`)

// encode writes the configuration as JSON, the same for the same configuration. JSON leaves no doubt about what is a text, which
// YAML 1.1 and 1.2 see differently.
func (f *Config) encode() ([]byte, error) {
	doc := map[string]any{}
	for _, o := range SortOptions(f.Options) {
		setting := map[string]string{"namespace": o.Namespace, "option_name": o.Name, "value": o.Value}
		if o.ResourceName != "" {
			setting["resource_name"] = o.ResourceName
		}
		list, _ := doc["option_settings"].([]map[string]string)
		doc["option_settings"] = append(list, setting)
	}
	packages := map[string]map[string][]string{}
	for manager, list := range f.Packages {
		packages[manager] = map[string][]string{}
		for name, versions := range list {
			packages[manager][name] = append([]string{}, versions...)
		}
	}
	put(doc, "packages", packages)
	groups := map[string]map[string]string{}
	for name, gid := range f.Groups {
		groups[name] = map[string]string{}
		if gid != "" {
			groups[name]["gid"] = gid
		}
	}
	put(doc, "groups", groups)
	put(doc, "users", f.Users)
	put(doc, "sources", f.Sources)
	put(doc, "files", f.Files)
	put(doc, "commands", encodeCommands(f.Commands))
	put(doc, "services", f.Services)
	put(doc, "container_commands", encodeCommands(f.ContainerCommands))
	put(doc, "Resources", f.Resources)
	if len(doc) == 0 {
		return nil, errors.New("is empty")
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		return nil, fmt.Errorf("cannot be written: %w", err)
	}
	if notUTF8.Match(b.Bytes()) {
		return nil, errors.New("must be text in UTF-8; a file can have other content with the encoding base64")
	}
	return b.Bytes(), nil
}

func put[V any](doc map[string]any, section string, values map[string]V) {
	if len(values) > 0 {
		doc[section] = values
	}
}

func encodeCommands(commands map[string]ConfigCommand) map[string]map[string]any {
	out := map[string]map[string]any{}
	for name, c := range commands {
		m := map[string]any{"command": c.Command}
		if len(c.Args) > 0 {
			m["command"] = c.Args
		}
		put(m, "env", c.Env)
		for key, text := range map[string]string{"cwd": c.Dir, "test": c.Test} {
			if text != "" {
				m[key] = text
			}
		}
		for key, on := range map[string]bool{"ignoreErrors": c.IgnoreErrors, "leader_only": c.LeaderOnly} {
			if on {
				m[key] = true
			}
		}
		out[name] = m
	}
	return out
}
