package apilambda

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/gobuild"
	"github.com/strata-cdk/strata/internal/sorted"
)

var (
	stageName     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	stageVariable = regexp.MustCompile(`^[A-Za-z0-9._~:/?#&=,-]+$`)
	variableName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]+$`)
	stageVarName  = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)
	parameterName = regexp.MustCompile(`^[A-Za-z0-9._$-]+$`)
	pathPart      = regexp.MustCompile(`^([A-Za-z0-9._:$-]+|\{[A-Za-z0-9._-]+\+?\})$`)
	methods       = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"}
	cacheSizes    = []string{"0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"}
	reservedVars  = []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
		"AWS_SESSION_TOKEN", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
		"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API",
		"LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "_HANDLER", "_X_AMZN_TRACE_ID"}
)

// The longest that API Gateway waits for a function.
const (
	maxTimeout       = 29 * time.Second
	maxHTTPTimeout   = 30 * time.Second
	maxRaisedTimeout = 300 * time.Second
	maxStreamTimeout = 15 * time.Minute
)

// Validate reports every invalid field at once. It is pure Go: no construct is made, and no function is built.
func (p *APIProps) Validate() error {
	d, c := p.withDefaults(), check.For("apilambda.APIProps")
	check.OneOf(c, "Kind", d.Kind, REST, HTTP)
	c.That(utf8.RuneCountInString(d.Description) <= 1024, "Description", "must be at most 1024 characters, got %d", utf8.RuneCountInString(d.Description))
	d.validateFunctions(c)
	d.validateRoutes(c)
	d.validateAuthorizers(c)
	c.That(stageName.MatchString(d.StageName), "StageName", "must be 1 to 128 letters, digits, hyphens and underscores, got %q", d.StageName)
	c.That(len(d.StageVariables) <= 100, "StageVariables", "must be at most 100, got %d", len(d.StageVariables))
	for name, value := range sorted.All(d.StageVariables) {
		field := check.Key("StageVariables", name)
		c.That(stageVarName.MatchString(name), field, "must have a name of letters, digits and underscores, 64 at most")
		c.That(check.IsToken(value) || stageVariable.MatchString(value) && len(value) <= 512, field,
			"must have letters, digits and -._~:/?#&=, only, 1 to 512, got %q", value)
	}
	d.validateCORS(c)
	d.validateDomain(c)
	check.OneOf(c, "Endpoint", d.Endpoint, Regional, Edge, Private)
	c.That((d.Endpoint == Private) == (len(d.VPCEndpoints) > 0), "VPCEndpoints", "must be given for a Private endpoint, and for no other")
	validateThrottle(c, "Throttle", d.Throttle)
	d.validateUsagePlans(c)
	for name, schema := range sorted.All(d.Models) {
		field := check.Key("Models", name)
		c.That(check.IsConstructID(name), field, "must have a name of letters and digits that starts with a letter")
		var object map[string]any
		err := json.Unmarshal([]byte(schema), &object)
		c.That(err == nil && object != nil, field, "must be a JSON Schema, a JSON object")
		c.That(!hasNull(object), field, "must have no null, which the CDK drops; allow it with \"type\":[\"null\"]")
	}
	if d.Cache != nil {
		check.OneOf(c, "Cache.SizeGB", d.Cache.SizeGB, cacheSizes...)
		c.That(slices.ContainsFunc(d.Routes, func(r Route) bool { return r.CacheTTL > 0 }), "Cache", "is used by no route: set CacheTTL on one")
	}
	d.validateWAF(c)
	if d.Kind == HTTP {
		p.validateHTTP(c)
	}
	c.That(!d.QuotaRaised || d.Endpoint != Edge, "QuotaRaised", "is for Regional and Private endpoints only: an Edge endpoint waits 29s at most")
	check.OneOf(c, "LogRetentionDays", d.LogRetentionDays, cdkval.RetentionDays()...)
	d.validateAlarms(c)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

// validateHTTP rejects what an HTTP API does not have.
func (p *APIProps) validateHTTP(c *check.List) {
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"RequireAPIKeys", p.RequireAPIKeys},
		{"Endpoint", p.Endpoint != "" && p.Endpoint != Regional},
		{"UsagePlans", len(p.UsagePlans) > 0},
		{"Models", len(p.Models) > 0},
		{"Cache", p.Cache != nil},
		{"WAF", !p.WAF.IsZero()},
		{"QuotaRaised", p.QuotaRaised},
		{"KeepAccountLogRole", p.KeepAccountLogRole},
		{"ConfigureREST", p.ConfigureREST != nil},
	} {
		c.That(!f.given, f.name, "must be left out: an HTTP API does not have it; use Kind REST")
	}
}

func (p *APIProps) validateFunctions(c *check.List) {
	c.That(len(p.Functions) > 0, "Functions", "must have at least one function")
	for i := range p.Functions {
		f, c := &p.Functions[i], c.At(check.Index("Functions", i))
		c.That(check.IsConstructID(f.Name) && len(f.Name) <= 64, "Name",
			"must be a letter, then letters and digits, 64 at most, got %q", f.Name)
		c.That(!slices.ContainsFunc(p.Functions[:i], func(o FunctionProps) bool { return o.Name == f.Name }), "Name", "must differ from the others, got %q again", f.Name)
		f.validateCode(c)
		check.OneOf(c, "Architecture", f.Architecture, "arm64", "x86_64")
		c.That(utf8.RuneCountInString(f.Description) <= 256, "Description", "must be at most 256 characters, got %d", utf8.RuneCountInString(f.Description))
		check.Range(c, "Memory", f.Memory, 128, 10240)
		check.Range(c, "EphemeralStorage", f.EphemeralStorage, 512, 10240)
		check.Range(c, "Timeout", f.Timeout, time.Second, 15*time.Minute)
		check.WholeSeconds(c, "Timeout", f.Timeout)
		f.validateEnvironment(c)
		if f.ReservedConcurrency != nil {
			c.That(*f.ReservedConcurrency >= 0, "ReservedConcurrency", "must be 0 or more, got %d", *f.ReservedConcurrency)
			c.That(f.ProvisionedConcurrency <= *f.ReservedConcurrency, "ProvisionedConcurrency",
				"must be at most ReservedConcurrency, %d, got %d", *f.ReservedConcurrency, f.ProvisionedConcurrency)
		}
		c.That(f.ProvisionedConcurrency >= 0, "ProvisionedConcurrency", "must be 0 or more, got %d", f.ProvisionedConcurrency)
		c.That(f.VPC != nil || f.Subnets == nil, "Subnets", "must be left out without VPC")
		c.That(f.VPC != nil || len(f.SecurityGroups) == 0, "SecurityGroups", "must be left out without VPC")
		c.That(len(f.Layers) <= 5, "Layers", "must be at most 5, got %d", len(f.Layers))
		if f.Async != nil {
			check.Range(c, "Async.MaxAge", f.Async.MaxAge, time.Minute, 6*time.Hour)
			check.WholeSeconds(c, "Async.MaxAge", f.Async.MaxAge)
			check.Range(c, "Async.Retries", *f.Async.Retries, 0, 2)
		}
		f.Rollout.validate(c.At("Rollout"))
		c.That(p.Kind == HTTP || f.PayloadFormat == "", "PayloadFormat", "must be left out on a REST API, which has but one")
		if p.Kind == HTTP {
			check.OneOf(c, "PayloadFormat", f.PayloadFormat, "1.0", "2.0")
		}
	}
}

func (f *FunctionProps) validateCode(c *check.List) {
	given := 0
	for _, is := range []bool{f.GoPackage != "", f.Directory != "", f.Code != nil} {
		if is {
			given++
		}
	}
	c.That(given == 1, "", "must have exactly one of GoPackage, Directory and Code, got %d", given)
	if f.GoPackage != "" {
		if err := gobuild.Check(f.GoPackage); err != nil {
			c.Add("GoPackage", "must be a main package: %v", err)
		}
		c.That(f.Handler == "bootstrap", "Handler", "must be left out with GoPackage, got %q", f.Handler)
		return
	}
	if f.Directory != "" {
		info, err := os.Stat(f.Directory)
		c.That(err == nil && info.IsDir(), "Directory", "must be a directory, got %q", f.Directory)
	}
	if given > 0 {
		c.That(f.Runtime != nil, "Runtime", "must be given with Directory and Code")
		c.That(f.Handler != "", "Handler", "must be given with Directory and Code")
	}
}

func (f *FunctionProps) validateEnvironment(c *check.List) {
	seen, size := map[string]string{}, 0
	for _, vars := range []struct {
		field string
		names []string
	}{
		{"Environment", slices.Sorted(maps.Keys(f.Environment))},
		{"Parameters", slices.Sorted(maps.Keys(f.Parameters))},
		{"Secrets", slices.Sorted(maps.Keys(f.Secrets))},
	} {
		for _, name := range vars.names {
			field := check.Key(vars.field, name)
			c.That(variableName.MatchString(name), field, "must have a name of letters, digits and underscores, two at least, that starts with a letter")
			c.That(!slices.Contains(reservedVars, name), field, "is set by Lambda itself")
			c.That(seen[name] == "", field, "is in %s too", seen[name])
			seen[name] = vars.field
			size += len(name) + len(f.Environment[name])
		}
	}
	for name, parameter := range sorted.All(f.Parameters) {
		c.That(parameter != nil, check.Key("Parameters", name), "must be a parameter, got nil")
	}
	for name, secret := range sorted.All(f.Secrets) {
		c.That(secret != nil, check.Key("Secrets", name), "must be a secret, got nil")
	}
	c.That(size <= 4096, "Environment", "must be at most 4096 bytes in all, got %d", size)
}

func (r Rollout) validate(c *check.List) {
	check.OneOf(c, "Strategy", r.Strategy, Canary, Linear, AllAtOnce)
	if r.Strategy == AllAtOnce {
		c.That(r.Percent == 0 && r.Interval == 0, "", "must have no Percent and no Interval with AllAtOnce")
		return
	}
	check.Range(c, "Percent", r.Percent, 1, 99)
	c.That(r.Interval >= time.Minute && r.Interval%time.Minute == 0, "Interval", "must be whole minutes, 1 at least, got %v", r.Interval)
	steps := 1
	if r.Strategy == Linear && r.Percent > 0 {
		steps = int(math.Ceil(100/float64(r.Percent))) - 1
	}
	total := time.Duration(steps) * r.Interval
	c.That(total <= 48*time.Hour, "Interval", "must make at most 48h in all, got %v", total)
}

func (p *APIProps) validateCORS(c *check.List) {
	if p.CORS == nil {
		return
	}
	c = c.At("CORS")
	c.That(len(p.CORS.Origins) > 0, "Origins", "must have at least one origin")
	c.That(len(p.CORS.Origins) <= 1 || !slices.Contains(p.CORS.Origins, "*"), "Origins", `must have no others beside "*"`)
	for i, o := range p.CORS.Origins {
		c.That(check.IsToken(o) || o == "*" || strings.HasPrefix(o, "https://") || strings.HasPrefix(o, "http://"), check.Index("Origins", i),
			`must be "*" or start with https:// or http://, got %q`, o)
	}
	c.That(!p.CORS.AllowCredentials || !slices.Contains(p.CORS.Origins, "*"), "AllowCredentials", `must not be set with the origin "*": browsers refuse it`)
	check.Range(c, "MaxAge", p.CORS.MaxAge, 0, 24*time.Hour)
	check.WholeSeconds(c, "MaxAge", p.CORS.MaxAge)
	for i, m := range p.CORS.Methods {
		check.OneOf(c, check.Index("Methods", i), m, methods[:len(methods)-1]...)
	}
}

