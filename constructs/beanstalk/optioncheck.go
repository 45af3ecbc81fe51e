package beanstalk

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/near"
)

// environmentBytes is the limit of all environment properties together, stored as key=value.
const environmentBytes = 4096

// CheckOptions records every problem of options, which field holds, as the options of a whole environment together with those
// in managed, which the caller sets itself and has checked. Each option is checked against the table of documented ones; an
// option must not be set twice, and what it needs must be set as well.
func CheckOptions(c *check.List, field string, options []Option, managed ...Option) {
	first := map[string]string{}
	set := map[string]string{}
	for _, o := range managed {
		set[o.key()] = o.Value
		first[o.key()] = "the environment"
	}
	for i, o := range options {
		at := c.At(check.Index(field, i))
		checkOption(at, o)
		if by, ok := first[o.key()]; ok {
			at.Add("", "sets %s, which %s sets as well", o, by)
			continue
		}
		first[o.key()] = check.Index(field, i)
		set[o.key()] = o.Value
	}
	for i, o := range options {
		checkRequired(c.At(check.Index(field, i)), o, set)
		checkBalancer(c.At(check.Index(field, i)), o, set)
	}
	checkTogether(c.At(field), set, append(slices.Clone(managed), options...))
}

// checkOption records the problems of a single option.
func checkOption(c *check.List, o Option) {
	if !utf8.ValidString(o.Namespace + "\x00" + o.Name + "\x00" + o.Value + "\x00" + o.ResourceName) {
		c.Add("", "must be text in UTF-8")
		return
	}
	checkResourceName(c, o)
	if check.IsToken(o.Namespace) || check.IsToken(o.Name) {
		return
	}
	t := documented()
	n := t.namespace(o.Namespace)
	switch {
	case o.Namespace == "":
		c.Add("Namespace", "is required")
	case n == nil && !o.Undocumented:
		c.Add("Namespace", "is not one that Elastic Beanstalk documents: %s%s", o.Namespace, t.hint(o.Namespace))
	}
	if o.Name == "" {
		c.Add("Name", "is required")
		return
	}
	if n == nil {
		return
	}
	if n.AnyName.Regexp != nil {
		c.That(n.AnyName.MatchString(o.Name), "Name", "must be %s, got %q", n.AnyForm, o.Name)
		c.That(n.AnyValue.Regexp == nil || opaque(o.Value) || n.AnyValue.MatchString(o.Value), "Value", "must be %s", n.AnyValueForm) // Without the value: it may be the secret itself.
		return
	}
	spec := n.option(o.Name)
	switch {
	case spec != nil:
		spec.check(c, o.Value)
	case !o.Undocumented:
		names := make([]string, len(n.Options))
		for i := range n.Options {
			names[i] = n.Options[i].Name
		}
		c.Add("Name", "is not an option of %s: %s%s", o.Namespace, o.Name, near.Suggestion(o.Name, names))
	}
}

var scheduledActionName = regexp.MustCompile(`^[^:/\\,]{1,255}$`)

func checkResourceName(c *check.List, o Option) {
	switch {
	case check.IsToken(o.ResourceName):
	case o.Namespace == scheduledActionNamespace && o.ResourceName == "":
		c.Add("ResourceName", "is required in %s: it names the action", o.Namespace)
	case o.Namespace == scheduledActionNamespace:
		c.That(scheduledActionName.MatchString(o.ResourceName), "ResourceName", `must be at most 255 characters, without : / \ and comma, got %q`, o.ResourceName)
	default:
		c.That(o.ResourceName == "" || strings.HasPrefix(o.ResourceName, "AWSEB"), "ResourceName",
			"is only for options of %s, got %s", scheduledActionNamespace, o.ResourceName)
	}
}

