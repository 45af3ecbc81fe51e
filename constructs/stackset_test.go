package constructs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/macro"
	"github.com/strata-cdk/strata/constructs/stackset"
)

// topics is a template of one topic.
func topics(stack awscdk.Stack) { awssns.NewTopic(stack, jsii.String("Alarms"), nil) }

// code is a template of a function, whose code is a file.
func code(t *testing.T) func(awscdk.Stack) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("x"), 0o700))
	return func(stack awscdk.Stack) {
		awslambda.NewFunction(stack, jsii.String("Function"), &awslambda.FunctionProps{
			Runtime: awslambda.Runtime_PROVIDED_AL2023(), Handler: jsii.String("bootstrap"), Code: awslambda.Code_FromAsset(&dir, nil),
		})
	}
}

func setProps(edit func(*stackset.Props)) *stackset.Props {
	p := &stackset.Props{
		Name: "baseline", Template: topics,
		Targets: []stackset.Target{{Accounts: []string{"222222222222"}, Regions: []string{"eu-central-1", "us-east-1"}}},
	}
	edit(p)
	return p
}

// synthSet gives the template of the stack, and that of the stack set.
func synthSet(t *testing.T, edit func(*stackset.Props)) (outer, inner *cdktest.Template) {
	t.Helper()
	stack := unbuilt(t)
	stackset.NewStackSet(stack, "Baseline", setProps(edit))
	return cdktest.Synth(t, stack), setTemplate(t, *awscdk.Stage_Of(stack).Outdir())
}

// setTemplate reads the template of the one stack set in an assembly.
func setTemplate(t *testing.T, dir string) *cdktest.Template {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "stackset.*", "*.template.json"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	return cdktest.Read(t, found[0])
}

func TestStackSet_Defaults(t *testing.T) {
	outer, inner := synthSet(t, func(*stackset.Props) {})
	outer.Snapshot("stackset/default")
	set := outer.HasResource("AWS::CloudFormation::StackSet", o{
		"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain",
		"Properties": o{
			"StackSetName": "baseline", "PermissionModel": "SELF_MANAGED", "ManagedExecution": o{"Active": true},
			"OperationPreferences": cdktest.Exactly(o{
				"ConcurrencyMode": "STRICT_FAILURE_TOLERANCE", "FailureToleranceCount": 0, "MaxConcurrentCount": 1, "RegionConcurrencyType": "SEQUENTIAL",
			}),
			"StackInstancesGroup": cdktest.Exactly(a{o{
				"DeploymentTargets": o{"Accounts": a{"222222222222"}}, "Regions": a{"eu-central-1", "us-east-1"},
			}}),
			"TemplateURL": o{"Fn::Sub": cdktest.Text(`^https://s3\.us-east-1\.\$\{AWS::URLSuffix\}/cdk-hnb659fds-assets-111111111111-us-east-1/[0-9a-f]{64}\.json$`)},
		},
	})
	assert.Len(t, set.Properties, 6, "nothing else is set")
	assert.Len(t, outer.Resources, 1)
	inner.Count("AWS::SNS::Topic", 1)
	assert.Len(t, inner.Body, 1, "it needs no bootstrap: no parameter, no rule")
}

