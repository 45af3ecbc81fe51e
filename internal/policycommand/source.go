// Package policycommand is what the command strata does with stack policies: check, apply, show.
package policycommand

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/strata-cdk/strata/internal/account"
	"github.com/strata-cdk/strata/internal/sorted"
	"github.com/strata-cdk/strata/internal/stackchange"
	"github.com/strata-cdk/strata/internal/stackpolicy"
)

// DefaultApp is where cdk synth writes.
const DefaultApp = "cdk.out"

var (
	stackName = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]{0,127}|arn:[a-z-]+:cloudformation:[a-z0-9-]+:[0-9]{12}:stack/.+)$`)
	id        = regexp.MustCompile(`^[A-Za-z0-9]{1,255}$`)
)

const wantStackName = "must be the name or ARN of a stack, got %q"

// stack is a stack of CloudFormation in AWS.
type stack struct {
	name, region string
	client       *cloudformation.Client
}

// connect finds credentials. It asks nothing of CloudFormation.
func connect(ctx context.Context, o account.Options, name string) (*stack, error) {
	cfg, err := account.Load(ctx, o)
	if err != nil {
		return nil, err
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, account.ExplainCredentials(err)
	}
	return &stack{name: name, region: cfg.Region, client: cloudformation.NewFromConfig(cfg.Config)}, nil
}

func (s *stack) explain(err error, failed string) error {
	return account.Explain(err, s.region, failed+" of the stack "+s.name)
}

// policy is the one in force; nil when there is none.
func (s *stack) policy(ctx context.Context) (*stackpolicy.Policy, error) {
	out, err := s.client.GetStackPolicy(ctx, &cloudformation.GetStackPolicyInput{StackName: &s.name})
	if err != nil {
		return nil, s.explain(err, "cannot read the policy")
	}
	if aws.ToString(out.StackPolicyBody) == "" {
		return nil, nil
	}
	p, err := stackpolicy.Parse([]byte(*out.StackPolicyBody))
	if err != nil {
		return nil, errors.New("the policy in force of the stack " + s.name + ": " + err.Error()) // not as an error in the flags
	}
	return p, nil
}

func (s *stack) setPolicy(ctx context.Context, p *stackpolicy.Policy) error {
	_, err := s.client.SetStackPolicy(ctx, &cloudformation.SetStackPolicyInput{StackName: &s.name, StackPolicyBody: aws.String(p.JSON())})
	if err != nil {
		return s.explain(err, "cannot set the policy")
	}
	return nil
}

// template is the deployed one.
func (s *stack) template(ctx context.Context) (*stackchange.Template, error) {
	out, err := s.client.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &s.name, TemplateStage: types.TemplateStageOriginal})
	if err != nil {
		return nil, s.explain(err, "cannot read the template")
	}
	t, err := stackchange.ReadTemplate([]byte(aws.ToString(out.TemplateBody)))
	if err != nil {
		return nil, fmt.Errorf("cannot use the template of the stack %s: %w; check a change set instead", s.name, err)
	}
	return t, nil
}

// resources are the logical ids of the stack.
func (s *stack) resources(ctx context.Context) (map[string]bool, error) {
	all := map[string]bool{}
	pages := cloudformation.NewListStackResourcesPaginator(s.client, &cloudformation.ListStackResourcesInput{StackName: &s.name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.explain(err, "cannot list the resources")
		}
		for _, r := range page.StackResourceSummaries {
			all[aws.ToString(r.LogicalResourceId)] = true
		}
	}
	return all, nil
}

// changeSet is a change set with all its pages.
func (s *stack) changeSet(ctx context.Context, name string) (*stackchange.ChangeSet, error) {
	set := &stackchange.ChangeSet{}
	for {
		in := &cloudformation.DescribeChangeSetInput{StackName: &s.name, ChangeSetName: &name, NextToken: set.NextToken}
		out, err := s.client.DescribeChangeSet(ctx, in)
		if err != nil {
			return nil, s.explain(err, "cannot read the change set "+name)
		}
		set.Status, set.StatusReason, set.NextToken = out.Status, aws.ToString(out.StatusReason), out.NextToken
		set.Changes = append(set.Changes, out.Changes...)
		if aws.ToString(out.NextToken) == "" {
			return set, nil
		}
	}
}

// readFile reads a file with a parser whose errors are about "it".
func readFile[T any](path string, parse func([]byte) (T, error)) (T, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		var none T
		return none, err
	}
	v, err := parse(text)
	if err != nil {
		return v, errors.New(path + ": " + err.Error()) // not as an error in the flags
	}
	return v, nil
}

// policyFile reads a policy, or a template with one that a guard wrote.
func policyFile(text []byte) (*stackpolicy.Policy, error) {
	if _, err := stackchange.ReadTemplate(text); err == nil {
		return guardPolicy(text)
	}
	return stackpolicy.Parse(text)
}

var errNoGuard = errors.New("the template has no policy: its stack has no guard of constructs/stackguard")

func guardPolicy(text []byte) (*stackpolicy.Policy, error) {
	p, err := stackpolicy.FromTemplate(text)
	if err == nil && p == nil {
		err = errNoGuard
	}
	return p, err
}

// templateOf finds the template of a stack, by its name or its id in the app, in a cloud assembly or in those of its stages.
func templateOf(dir, name string) (string, error) {
	if _, resource, ok := strings.Cut(name, ":stack/"); ok { // an ARN
		name, _, _ = strings.Cut(resource, "/")
	}
	paths, known, err := templates(dir, name)
	switch {
	case err != nil:
		return "", err
	case len(paths) == 0:
		return "", fmt.Errorf("there is no stack %s in %s; there are: %v", name, dir, known)
	case len(paths) > 1:
		return "", fmt.Errorf("there are %d stacks %s in %s; give the directory of one stage with --app", len(paths), name, dir)
	}
	return paths[0], nil
}

func templates(dir, name string) (paths, known []string, err error) {
	type artifact struct {
		Type, DisplayName string
		Properties        struct{ TemplateFile, StackName, DirectoryName string }
	}
	manifest, err := readFile(filepath.Join(dir, "manifest.json"), func(text []byte) (m struct{ Artifacts map[string]artifact }, err error) {
		return m, json.Unmarshal(text, &m)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s is not what cdk synth writes: %w", dir, err)
	}
	for key, a := range sorted.All(manifest.Artifacts) {
		switch a.Type {
		case "cdk:cloud-assembly":
			p, k, err := templates(filepath.Join(dir, a.Properties.DirectoryName), name)
			if err != nil {
				return nil, nil, err
			}
			paths, known = append(paths, p...), append(known, k...)
		case "aws:cloudformation:stack":
			if a.Properties.StackName == "" {
				a.Properties.StackName = key
			}
			known = append(known, a.Properties.StackName)
			if name == a.Properties.StackName || name == key || name == a.DisplayName {
				paths = append(paths, filepath.Join(dir, a.Properties.TemplateFile))
			}
		}
	}
	return paths, known, nil
}