func (p *APIProps) validateDomain(c *check.List) {
	if d := p.Domain; d != nil {
		d.name().Validate(c.At("Domain"))
		c.That(p.Endpoint != Private, "Domain", "must be left out for a Private endpoint")
		c.That(p.Endpoint != Edge || d.Certificate != nil, "Domain.Certificate", "must be given for an Edge endpoint: one from us-east-1")
	}
}

func (p *APIProps) validateUsagePlans(c *check.List) {
	var plans, keys []string
	for i, u := range p.UsagePlans {
		c := c.At(check.Index("UsagePlans", i))
		c.That(check.IsConstructID(u.Name), "Name", "must be a letter, then letters and digits, got %q", u.Name)
		c.That(!slices.Contains(plans, u.Name), "Name", "must differ from the others, got %q again", u.Name)
		plans = append(plans, u.Name)
		for j, key := range u.Keys {
			field := check.Index("Keys", j)
			c.That(check.IsConstructID(key), field, "must be a letter, then letters and digits, got %q", key)
			c.That(!slices.Contains(keys, key), field, "must be in one plan once, got %q again", key)
			keys = append(keys, key)
		}
		validateThrottle(c, "Throttle", u.Throttle)
		c.That(u.Quota >= 0, "Quota", "must be 0 or more, got %d", u.Quota)
		check.OneOf(c, "Period", u.Period, Day, Week, Month)
	}
	wanted := p.RequireAPIKeys || slices.ContainsFunc(p.Routes, func(r Route) bool { return r.auth(p) == APIKey{} })
	c.That(!wanted || len(keys) > 0 || p.Kind == HTTP, "UsagePlans", "must have a plan with a key, or nobody can call the routes that need one")
}