func TestStackSet_SelfManaged(t *testing.T) {
	stack := unbuilt(t)
	role := awsiam.Role_FromRoleArn(stack, jsii.String("Admin"), jsii.String("arn:aws:iam::111111111111:role/admin"), nil)
	stackset.NewStackSet(stack, "Baseline", setProps(func(p *stackset.Props) {
		p.Description, p.AdministrationRole, p.ExecutionRoleName = "What each account has", role, "exec"
		p.Template = func(inner awscdk.Stack) {
			awscdk.NewCfnParameter(inner, jsii.String("Mail"), &awscdk.CfnParameterProps{})
			awscdk.NewCfnParameter(inner, jsii.String("Team"), &awscdk.CfnParameterProps{Default: "none"})
			topics(inner)
		}
		p.Parameters = map[string]string{"Mail": "a@example.com"}
		p.Targets = append(p.Targets, stackset.Target{
			Accounts: []string{"333333333333"}, Regions: []string{"us-east-1"}, Parameters: map[string]string{"Team": "sales", "Mail": "b@example.com"},
		})
		p.OperationPreferences = stackset.OperationPreferences{
			FailureToleranceCount: 3, MaxConcurrentCount: 9, ConcurrencyMode: stackset.Soft, RegionOrder: []string{"us-east-1", "eu-central-1"},
		}
		p.DisableManagedExecution, p.InlineTemplate, p.RemovalPolicy = true, true, awscdk.RemovalPolicy_DESTROY
		p.Tags = map[string]string{"team": "platform", "cost": "7"}
		p.ConfigureStackSet = func(l1 *awscdk.CfnStackSetProps) {
			assert.Equal(t, "baseline", *l1.StackSetName, "the defaults are there to be edited")
			l1.Description = jsii.String("edited")
		}
	}))
	awscdk.Tags_Of(stack).Add(jsii.String("outer"), jsii.String("yes"), nil)
	tpl := cdktest.Synth(t, stack)
	set := tpl.HasResource("AWS::CloudFormation::StackSet", o{"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete", "Properties": o{
		"Description": "edited", "AdministrationRoleARN": "arn:aws:iam::111111111111:role/admin", "ExecutionRoleName": "exec",
		"ManagedExecution": o{"Active": false}, "TemplateURL": cdktest.Absent,
		"Parameters": a{o{"ParameterKey": "Mail", "ParameterValue": "a@example.com"}},
		"StackInstancesGroup": a{o{"ParameterOverrides": cdktest.Absent}, o{"ParameterOverrides": a{
			o{"ParameterKey": "Mail", "ParameterValue": "b@example.com"}, o{"ParameterKey": "Team", "ParameterValue": "sales"},
		}}},
		"OperationPreferences": cdktest.Exactly(o{
			"ConcurrencyMode": "SOFT_FAILURE_TOLERANCE", "FailureToleranceCount": 3, "MaxConcurrentCount": 9, "RegionConcurrencyType": "SEQUENTIAL",
			"RegionOrder": a{"us-east-1", "eu-central-1"},
		}),
		"Tags": a{o{"Key": "cost", "Value": "7"}, o{"Key": "outer", "Value": "yes"}, o{"Key": "team", "Value": "platform"}},
	}})
	text, err := os.ReadFile(mustGlob(t, filepath.Join(*awscdk.Stage_Of(stack).Outdir(), "stackset.*", "baseline.template.json")))
	require.NoError(t, err)
	assert.Equal(t, string(text), set.Properties["TemplateBody"])
}

