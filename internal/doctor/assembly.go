package doctor

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/strata-cdk/strata/internal/account"
	"github.com/strata-cdk/strata/internal/sorted"
)

// DefaultQualifier is that of cdk bootstrap.
const DefaultQualifier = "hnb659fds"

// What a stack's environment has where the app leaves it to the credentials.
const (
	unknownAccount = "unknown-account"
	unknownRegion  = "unknown-region"
)

// target is an environment that must be bootstrapped.
type target struct {
	account, region string
	// parameter is the SSM parameter of the bootstrap stack's version.
	parameter string
	// atLeast is the version that is needed.
	atLeast int
	// role is what cdk deploy assumes there, with placeholders; externalID goes with it.
	role, externalID string
	// because are the stacks that go there, or what names it.
	because []string
}

var parameterName = regexp.MustCompile(`^/cdk-bootstrap/([A-Za-z0-9_-]{1,10})/version$`)

// qualifier of the bootstrap stack; empty if the app keeps the version somewhere of its own.
func (t *target) qualifier() string {
	if m := parameterName.FindStringSubmatch(t.parameter); m != nil {
		return m[1]
	}
	return ""
}

func newTarget(accountID, region, qualifier, because string) target {
	return target{
		account: accountID, region: region, parameter: account.VersionParameter(qualifier), atLeast: 6,
		role:    fmt.Sprintf("arn:${AWS::Partition}:iam::%s:role/cdk-%s-deploy-role-%s-%s", accountID, qualifier, accountID, region),
		because: []string{because},
	}
}

// assembly is a synthesised app.
type assembly struct {
	targets   []target
	templates []template
}

// template is what one stack consists of.
type template struct {
	stack, account, region string
	resources              map[string]any
}

type artifact struct {
	Type, Environment string
	DisplayName       string
	Properties        struct {
		TemplateFile, DirectoryName string
		AssumeRoleArn               string
		AssumeRoleExternalID        string `json:"assumeRoleExternalId"`
		RequiresBootstrapVersion    int    `json:"requiresBootstrapStackVersion"`
		BootstrapVersionParameter   string `json:"bootstrapStackVersionSsmParameter"`
	}
}

var environment = regexp.MustCompile(`^aws://([^/]+)/([^/]+)$`)

// readAssembly reads a cloud assembly and those of its stages.
func readAssembly(dir string) (*assembly, error) {
	var manifest struct{ Artifacts map[string]artifact }
	if err := readJSON(filepath.Join(dir, "manifest.json"), &manifest); err != nil {
		return nil, err
	}
	a := &assembly{}
	for id, found := range sorted.All(manifest.Artifacts) {
		switch found.Type {
		case "cdk:cloud-assembly":
			stage, err := readAssembly(filepath.Join(dir, found.Properties.DirectoryName))
			if err != nil {
				return nil, err
			}
			a.targets, a.templates = append(a.targets, stage.targets...), append(a.templates, stage.templates...)
		case "aws:cloudformation:stack":
			if err := a.add(dir, id, found); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

func (a *assembly) add(dir, id string, stack artifact) error {
	m := environment.FindStringSubmatch(stack.Environment)
	if m == nil {
		return fmt.Errorf("the environment of the stack %s is no aws://ACCOUNT/REGION: %q", id, stack.Environment)
	}
	name := stack.DisplayName
	if name == "" {
		name = id
	}
	p := stack.Properties
	if p.BootstrapVersionParameter != "" { // the stack is deployed with a bootstrap stack's roles
		a.targets = append(a.targets, target{
			account: m[1], region: m[2], parameter: p.BootstrapVersionParameter, atLeast: p.RequiresBootstrapVersion,
			role: p.AssumeRoleArn, externalID: p.AssumeRoleExternalID, because: []string{name},
		})
	}
	var body struct{ Resources map[string]any }
	if err := readJSON(filepath.Join(dir, p.TemplateFile), &body); err != nil {
		return err
	}
	a.templates = append(a.templates, template{stack: name, account: m[1], region: m[2], resources: body.Resources})
	return nil
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s is not what cdk synth writes: %w", path, err)
	}
	return nil
}

// merge makes one target of those that are the same bootstrap stack.
func merge(targets []target) []target {
	var all []target
	for _, t := range targets {
		i := slices.IndexFunc(all, func(o target) bool {
			return o.account == t.account && o.region == t.region && o.parameter == t.parameter
		})
		if i < 0 {
			all = append(all, t)
			continue
		}
		all[i].atLeast = max(all[i].atLeast, t.atLeast)
		for _, b := range t.because {
			if !slices.Contains(all[i].because, b) {
				all[i].because = append(all[i].because, b)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b target) int {
		return strings.Compare(a.account+"/"+a.region+a.parameter, b.account+"/"+b.region+b.parameter)
	})
	return all
}