// check records a problem of the value v.
func (s *optionSpec) check(c *check.List, v string) {
	if opaque(v) {
		return
	}
	if s.Type == "list" {
		items := strings.Split(v, ",")
		c.That(s.Items == 0 || len(items) <= s.Items, "Value", "must have at most %d elements, got %d", s.Items, len(items))
		for _, item := range items {
			if item = strings.TrimSpace(item); !s.element(item) {
				c.Add("Value", "must be a list of %s, parted by commas, got %s", s.allowed(), quoteEmpty(item))
			}
		}
		return
	}
	c.That(s.element(v), "Value", "must be %s, got %s", s.allowed(), quoteEmpty(v))
}

func quoteEmpty(v string) string {
	if v == "" {
		return "an empty one"
	}
	return v
}

// element tells whether v is allowed, as the value or as an element of a list.
func (s *optionSpec) element(v string) bool {
	if slices.Contains(s.Values, v) {
		return true
	}
	switch s.Type {
	case "bool":
		return strings.EqualFold(v, "true") || strings.EqualFold(v, "false")
	case "int":
		n, err := strconv.Atoi(v)
		return err == nil && s.within(float64(n))
	case "number":
		n, err := strconv.ParseFloat(v, 64)
		return err == nil && s.within(n)
	case "duration":
		d, ok := isoDuration(v)
		return ok && s.within(d.Seconds())
	case "timestamp":
		return isTimestamp(v)
	case "cron":
		return cronProblem(v) == ""
	case "json":
		return json.Valid([]byte(v))
	}
	if s.Pattern.Regexp != nil {
		return s.Pattern.MatchString(v)
	}
	return len(s.Values) == 0
}

func (s *optionSpec) within(v float64) bool {
	return (s.Min == nil || v >= *s.Min) && (s.Max == nil || v <= *s.Max)
}

// allowed says what element lets through.
func (s *optionSpec) allowed() string {
	number := func(unit string) string {
		switch {
		case s.Min != nil && s.Max != nil:
			return fmt.Sprintf("%s between %v and %v", unit, plain(*s.Min), plain(*s.Max))
		case s.Min != nil:
			return fmt.Sprintf("%s, %v or more", unit, plain(*s.Min))
		default:
			return unit
		}
	}
	var form string
	switch s.Type {
	case "bool":
		form = "true or false"
	case "int":
		form = number("a whole number")
	case "number":
		form = number("a number")
	case "duration":
		form = fmt.Sprintf("a duration of ISO 8601 between %s and %s, such as PT5M", time.Duration(*s.Min)*time.Second, time.Duration(*s.Max)*time.Second)
	case "timestamp":
		form = "a timestamp of ISO 8601, such as 2030-04-28T04:07:00Z"
	case "cron":
		form = `a cron expression of five fields, such as "30 4 * * 1-5"`
	case "json":
		form = "a JSON document"
	default:
		form = s.Form
	}
	switch {
	case len(s.Values) == 0:
		return form
	case form == "":
		return "one of " + strings.Join(s.Values, ", ")
	default:
		return form + ", or " + strings.Join(s.Values, ", ")
	}
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

var isoPattern = regexp.MustCompile(`^PT(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?$`)

// isoDuration reads the form PT#H#M#S.
func isoDuration(v string) (time.Duration, bool) {
	m := isoPattern.FindStringSubmatch(v)
	if m == nil || v == "PT" {
		return 0, false
	}
	var d time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(m[i+1])
		d += time.Duration(n) * unit
	}
	return d, true
}

func isTimestamp(v string) bool {
	return slices.ContainsFunc([]string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02"}, func(layout string) bool {
		_, err := time.Parse(layout, v)
		return err == nil
	})
}

// checkRequired records what o needs and set lacks.
func checkRequired(c *check.List, o Option, set map[string]string) {
	spec := documented().find(o)
	if spec == nil || opaque(o.Value) {
		return
	}
	for _, r := range spec.Requires {
		if r.When != "" && !strings.EqualFold(r.When, o.Value) {
			continue
		}
		v, ok := set[r.Option]
		name := strings.Replace(r.Option, "|", " ", 1)
		setting := o.String()
		if r.When != "" {
			setting += " " + r.When
		}
		if r.Is == "" {
			c.That(ok && v != "", "", "%s needs %s", setting, name)
		} else {
			c.That(ok && (opaque(v) || strings.EqualFold(v, r.Is)), "", "%s needs %s to be %s", setting, name, r.Is)
		}
	}
}