func TestStackSet_ServiceManaged(t *testing.T) {
	edit := func(p *stackset.Props) {
		p.PermissionModel = stackset.ServiceManaged
		p.AutoDeployment = &stackset.AutoDeployment{}
		p.Targets = []stackset.Target{{OrganizationalUnits: []string{"ou-abcd-12345678"}, Regions: []string{"eu-central-1"}}}
	}
	stack := unbuilt(t)
	first := stackset.NewStackSet(stack, "First", setProps(edit))
	stackset.NewStackSet(stack, "Second", setProps(func(p *stackset.Props) {
		edit(p)
		p.Name, p.DelegatedAdmin = "second", true
		p.AutoDeployment = &stackset.AutoDeployment{Enabled: true, RetainStacksOnAccountRemoval: true, DependsOn: []string{*first.ARN()}}
		p.Targets[0].Accounts, p.Targets[0].AccountFilter = []string{"222222222222"}, stackset.Difference
		p.OperationPreferences = stackset.OperationPreferences{FailureTolerancePercentage: 20, MaxConcurrentPercentage: 50, ParallelRegions: true}
	}))
	tpl := cdktest.Synth(t, stack)
	set := tpl.Has("AWS::CloudFormation::StackSet", o{
		"StackSetName": "baseline", "PermissionModel": "SERVICE_MANAGED", "CallAs": cdktest.Absent, "AutoDeployment": cdktest.Exactly(o{"Enabled": false}),
		"StackInstancesGroup": a{o{"DeploymentTargets": cdktest.Exactly(o{"OrganizationalUnitIds": a{"ou-abcd-12345678"}})}},
	})
	tpl.Has("AWS::CloudFormation::StackSet", o{
		"StackSetName": "second", "CallAs": "DELEGATED_ADMIN",
		"AutoDeployment": cdktest.Exactly(o{"Enabled": true, "RetainStacksOnAccountRemoval": true, "DependsOn": a{o{"Fn::Join": a{"", a{
			"arn:", o{"Ref": "AWS::Partition"}, ":cloudformation:us-east-1:111111111111:stackset/", o{"Ref": set.LogicalID},
		}}}}}),
		"StackInstancesGroup": a{o{"DeploymentTargets": cdktest.Exactly(o{
			"Accounts": a{"222222222222"}, "OrganizationalUnitIds": a{"ou-abcd-12345678"}, "AccountFilterType": "DIFFERENCE",
		})}},
		"OperationPreferences": cdktest.Exactly(o{
			"ConcurrencyMode": "STRICT_FAILURE_TOLERANCE", "FailureTolerancePercentage": 20, "MaxConcurrentPercentage": 50, "RegionConcurrencyType": "PARALLEL",
		}),
	})
}

func mustGlob(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.Len(t, found, 1, pattern)
	return found[0]
}

func TestStackSet_Capabilities(t *testing.T) {
	role := func(name *string) func(awscdk.Stack) {
		return func(stack awscdk.Stack) {
			awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal(), RoleName: name})
		}
	}
	for name, c := range map[string]struct {
		template func(awscdk.Stack)
		want     []string
	}{
		"none":   {topics, nil},
		"IAM":    {role(nil), []string{"CAPABILITY_IAM"}},
		"a name": {role(jsii.String("named")), []string{"CAPABILITY_NAMED_IAM"}},
		"the whole": {func(stack awscdk.Stack) {
			topics(stack)
			stack.AddTransform(jsii.String("AWS::LanguageExtensions"))
		}, []string{"CAPABILITY_AUTO_EXPAND"}},
		"a part": {func(stack awscdk.Stack) {
			role(jsii.String("named"))(stack)
			awscdk.NewCfnOutput(stack, jsii.String("Part"), &awscdk.CfnOutputProps{
				Value: jsii.Sprintf("%v", *awscdk.Fn_Transform(jsii.String("Upper"), &map[string]any{"Text": "a"}).ToString()),
			})
		}, []string{"CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"}},
		"nested": {func(stack awscdk.Stack) {
			topics(stack)
			awscdk.NewCfnStack(stack, jsii.String("Nested"), &awscdk.CfnStackProps{TemplateUrl: jsii.String("https://example.com/t.json")})
		}, []string{"CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"}},
	} {
		t.Run(name, func(t *testing.T) {
			stack := unbuilt(t)
			set := stackset.NewStackSet(stack, "Baseline", setProps(func(p *stackset.Props) { p.Template = c.template }))
			assert.Equal(t, c.want, set.Capabilities)
			var want any = cdktest.Absent
			if len(c.want) > 0 {
				var list a
				for _, capability := range c.want {
					list = append(list, capability)
				}
				want = list
			}
			cdktest.Synth(t, stack).Has("AWS::CloudFormation::StackSet", o{"Capabilities": want})
		})
	}
}

