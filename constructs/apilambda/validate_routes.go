package apilambda

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"

	"github.com/strata-cdk/strata/check"
)

func (p *APIProps) validateRoutes(c *check.List) {
	c.That(len(p.Routes) > 0, "Routes", "must have at least one route")
	if p.CORS != nil && p.Kind == REST {
		for i, r := range p.Routes {
			c.That(r.Method != "OPTIONS" && r.Method != "ANY", check.Index("Routes", i)+".Method",
				"must not be %s with CORS, which answers OPTIONS itself on a REST API", r.Method)
		}
	}
	seen := map[string]bool{}
	variables := map[string]string{} // the parameter at a place in the paths of a REST API
	for i := range p.Routes {
		r, c := &p.Routes[i], c.At(check.Index("Routes", i))
		check.OneOf(c, "Method", r.Method, methods...)
		validatePath(c, r.Path)
		if p.Kind == REST {
			validateVariables(c, r.Path, variables)
		}
		key := r.Method + " " + r.Path
		c.That(!seen[key], "", "repeats %s", key)
		seen[key] = true
		p.validateRouteFunction(c, r)
		p.validateRouteAuth(c, r)
		p.validateTimeout(c, r)
		validateThrottle(c, "Throttle", r.Throttle)
		for _, names := range []struct {
			field string
			names []string
		}{{"RequiredQuery", r.RequiredQuery}, {"RequiredHeaders", r.RequiredHeaders}, {"CacheQuery", r.CacheQuery}} {
			for j, name := range names.names {
				field := check.Index(names.field, j)
				c.That(parameterName.MatchString(name), field, "must be a name of letters, digits and ._$-, got %q", name)
				c.That(!slices.Contains(names.names[:j], name), field, "must be there once, got %q again", name)
			}
		}
		if p.Kind == HTTP {
			for _, f := range []struct {
				name  string
				given bool
			}{
				{"Model", r.Model != ""}, {"RequiredQuery", len(r.RequiredQuery) > 0}, {"RequiredHeaders", len(r.RequiredHeaders) > 0},
				{"Stream", r.Stream}, {"CacheTTL", r.CacheTTL != 0},
			} {
				c.That(!f.given, f.name, "must be left out: an HTTP API does not have it; use Kind REST")
			}
			continue
		}
		_, known := p.Models[r.Model]
		c.That(r.Model == "" || known, "Model", "must be one of Models, got %q", r.Model)
		p.validateCaching(c, r)
	}
}

func validatePath(c *check.List, path string) {
	if !strings.HasPrefix(path, "/") {
		c.Add("Path", "must start with /, got %q", path)
		return
	}
	if path == "/" {
		return
	}
	parts := strings.Split(path[1:], "/")
	for i, part := range parts {
		c.That(pathPart.MatchString(part), "Path", "must have parts of letters, digits and ._:$- or a parameter like {id}, got %q", part)
		c.That(!strings.HasSuffix(part, "+}") || i == len(parts)-1, "Path", "must have %s as its last part", part)
	}
}

// validateVariables holds that REST APIs have but one parameter after the same parts of a path.
func validateVariables(c *check.List, path string, variables map[string]string) {
	for i, part := range strings.Split(path, "/") {
		if !strings.HasPrefix(part, "{") {
			continue
		}
		before := strings.Join(strings.Split(path, "/")[:i], "/") + "/"
		if other := variables[before]; other != "" && other != part {
			c.Add("Path", "must use %s after %s, as another route does; a REST API takes but one parameter there, got %s", other, before, part)
		}
		variables[before] = part
	}
}

func (p *APIProps) validateRouteFunction(c *check.List, r *Route) {
	names := make([]string, len(p.Functions))
	for i, f := range p.Functions {
		names[i] = f.Name
	}
	switch {
	case r.Function == "":
		c.That(len(names) <= 1, "Function", "must be given, because there are several: %s", strings.Join(names, ", "))
	case !slices.Contains(names, r.Function):
		c.Add("Function", "must be one of Functions, got %q", r.Function)
	}
}

func (p *APIProps) validateRouteAuth(c *check.List, r *Route) {
	auth := r.auth(p)
	scoped := false
	switch auth := auth.(type) {
	case APIKey:
		c.That(p.Kind == REST, "Auth", "must not be APIKey: an HTTP API does not have it; use Kind REST")
	case *JWT:
		c.That(p.Kind == HTTP, "Auth", "must not be JWT: a REST API does not have it; use Cognito or LambdaAuth, or Kind HTTP")
		scoped = auth != nil
	case *Cognito:
		scoped = auth != nil
	}
	c.That(scoped || len(r.Scopes) == 0, "Scopes", "must be left out unless Auth is JWT or Cognito")
	c.That(len(r.Scopes) <= 10, "Scopes", "must be at most 10, got %d", len(r.Scopes))
}

