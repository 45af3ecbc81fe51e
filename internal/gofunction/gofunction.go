// Package gofunction defines functions of Lambda that are written in Go and may do nothing but write their logs and traces.
package gofunction

import (
	"os"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/gobuild"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Props are what the props of patterns say of their function, by the same names.
type Props struct {
	GoPackage, LibraryPackage, Directory string
	Architecture, Description            string
	Memory                               int
	Timeout                              time.Duration
	Environment                          map[string]string
}

var variableName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]+$`)

// Validate records what is wrong with the function, which may run from shortest to 15 minutes. Names of variables in reserved
// are taken.
func (p *Props) Validate(c *check.List, shortest time.Duration, reserved ...string) {
	given := 0
	for _, code := range []string{p.GoPackage, p.LibraryPackage, p.Directory} {
		if code != "" {
			given++
		}
	}
	c.That(given == 1, "", "must have exactly one of GoPackage, LibraryPackage and Directory, got %d", given)
	if p.GoPackage != "" {
		if err := gobuild.Check(p.GoPackage); err != nil {
			c.Add("GoPackage", "must be a main package: %v", err)
		}
	}
	if p.Directory != "" {
		info, err := os.Stat(p.Directory + "/bootstrap")
		c.That(err == nil && info.Mode().IsRegular(), "Directory", "must be a folder with a program named bootstrap, got %q", p.Directory)
	}
	check.OneOf(c, "Architecture", p.Architecture, "arm64", "x86_64")
	c.That(utf8.RuneCountInString(p.Description) <= 256, "Description", "must be at most 256 characters, got %d", utf8.RuneCountInString(p.Description))
	check.Range(c, "Memory", p.Memory, 128, 10240)
	check.Range(c, "Timeout", p.Timeout, shortest, 15*time.Minute)
	check.WholeSeconds(c, "Timeout", p.Timeout)
	for name := range sorted.All(p.Environment) {
		field := check.Key("Environment", name)
		c.That(variableName.MatchString(name), field, "must have a name of letters, digits and underscores, two at least, that starts with a letter")
		for _, taken := range reserved {
			c.That(name != taken, field, "must have another name: this one is the provider's")
		}
	}
}

// Build gives the folder with the function's code, and what removes it again when it is new. Nothing is built where the CDK needs no
// code, as for "cdk list". An error is that of the named props.
func (p *Props) Build(scope constructs.Construct, props string) (dir string, remove func(), err error) {
	remove = func() {}
	if p.Directory != "" {
		return p.Directory, remove, nil
	}
	dir, err = os.MkdirTemp("", "strata-")
	if err != nil {
		return "", remove, err
	}
	if scope.Node().TryGetContext(jsii.String("aws:cdk:disable-asset-staging")) == nil {
		remove = func() { os.RemoveAll(dir) }
	}
	if !*awscdk.Stack_Of(scope).BundlingRequired() {
		return dir, remove, nil
	}
	field, pkg, build := "GoPackage", p.GoPackage, gobuild.Build
	if p.LibraryPackage != "" {
		field, pkg, build = "LibraryPackage", p.LibraryPackage, gobuild.BuildLibrary
	}
	goarch := map[string]string{"arm64": "arm64", "x86_64": "amd64"}[p.Architecture]
	if err := build(pkg, goarch, dir); err != nil {
		c := check.For(props)
		c.Add(field, "%s: %v", pkg, err)
		return dir, remove, c.Err()
	}
	return dir, remove, nil
}

// NewRole defines the role of a function, which may write to logs.
func NewRole(scope constructs.Construct, logs awslogs.LogGroup) awsiam.Role {
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	logs.GrantWrite(role)
	return role
}

// New defines the function in scope, with the code in a folder. Edits come last, in their order; nil ones do nothing.
func (p *Props) New(scope constructs.Construct, dir string, role awsiam.Role, key awskms.IKey, logs awslogs.LogGroup,
	edits ...func(*awslambda.FunctionProps),
) awslambda.Function {
	props := &awslambda.FunctionProps{
		Code:                  awslambda.Code_FromAsset(&dir, nil),
		Handler:               jsii.String("bootstrap"),
		Runtime:               awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:          awslambda.Architecture_ARM_64(),
		Description:           cdkval.Text(p.Description),
		MemorySize:            jsii.Number(p.Memory),
		Timeout:               cdkval.Duration(p.Timeout),
		Environment:           cdkval.TextMap(p.Environment),
		EnvironmentEncryption: key,
		LogGroup:              logs,
		LoggingFormat:         awslambda.LoggingFormat_JSON,
		Role:                  role,
		Tracing:               awslambda.Tracing_ACTIVE,
	}
	if p.Architecture == "x86_64" {
		props.Architecture = awslambda.Architecture_X86_64()
	}
	for _, edit := range edits {
		if edit != nil {
			edit(props)
		}
	}
	function := awslambda.NewFunction(scope, jsii.String("Function"), props)
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Traces (xray:Put*) have no resource to name in a policy.", "Resource::*")
	return function
}