func TestStackSet_Files(t *testing.T) {
	outer, inner := synthSet(t, func(p *stackset.Props) {
		p.Template, p.AssetBucketPrefix = code(t), "my-assets"
		p.Targets = append(p.Targets, stackset.Target{Accounts: []string{"333333333333"}, Regions: []string{"eu-central-1"}})
	})
	outer.Snapshot("stackset/files")
	function := inner.Has("AWS::Lambda::Function", o{"Code": o{
		"S3Bucket": o{"Fn::Sub": "my-assets-${AWS::Region}"}, "S3Key": cdktest.Text(`^[0-9a-f]{64}\.zip$`),
	}})
	key := function.Properties["Code"].(o)["S3Key"]
	files := outer.Has("Custom::StrataAssetCopies", o{
		"ServiceToken": cdktest.Any, "ServiceTimeout": 960,
		"Bucket":  "cdk-hnb659fds-assets-111111111111-us-east-1",
		"Objects": a{cdktest.Exactly(o{"From": key, "To": key})},
		"Targets": a{o{"Bucket": "my-assets-eu-central-1", "Region": "eu-central-1"}, o{"Bucket": "my-assets-us-east-1", "Region": "us-east-1"}},
	})
	outer.HasResource("AWS::CloudFormation::StackSet", o{"DependsOn": cdktest.ArrayWith(files.LogicalID), "Properties": o{"Capabilities": a{"CAPABILITY_IAM"}}})
	object := func(bucket string) o {
		return o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":s3:::" + bucket + "/*"}}}
	}
	bucket := func(bucket string) o {
		return o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":s3:::" + bucket}}}
	}
	outer.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Effect": "Allow", "Action": "s3:GetObject", "Resource": o{"Fn::Join": a{"", a{
			"arn:", o{"Ref": "AWS::Partition"}, ":s3:::cdk-hnb659fds-assets-111111111111-us-east-1/*",
		}}}},
		o{"Effect": "Allow", "Action": "s3:PutObject", "Resource": a{object("my-assets-eu-central-1"), object("my-assets-us-east-1")}},
		o{"Effect": "Allow", "Action": a{"kms:GenerateDataKey", "kms:Decrypt"}, "Condition": o{"StringLike": o{
			"kms:ViaService": "s3.*.amazonaws.com",
			"kms:EncryptionContext:aws:s3:arn": a{
				bucket("my-assets-eu-central-1"), bucket("my-assets-us-east-1"), object("my-assets-eu-central-1"), object("my-assets-us-east-1"),
			},
		}}},
	)}})
}

func TestStackSet_CopierSettings(t *testing.T) {
	const arn = "arn:aws:kms:us-east-1:111111111111:key/k"
	stack := unbuilt(t)
	key := awskms.Key_FromKeyArn(stack, jsii.String("Mine"), jsii.String(arn))
	stackset.NewStackSet(stack, "Baseline", setProps(func(p *stackset.Props) {
		p.Template, p.AssetBucketPrefix = code(t), "my-assets"
		p.Architecture, p.Key, p.LogRetentionDays, p.RemovalPolicy = "x86_64", key, 7, awscdk.RemovalPolicy_DESTROY
	}))
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 0)
	tpl.Has("AWS::Lambda::Function", o{"Architectures": a{"x86_64"}, "KmsKeyArn": arn})
	tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"RetentionInDays": 7}})
}

// What the CDK publishes is there: the template, and the files from below the stack set's folder.
func TestStackSet_PublishesFiles(t *testing.T) {
	stack := unbuilt(t)
	stackset.NewStackSet(stack, "Baseline", setProps(func(p *stackset.Props) { p.Template, p.AssetBucketPrefix = code(t), "my-assets" }))
	cdktest.Synth(t, stack)
	dir := *awscdk.Stage_Of(stack).Outdir()
	assets := cdktest.Read(t, filepath.Join(dir, "Test.assets.json")).Body["files"].(o)
	var packages, programs []string
	for _, f := range assets {
		source := f.(o)["source"].(o)
		path := filepath.Join(dir, source["path"].(string))
		packages = append(packages, source["packaging"].(string))
		if source["packaging"] == "file" {
			assert.FileExists(t, path)
		} else if text, err := os.ReadFile(filepath.Join(path, "bootstrap")); err == nil {
			programs = append(programs, string(text))
		}
	}
	assert.Equal(t, []string{"x"}, programs, "the copier is not built in this test")
	assert.ElementsMatch(t, []string{"zip", "zip", "file", "file"}, packages, "the copier, the function, the templates of stack and stack set")
}