func (p *APIProps) validateTimeout(c *check.List, r *Route) {
	limit := maxTimeout
	switch {
	case p.Kind == HTTP:
		limit = maxHTTPTimeout
	case r.Stream:
		limit = maxStreamTimeout
	case p.QuotaRaised:
		limit = maxRaisedTimeout
	}
	check.Range(c, "Timeout", r.Timeout, 50*time.Millisecond, limit)
	c.That(r.Timeout%time.Millisecond == 0, "Timeout", "must be whole milliseconds, got %v", r.Timeout)
}

func (p *APIProps) validateCaching(c *check.List, r *Route) {
	if r.CacheTTL == 0 {
		c.That(len(r.CacheQuery) == 0, "CacheQuery", "must be left out without CacheTTL")
		return
	}
	c.That(p.Cache != nil, "CacheTTL", "must be left out without the API's Cache")
	c.That(r.Method == "GET", "CacheTTL", "must be left out unless Method is GET, got %s", r.Method)
	c.That(!r.Stream, "CacheTTL", "must be left out with Stream")
	c.That(r.auth(p) != IAM{}, "CacheTTL", "must be left out with IAM: signatures differ from request to request, so nothing would be found")
	check.Range(c, "CacheTTL", r.CacheTTL, time.Second, time.Hour)
	check.WholeSeconds(c, "CacheTTL", r.CacheTTL)
}

// validateAuthorizers looks at each authorizer once.
func (p *APIProps) validateAuthorizers(c *check.List) {
	seen := map[string]Auth{}
	look := func(field string, auth Auth) {
		c := c.At(field)
		var name string
		switch auth := auth.(type) {
		case nil, IAM, NoAuth, APIKey:
			return
		case *JWT:
			if isNil(c, auth) {
				return
			}
			name = auth.Name
		case *Cognito:
			if isNil(c, auth) {
				return
			}
			name = auth.Name
		case *LambdaAuth:
			if isNil(c, auth) {
				return
			}
			name = auth.Name
		default:
			c.Add("", "must be IAM{}, NoAuth{}, APIKey{}, *JWT, *Cognito or *LambdaAuth, got %T", auth)
			return
		}
		if other, ok := seen[name]; ok {
			c.That(other == auth, "Name", "must differ from other authorizers, got %q again; routes share an authorizer by sharing its pointer", name)
			return
		}
		seen[name] = auth
		c.That(check.IsConstructID(name), "Name", "must be a letter, then letters and digits, got %q", name)
		p.validateAuthorizer(c, auth)
	}
	look("Auth", p.Auth)
	for i, r := range p.Routes {
		look(check.Index("Routes", i)+".Auth", r.Auth)
	}
	c.That(len(seen) <= 10, "Routes", "must have at most 10 authorizers, got %d", len(seen))
}

func isNil[T any](c *check.List, auth *T) bool {
	c.That(auth != nil, "", "must not be a nil %T", auth)
	return auth == nil
}

func (p *APIProps) validateAuthorizer(c *check.List, auth Auth) {
	switch auth := auth.(type) {
	case *JWT:
		c.That(check.IsToken(auth.Issuer) || strings.HasPrefix(auth.Issuer, "https://"), "Issuer", "must start with https://, got %q", auth.Issuer)
		check.Range(c, "Audience", len(auth.Audience), 1, 50)
	case *Cognito:
		if p.Kind == HTTP {
			c.That(len(auth.UserPools) == 1, "UserPools", "must be one on an HTTP API, got %d", len(auth.UserPools))
			c.That(len(auth.Clients) > 0, "Clients", "must have at least one client on an HTTP API")
			return
		}
		check.Range(c, "UserPools", len(auth.UserPools), 1, 1000)
		c.That(len(auth.Clients) == 0, "Clients", "must be left out on a REST API, which does not look at them")
	case *LambdaAuth:
		c.That((auth.Function == "") != (auth.Handler == nil), "", "must have one of Function and Handler")
		known := slices.ContainsFunc(p.Functions, func(f FunctionProps) bool { return f.Name == auth.Function })
		c.That(auth.Function == "" || known, "Function", "must be one of Functions, got %q", auth.Function)
		check.Range(c, "CacheTTL", auth.cacheTTL(), 0, time.Hour)
		check.WholeSeconds(c, "CacheTTL", auth.cacheTTL())
	}
}

// auth is who may call a route.
func (r *Route) auth(p *APIProps) Auth {
	if r.Auth != nil {
		return r.Auth
	}
	return p.Auth
}

func (l *LambdaAuth) cacheTTL() time.Duration {
	if l.CacheTTL == nil {
		return 5 * time.Minute
	}
	return *l.CacheTTL
}

func (l *LambdaAuth) identityHeaders() []string {
	if len(l.IdentityHeaders) == 0 {
		return []string{"Authorization"}
	}
	return l.IdentityHeaders
}

// authorizer is the function that decides.
func (a *API) authorizer(l *LambdaAuth) awslambda.IFunction {
	if l.Handler != nil {
		return l.Handler
	}
	return a.Functions[l.Function].Alias
}

// decodeJSON decodes what Validate found to be JSON.
func decodeJSON(text string) any {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	return v
}
