package beanstalk

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/near"
)

// Option is one configuration option of an environment, in the words of
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options.html.
type Option struct {
	// Namespace is the namespace of the option, such as "aws:autoscaling:asg". Required.
	Namespace string
	// Name is the name of the option in its namespace, such as "MinSize". Required. Case counts.
	Name string
	// Value is the value. A value that holds a CDK token, or a function of CloudFormation in backquotes, is not checked.
	// Default: empty, which only some options take.
	Value string
	// ResourceName tells the scheduled actions of aws:autoscaling:scheduledaction apart, where it is required.
	// Default: empty. In other namespaces only the names that Elastic Beanstalk gives itself (AWSEB...) are allowed.
	ResourceName string
	// Undocumented lets a namespace and a name pass that the table of options lacks, because AWS added it later.
	// Default: false, what the table lacks is a mistake.
	Undocumented bool
}

const (
	environmentNamespace     = "aws:elasticbeanstalk:application:environment"
	scheduledActionNamespace = "aws:autoscaling:scheduledaction"
)

// key tells what the option sets. The resource name counts only where it tells options apart.
func (o Option) key() string {
	k := o.Namespace + "|" + o.Name
	if o.Namespace == scheduledActionNamespace {
		k += "|" + o.ResourceName
	}
	return k
}

// String names the option, without its value, which may be a secret.
func (o Option) String() string {
	if o.ResourceName == "" {
		return o.Namespace + " " + o.Name
	}
	return o.Namespace + " " + o.Name + " of " + o.ResourceName
}

// SortOptions returns options by namespace, resource name and name: the order in which a template should hold them, so that
// it does not change from run to run.
func SortOptions(options []Option) []Option {
	s := slices.Clone(options)
	slices.SortStableFunc(s, func(a, b Option) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.ResourceName, b.ResourceName), cmp.Compare(a.Name, b.Name))
	})
	return s
}

// optionsJSON is the table of documented options. Its head says what it was made from.
//
//go:embed options.json
var optionsJSON []byte

type namespaceSpec struct {
	// Name may end in a part in braces, such as {port}, that stands for any name.
	Name string `json:"name"`
	// Balancers are the types of load balancers that the options are for; none are for all environments.
	Balancers []string     `json:"balancers"`
	Options   []optionSpec `json:"options"`
	// AnyName is the pattern of the names in a namespace whose names are free.
	AnyName      pattern `json:"anyName"`
	AnyForm      string  `json:"anyForm"`
	AnyValue     pattern `json:"anyValue"`
	AnyValueForm string  `json:"anyValueForm"`
}

type optionSpec struct {
	Name    string   `json:"name"`
	Default string   `json:"default"`
	Type    string   `json:"type"`
	Values  []string `json:"values"`
	Min     *float64 `json:"min"`
	Max     *float64 `json:"max"`
	Pattern pattern  `json:"pattern"`
	// Form says in words what Pattern matches.
	Form string `json:"form"`
	// Items is the greatest number of elements of a list; 0 is no limit.
	Items    int           `json:"items"`
	Requires []requirement `json:"requires"`
}

// requirement is another option that must be set, to a value or to any, when this one is.
type requirement struct {
	// When limits the rule to this value of the option.
	When string `json:"when"`
	// Option is "namespace|name".
	Option string `json:"option"`
	Is     string `json:"is"`
}

type pattern struct{ *regexp.Regexp }

func (p *pattern) UnmarshalText(text []byte) (err error) {
	p.Regexp, err = regexp.Compile(string(text))
	return err
}

type optionTable struct {
	namespaces map[string]*namespaceSpec
	// templates are the namespaces that end in a part in braces, by what precedes it.
	templates map[string]*namespaceSpec
}

var documented = sync.OnceValue(func() *optionTable {
	var file struct {
		Namespaces []*namespaceSpec `json:"namespaces"`
	}
	if err := json.Unmarshal(optionsJSON, &file); err != nil {
		panic(err)
	}
	t := &optionTable{namespaces: map[string]*namespaceSpec{}, templates: map[string]*namespaceSpec{}}
	for _, n := range file.Namespaces {
		if prefix, _, ok := strings.Cut(n.Name, "{"); ok {
			t.templates[prefix] = n
		} else {
			t.namespaces[n.Name] = n
		}
	}
	return t
})

var (
	portPart = regexp.MustCompile(`^[1-9]\d{0,4}$`)
	namePart = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// namespace finds a namespace by name; nil when the table lacks it.
func (t *optionTable) namespace(name string) *namespaceSpec {
	if n := t.namespaces[name]; n != nil {
		return n
	}
	prefix, part := name[:strings.LastIndex(name, ":")+1], name[strings.LastIndex(name, ":")+1:]
	n := t.templates[prefix]
	switch {
	case n == nil:
		return nil
	case strings.HasSuffix(n.Name, "{port}") && !portPart.MatchString(part), !namePart.MatchString(part):
		return nil
	}
	return n
}

func (n *namespaceSpec) option(name string) *optionSpec {
	i := slices.IndexFunc(n.Options, func(o optionSpec) bool { return o.Name == name })
	if i < 0 {
		return nil
	}
	return &n.Options[i]
}

// find returns the rules of an option; nil when the table lacks it or its names are free.
func (t *optionTable) find(o Option) *optionSpec {
	if n := t.namespace(o.Namespace); n != nil {
		return n.option(o.Name)
	}
	return nil
}

// hint ends a message about a namespace that the table lacks.
func (t *optionTable) hint(name string) string {
	if n := t.templates[name[:strings.LastIndex(name, ":")+1]]; n != nil {
		return "; it must have the form " + n.Name
	}
	var names []string
	for name := range t.namespaces {
		names = append(names, name)
	}
	for _, n := range t.templates {
		names = append(names, n.Name)
	}
	slices.Sort(names)
	return near.Suggestion(name, names)
}

// opaque tells whether a value is known only at deployment: it holds a CDK token, or a function of CloudFormation in
// backquotes, as .ebextensions have it.
func opaque(v string) bool {
	return check.IsToken(v) || strings.Contains(v, "`{")
}