func (p *APIProps) validateWAF(c *check.List) {
	if p.DisableWAF {
		c.That(p.WAF.IsZero(), "WAF", "must be left out when it is disabled")
		return
	}
	c.At("WAF").Join(p.WAF.Validate())
}

func (p *APIProps) validateAlarms(c *check.List) {
	a, c := p.Alarms, c.At("Alarms")
	c.That(a.ServerErrorPercent > 0 && a.ServerErrorPercent <= 100, "ServerErrorPercent", "must be above 0 and at most 100, got %v", a.ServerErrorPercent)
	check.Range(c, "Latency", a.Latency, time.Millisecond, maxStreamTimeout)
	c.That(a.FunctionErrors >= 0, "FunctionErrors", "must be 0 or more, got %d", a.FunctionErrors)
	c.That(a.Throttles >= 0, "Throttles", "must be 0 or more, got %d", a.Throttles)
	check.Range(c, "DurationPercent", a.DurationPercent, 1, 100)
	check.Range(c, "ConcurrencyPercent", a.ConcurrencyPercent, 1, 100)
	c.That(a.AccountConcurrency > 0, "AccountConcurrency", "must be 1 or more, got %d", a.AccountConcurrency)
	c.That(!a.Disable || a.Topic == nil, "Topic", "must be left out when alarms are disabled")
}