// The key of a copy is the one that the template names, also where the CDK publishes the file under another.
func TestStackSet_FileWithAHashOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	outer, inner := synthSet(t, func(p *stackset.Props) {
		p.AssetBucketPrefix = "my-assets"
		p.Template = func(stack awscdk.Stack) {
			awslambda.NewFunction(stack, jsii.String("Function"), &awslambda.FunctionProps{
				Runtime: awslambda.Runtime_PROVIDED_AL2023(), Handler: jsii.String("bootstrap"),
				Code: awslambda.Code_FromAsset(&dir, &awss3assets.AssetOptions{AssetHashType: awscdk.AssetHashType_CUSTOM, AssetHash: jsii.String("mine")}),
			})
		}
	})
	key := inner.All("AWS::Lambda::Function")[0].Properties["Code"].(o)["S3Key"]
	object := outer.All("Custom::StrataAssetCopies")[0].Properties["Objects"].(a)[0].(o)
	assert.Equal(t, key, object["To"])
	assert.NotEqual(t, key, object["From"])
}

// Functions in Go are built for the stack of a stack set as for any other.
func TestStackSet_BuildsFunctions(t *testing.T) {
	hello, err := filepath.Abs("testdata/hello")
	require.NoError(t, err)
	stack := cdktest.Stack(t)
	stackset.NewStackSet(stack, "Baseline", setProps(func(p *stackset.Props) {
		p.AssetBucketPrefix = "my-assets"
		p.Template = func(stack awscdk.Stack) {
			macro.NewMacro(stack, "Suffix", &macro.Props{Name: "Suffix", GoPackage: hello})
		}
	}))
	cdktest.Synth(t, stack)
	mustGlob(t, filepath.Join(*awscdk.Stage_Of(stack).Outdir(), "stackset.*", "asset.*", "bootstrap"))
}

// Two stack sets, also in stacks of a stage, do not get in each other's way, and the same app gives the same again.
func TestStackSet_InStages(t *testing.T) {
	synth := func() map[string]*cdktest.Template {
		app := cdktest.App(t, map[string]any{"aws:cdk:bundling-stacks": []string{}})
		stage := awscdk.NewStage(app, jsii.String("Prod"), nil)
		for _, name := range []string{"One", "Two"} {
			stack := awscdk.NewStack(stage, &name, nil)
			stackset.NewStackSet(stack, "Baseline", setProps(func(p *stackset.Props) {
				p.Template, p.AssetBucketPrefix = code(t), "my-assets"
				if name == "Two" {
					p.Template = topics
				}
			}))
		}
		return cdktest.SynthApp(t, stage)
	}
	first, second := synth(), synth()
	for name, tpl := range first {
		assert.Equal(t, string(tpl.JSON), string(second[name].JSON), name)
	}
	require.Len(t, first, 2)
	url := func(name string) any {
		return first[name].All("AWS::CloudFormation::StackSet")[0].Properties["TemplateURL"]
	}
	assert.NotEqual(t, url("Prod-One"), url("Prod-Two"))
}

