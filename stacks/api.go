package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/apilambda"
	"github.com/strata-cdk/strata/internal/nag"
)

// APIStackProps configures an APIStack.
type APIStackProps struct {
	awscdk.StackProps
	// Stage is what the API is for.
	Stage Stage
	// Kind is the kind of API.
	// Default: apilambda.REST.
	Kind apilambda.Kind
	// Architecture is what the function runs on, "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
}

// APIStack is a service that keeps notes: an API, a function in Go (functions/notes) and a DynamoDB table. Its outputs
// are Url and TableName.
type APIStack struct {
	awscdk.Stack
	// API is the API.
	API *apilambda.API
	// Table has the notes: partition key owner, sort key id.
	Table awsdynamodb.TableV2
}

// NewAPIStack defines an APIStack named id in scope. It panics with a *check.Error when props are invalid.
func NewAPIStack(scope constructs.Construct, id string, props *APIStackProps) *APIStack {
	check.Must(scope.Node().Path(), id, props.Validate())
	s := &APIStack{}
	awscdk.NewStack_Override(s, scope, &id, &props.StackProps)
	s.Table = awsdynamodb.NewTableV2(s, jsii.String("Notes"), &awsdynamodb.TablePropsV2{
		PartitionKey:       &awsdynamodb.Attribute{Name: jsii.String("owner"), Type: awsdynamodb.AttributeType_STRING},
		SortKey:            &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
		Billing:            awsdynamodb.Billing_OnDemand(nil),
		Encryption:         awsdynamodb.TableEncryptionV2_AwsManagedKey(),
		DeletionProtection: jsii.Bool(props.Stage == Prod),
		RemovalPolicy:      props.Stage.removal(),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
	})
	s.API = apilambda.NewAPI(s, "Api", props.api(*s.Table.TableName()))
	s.Table.Grant(s.API.Functions["Notes"].Function, *jsii.Strings("dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:DeleteItem")...)
	if props.Stage == Local && s.API.Rest != nil {
		nag.Suppress(s.API.RestStage, "AwsSolutions-APIG3", "The local emulator does not put web ACLs in front of stages, and nobody else can reach it.")
	}
	awscdk.NewCfnOutput(s, jsii.String("Url"), &awscdk.CfnOutputProps{Value: s.API.URL(), Description: jsii.String("Address of the API")})
	awscdk.NewCfnOutput(s, jsii.String("TableName"), &awscdk.CfnOutputProps{Value: s.Table.TableName(), Description: jsii.String("Table of the notes")})
	return s
}

// Notes is the function.
func (s *APIStack) Notes() *apilambda.Function { return s.API.Functions["Notes"] }

// Validate reports every invalid field at once, those of the API included.
func (p *APIStackProps) Validate() error {
	c := check.For("stacks.APIStackProps")
	if p == nil {
		p = &APIStackProps{}
	}
	p.Stage.validate(c)
	c.Join(p.api("").Validate())
	return c.Err()
}

func (p *APIStackProps) api(table string) *apilambda.APIProps {
	notes := apilambda.FunctionProps{
		Name:         "Notes",
		Description:  "Creates, reads, lists and deletes notes",
		GoPackage:    "./functions/notes",
		Architecture: p.Architecture,
		Environment:  map[string]string{"TABLE_NAME": table},
	}
	if p.Stage != Prod {
		notes.Rollout.Strategy = apilambda.AllAtOnce
	}
	return &apilambda.APIProps{
		Kind:        p.Kind,
		Description: "Notes",
		Functions:   []apilambda.FunctionProps{notes},
		Routes: []apilambda.Route{
			{Method: "POST", Path: "/notes"},
			{Method: "GET", Path: "/notes"},
			{Method: "GET", Path: "/notes/{id}"},
			{Method: "DELETE", Path: "/notes/{id}"},
		},
		DisableWAF: p.Stage == Local,
		// The role stays when its stack is deleted; on the emulator nothing else should.
		KeepAccountLogRole: p.Stage == Local && p.Kind != apilambda.HTTP,
		RemovalPolicy:      p.Stage.removal(),
	}
}