func validateThrottle(c *check.List, field string, t Throttle) {
	c.That(t.Rate >= 0, field+".Rate", "must be 0 or more, got %d", t.Rate)
	c.That(t.Burst >= 0, field+".Burst", "must be 0 or more, got %d", t.Burst)
	c.That(t.Rate != 0 || t.Burst == 0, field+".Rate", "must be given with Burst")
}

func (p *APIProps) withDefaults() APIProps {
	var d APIProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Kind, REST)
	defaults.Or(&d.StageName, "live")
	defaults.Or(&d.Endpoint, Regional)
	defaults.Or(&d.LogRetentionDays, 365)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	defaults.Or(&d.Throttle.Rate, 1000)
	d.Throttle = d.Throttle.withDefaults()
	defaults.Or(&d.Alarms.ServerErrorPercent, 1)
	defaults.Or(&d.Alarms.Latency, 3*time.Second)
	defaults.Or(&d.Alarms.DurationPercent, 80)
	defaults.Or(&d.Alarms.ConcurrencyPercent, 80)
	defaults.Or(&d.Alarms.AccountConcurrency, 1000)
	if d.Auth == nil {
		d.Auth = IAM{}
	}
	d.Functions = slices.Clone(d.Functions)
	for i := range d.Functions {
		d.Functions[i] = d.Functions[i].withDefaults(d.Kind)
	}
	d.Routes = slices.Clone(d.Routes)
	for i := range d.Routes {
		defaults.Or(&d.Routes[i].Timeout, maxTimeout)
		d.Routes[i].Throttle = d.Routes[i].Throttle.withDefaults()
	}
	d.UsagePlans = slices.Clone(d.UsagePlans)
	for i := range d.UsagePlans {
		defaults.Or(&d.UsagePlans[i].Period, Month)
		d.UsagePlans[i].Throttle = d.UsagePlans[i].Throttle.withDefaults()
	}
	if d.Cache != nil {
		d.Cache = new(*d.Cache)
		defaults.Or(&d.Cache.SizeGB, "0.5")
	}
	if d.CORS != nil {
		d.CORS = new(*d.CORS)
		defaults.Or(&d.CORS.MaxAge, time.Hour)
		if len(d.CORS.Methods) == 0 {
			d.CORS.Methods = d.routeMethods()
		}
		if len(d.CORS.Headers) == 0 {
			d.CORS.Headers = []string{"Content-Type", "Authorization", "X-Amz-Date", "X-Api-Key", "X-Amz-Security-Token"}
		}
	}
	return d
}

// routeMethods are the methods of the routes, each once, in the order of the alphabet.
func (p *APIProps) routeMethods() []string {
	var used []string
	for _, r := range p.Routes {
		if r.Method == "ANY" {
			return methods[:len(methods)-1]
		}
		used = append(used, r.Method)
	}
	slices.Sort(used)
	return slices.Compact(used)
}

func (f FunctionProps) withDefaults(kind Kind) FunctionProps {
	defaults.Or(&f.Architecture, "arm64")
	defaults.Or(&f.Memory, 256)
	defaults.Or(&f.EphemeralStorage, 512)
	defaults.Or(&f.Timeout, 10*time.Second)
	if f.GoPackage != "" {
		defaults.Or(&f.Handler, "bootstrap")
	}
	if kind == HTTP {
		defaults.Or(&f.PayloadFormat, "2.0")
	}
	defaults.Or(&f.Rollout.Strategy, Canary)
	if f.Rollout.Strategy != AllAtOnce {
		defaults.Or(&f.Rollout.Percent, 10)
		defaults.Or(&f.Rollout.Interval, map[Strategy]time.Duration{Canary: 5 * time.Minute, Linear: time.Minute}[f.Rollout.Strategy])
	}
	if f.Async != nil {
		f.Async = new(*f.Async)
		defaults.Or(&f.Async.MaxAge, 6*time.Hour)
		if f.Async.Retries == nil {
			f.Async.Retries = new(2)
		}
	}
	return f
}

func (t Throttle) withDefaults() Throttle {
	if t.Rate > 0 {
		defaults.Or(&t.Burst, max(1, t.Rate/2))
	}
	return t
}

// hasNull tells whether a decoded JSON value has a null in it.
func hasNull(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), func(e any) bool { return e == nil || hasNull(e) })
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return e == nil || hasNull(e) })
	default:
		return false
	}
}