// checkBalancer records an option of a load balancer that the environment does not have.
func checkBalancer(c *check.List, o Option, set map[string]string) {
	n := documented().namespace(o.Namespace)
	if n == nil || len(n.Balancers) == 0 {
		return
	}
	if set["aws:elasticbeanstalk:environment|EnvironmentType"] == "SingleInstance" {
		c.Add("", "%s is of a load balancer, which a SingleInstance environment does not have", o)
		return
	}
	if kind, ok := set["aws:elasticbeanstalk:environment|LoadBalancerType"]; ok && !opaque(kind) {
		c.That(slices.Contains(n.Balancers, kind), "", "%s needs a load balancer of type %s, got %s", o, strings.Join(n.Balancers, " or "), kind)
	}
}

// checkTogether records values that do not fit each other.
func checkTogether(c *check.List, set map[string]string, all []Option) {
	number := func(key string) (int, bool) {
		v, ok := set[key]
		if !ok {
			namespace, name, _ := strings.Cut(key, "|")
			if spec := documented().find(Option{Namespace: namespace, Name: name}); spec != nil {
				v = spec.Default
			}
		}
		n, err := strconv.Atoi(v)
		return n, err == nil
	}
	const lowest, most = "aws:autoscaling:asg|MinSize", "aws:autoscaling:asg|MaxSize"
	least, okLeast := number(lowest)
	greatest, okGreatest := number(most)
	if okLeast && okGreatest && (set[lowest] != "" || set[most] != "") {
		c.That(least <= greatest, "", "aws:autoscaling:asg MinSize %d is above MaxSize %d", least, greatest)
	}
	if batch, ok := number("aws:elasticbeanstalk:command|BatchSize"); ok && set["aws:elasticbeanstalk:command|BatchSize"] != "" {
		limit, limited, what := 100, true, "100 percent"
		if v := set["aws:elasticbeanstalk:command|BatchSizeType"]; v == "Fixed" {
			limit, limited, what = greatest, okGreatest, fmt.Sprintf("MaxSize %d", greatest)
		} else if opaque(v) {
			limited = false
		}
		c.That(!limited || batch <= limit, "", "aws:elasticbeanstalk:command BatchSize %d is above %s", batch, what)
	}
	const launch = "aws:autoscaling:launchconfiguration|"
	volume := set[launch+"RootVolumeType"]
	if iops, ok := number(launch + "RootVolumeIOPS"); ok && volume == "gp3" {
		c.That(3000 <= iops && iops <= 16000, "", "aws:autoscaling:launchconfiguration RootVolumeIOPS must be between 3000 and 16000 for gp3, got %d", iops)
	}
	if size, ok := number(launch + "RootVolumeSize"); ok {
		switch volume {
		case "standard":
			c.That(size <= 1024, "", "aws:autoscaling:launchconfiguration RootVolumeSize must be at most 1024 for standard, got %d", size)
		case "gp2", "gp3", "io1":
			c.That(size >= 10, "", "aws:autoscaling:launchconfiguration RootVolumeSize must be at least 10 for %s, got %d", volume, size)
		}
	}
	if _, ok := number(launch + "RootVolumeThroughput"); ok && volume != "" && !opaque(volume) {
		c.That(volume == "gp3", "", "aws:autoscaling:launchconfiguration RootVolumeThroughput is only for gp3, got %s", volume)
	}
	size := 0
	for _, o := range all {
		if o.Namespace == environmentNamespace && !opaque(o.Value) {
			size += len(o.Name) + len(o.Value) + 1
		}
	}
	c.That(size <= environmentBytes, "", "the environment properties take %d bytes, at most %d fit", size, environmentBytes)
}