func TestStackSet_ReportsWhatIsWrongWithTheTemplate(t *testing.T) {
	const none = "\n  - Parameters"
	for name, c := range map[string]struct {
		edit func(*stackset.Props)
		want string
	}{
		"files": {func(p *stackset.Props) { p.Template = code(t) },
			"AssetBucketPrefix: must be given: the template has 1 files, which the target accounts must be able to read"},
		"images": {func(p *stackset.Props) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\n"), 0o600))
			p.Template = func(stack awscdk.Stack) {
				topics(stack)
				awsecrassets.NewDockerImageAsset(stack, jsii.String("Image"), &awsecrassets.DockerImageAssetProps{Directory: &dir})
			}
		}, "Template: must not build container images, got 1: push them to a registry that the target accounts can pull from, and name them"},
		"no resource": {func(p *stackset.Props) { p.Template = func(awscdk.Stack) {} }, "Template: must define a resource"},
		"two stacks": {func(p *stackset.Props) {
			p.Template = func(stack awscdk.Stack) {
				topics(stack)
				topics(awscdk.NewStack(stack, jsii.String("Other"), nil))
			}
		}, "Template: must define resources in the stack that it gets, and no other stacks: got 2 stacks"},
		"inline": {func(p *stackset.Props) { p.InlineTemplate, p.Template = true, large(60_000) }, "Template: must be at most 51200 bytes, got 6"},
		"large":  {func(p *stackset.Props) { p.Template = large(1_000_000) }, "Template: must be at most 1000000 bytes, got 1000"},
		"macro": {func(p *stackset.Props) {
			serviceManaged(p)
			p.Template = func(stack awscdk.Stack) {
				topics(stack)
				stack.AddTransform(jsii.String("AWS::Include"))
			}
		}, "Template: must have no macros or transforms with PermissionModel SERVICE_MANAGED"},
		"nested": {func(p *stackset.Props) {
			serviceManaged(p)
			p.Template = func(stack awscdk.Stack) {
				awscdk.NewCfnStack(stack, jsii.String("Nested"), &awscdk.CfnStackProps{TemplateUrl: jsii.String("https://example.com/t.json")})
			}
		}, "Template: must have no nested stacks with PermissionModel SERVICE_MANAGED, got Nested"},
		"unknown parameters": {func(p *stackset.Props) {
			p.Parameters = map[string]string{"A": strings.Repeat("x", 4097)}
			p.Targets[0].Parameters = map[string]string{"B": ""}
		}, "Parameters[\"A\"]: is no parameter of the template" + none + `["A"]: must be at most 4096 bytes, got 4097` +
			"\n  - Targets[0].Parameters[\"B\"]: is no parameter of the template"},
		"missing parameters": {func(p *stackset.Props) {
			p.Template = func(stack awscdk.Stack) {
				topics(stack)
				awscdk.NewCfnParameter(stack, jsii.String("A"), &awscdk.CfnParameterProps{})
			}
			p.Targets[0].Parameters = map[string]string{"A": "here only"}
		}, `Parameters["A"]: must be given: the template has no default`},
	} {
		t.Run(name, func(t *testing.T) {
			stack := unbuilt(t)
			err := cdktest.Panic(func() { stackset.NewStackSet(stack, "Baseline", setProps(c.edit)) })
			require.ErrorContains(t, err, "Test/Baseline: invalid stackset.Props:\n  - "+c.want)
			assert.Equal(t, strings.Count(c.want, "\n  - ")+1, strings.Count(err.Error(), "\n  - "), "%v", err)
			assert.Empty(t, *stack.Node().Children(), "nothing was defined")
		})
	}
}

func serviceManaged(p *stackset.Props) {
	p.PermissionModel, p.AutoDeployment = stackset.ServiceManaged, &stackset.AutoDeployment{}
	p.Targets = []stackset.Target{{OrganizationalUnits: []string{"r-abcd"}, Regions: []string{"eu-central-1"}}}
}

// large is a template of so many bytes, and some.
func large(size int) func(awscdk.Stack) {
	return func(stack awscdk.Stack) {
		awscdk.NewCfnOutput(stack, jsii.String("Large"), &awscdk.CfnOutputProps{Value: jsii.String(strings.Repeat("x", size))})
		topics(stack)
	}
}

