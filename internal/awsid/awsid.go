// Package awsid has the rules for ids of AWS that props of several patterns take.
package awsid

import (
	"regexp"
	"slices"

	"github.com/strata-cdk/strata/check"
)

var (
	account      = regexp.MustCompile(`^[0-9]{12}$`)
	organization = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	arn          = regexp.MustCompile(`^arn:[a-z-]+:[a-z0-9-]+:`)
	cron         = regexp.MustCompile(`^cron\(\S+ \S+ \S+ \S+ \S+ \S+\)$`)
	region       = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)
)

// Account records a problem unless id is an account's, or a token.
func Account(c *check.List, field, id string) {
	c.That(account.MatchString(id) || check.IsToken(id), field, "must be the 12 digits of an account's id, got %q", id)
}

// Organization records a problem unless id is that of an organization, or a token.
func Organization(c *check.List, field, id string) {
	c.That(organization.MatchString(id) || check.IsToken(id), field, "must be the id of an organization, such as o-abcde12345, got %q", id)
}

// Region records a problem unless name is that of a region, or a token.
func Region(c *check.List, field, name string) {
	c.That(region.MatchString(name) || check.IsToken(name), field, "must be a region such as eu-central-1, got %q", name)
}

// ARN records a problem unless name is an ARN, which may have wildcards, or a token.
func ARN(c *check.List, field, name string) {
	c.That(arn.MatchString(name) || check.IsToken(name), field, "must be an ARN, got %q", name)
}

// Cron records a problem unless expression is a cron expression of six fields, such as example.
func Cron(c *check.List, field, expression, example string) {
	c.That(cron.MatchString(expression), field, "must be a cron expression such as %s, got %q", example, expression)
}

// OnceEach records a problem for each value that was there before.
func OnceEach(c *check.List, field string, values []string) {
	for i, v := range values {
		c.That(!slices.Contains(values[:i], v), field, "must be listed once each, got %q again", v)
	}
}