// The stack knows nothing of what is around it.
func TestStackSet_TemplateIsOnItsOwn(t *testing.T) {
	for env, want := range map[*awscdk.Environment]string{
		nil: "Consuming and producing stacks must be defined within the same CDK app",
		{Account: jsii.String("111111111111"), Region: jsii.String("us-east-1")}: "Cannot use resource 'Test/Outer' in a cross-environment fashion",
	} {
		stack := awscdk.NewStack(cdktest.App(t, nil), jsii.String("Test"), &awscdk.StackProps{Env: env})
		outer := awssns.NewTopic(stack, jsii.String("Outer"), nil)
		err := cdktest.Panic(func() {
			stackset.NewStackSet(stack, "Baseline", setProps(func(p *stackset.Props) {
				p.Template = func(inner awscdk.Stack) {
					assert.True(t, *awscdk.Token_IsUnresolved(inner.Account()))
					assert.True(t, *awscdk.Token_IsUnresolved(inner.Region()))
					topics(inner)
					awscdk.NewCfnOutput(inner, jsii.String("Topic"), &awscdk.CfnOutputProps{Value: outer.TopicArn()})
				}
			}))
		})
		require.ErrorContains(t, err, want)
	}
}

func TestAssetBucket_ReportsProblems(t *testing.T) {
	stack := cdktest.Stack(t)
	err := cdktest.Panic(func() { stackset.NewAssetBucket(stack, "Assets", &stackset.AssetBucketProps{Prefix: "my-assets"}) })
	require.EqualError(t, err, "Test/Assets: invalid stackset.AssetBucketProps:\n  - must have Organization or Accounts")
	err = cdktest.Panic(func() { stackset.NewStackSet(stack, "Baseline", &stackset.Props{Name: "a", Template: topics}) })
	require.EqualError(t, err, "Test/Baseline: invalid stackset.Props:\n  - Targets: must be given")
	assert.Empty(t, *stack.Node().Children(), "nothing was defined")
}

func TestStackSet_PassesNag(t *testing.T) {
	stack := unbuilt(t)
	stackset.NewAssetBucket(stack, "Assets", &stackset.AssetBucketProps{Prefix: "my-assets", Organization: "o-abcde12345"})
	stackset.NewStackSet(stack, "Baseline", setProps(func(p *stackset.Props) { p.Template, p.AssetBucketPrefix = code(t), "my-assets" }))
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	var got []string
	for _, f := range suppressed {
		got = append(got, f.Rule[:len("AwsSolutions-S1")]+" "+strings.TrimPrefix(f.Resource, "Test/"))
	}
	const policy = "Baseline/Copier/Role/DefaultPolicy/Resource"
	assert.Equal(t, []string{
		"AwsSolutions-IA " + policy, "AwsSolutions-IA " + policy, "AwsSolutions-IA " + policy, "AwsSolutions-IA " + policy, "AwsSolutions-IA " + policy,
		"AwsSolutions-S1 Assets/Bucket/Resource",
	}, got, "traces, source, two targets, keys")
}

func ExampleNewStackSet() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Governance"), nil)
	set := stackset.NewStackSet(stack, "Baseline", &stackset.Props{
		Name: "baseline",
		Template: func(stack awscdk.Stack) {
			awsiam.NewRole(stack, jsii.String("Audit"), &awsiam.RoleProps{
				RoleName: jsii.String("audit"), AssumedBy: awsiam.NewAccountPrincipal(jsii.String("111122223333")),
			})
		},
		PermissionModel: stackset.ServiceManaged,
		AutoDeployment:  &stackset.AutoDeployment{Enabled: true},
		Targets: []stackset.Target{{
			OrganizationalUnits: []string{"ou-abcd-12345678"}, Regions: []string{"eu-central-1"},
		}},
	})
	fmt.Println(set.Capabilities)
	// Output: [CAPABILITY_NAMED_IAM]
}
