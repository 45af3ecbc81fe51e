package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
)

// runAsApp makes the test binary the app itself, for tests that look at what a user sees.
const runAsApp = "STRATA_TEST_RUN_APP"

// The app is tested as users run it, with the CDK's template validation on.
func TestMain(m *testing.M) {
	if os.Getenv(runAsApp) != "" {
		main()
		return
	}
	if err := os.Setenv("CDK_VALIDATION", "true"); err != nil {
		panic(err)
	}
	cdktest.Main(m)
}

// contextWith is the context of cdk.json with other values for the key strata.
func contextWith(t *testing.T, config map[string]any) map[string]any {
	t.Helper()
	text, err := os.ReadFile("cdk.json")
	require.NoError(t, err)
	var cdk struct {
		Context map[string]any `json:"context"`
	}
	require.NoError(t, json.Unmarshal(text, &cdk))
	require.Equal(t, true, cdk.Context["@aws-cdk/core:validateAgainstDefaultRules"], "the CDK's own rules are errors")
	cdk.Context["strata"] = config
	return cdk.Context
}

// validationReport gives what the CDK's template validation wrote in the folder of a cloud assembly.
func validationReport(t *testing.T, dir string) []any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "validation-report.json"))
	require.NoError(t, err, "validation ran")
	var report struct {
		PluginReports []any `json:"pluginReports"`
	}
	require.NoError(t, json.Unmarshal(text, &report))
	return report.PluginReports
}

func TestApp(t *testing.T) {
	for name, config := range map[string]map[string]any{
		"dev":  nil,
		"prod": {"stage": "prod", "account": "111111111111", "region": "eu-west-1"},
		"prod_http": {
			"stage": "prod", "api": "HTTP", "architecture": "x86_64",
			"domain": "board.example.com", "hostedZone": "example.com", "hostedZoneId": "Z0123456789EXAMPLE",
			"greenPercent": 10,
		},
		"local":      {"stage": "local"},
		"local_http": {"stage": "local", "api": "HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			app := cdktest.App(t, contextWith(t, config))
			require.NoError(t, build(app))
			templates := cdktest.SynthApp(t, app)

			want := []string{"Network", "Api", "Web", "Containers", "Governance", "Observability"}
			if config["stage"] != "local" {
				want = append(want, "Beanstalk")
			}
			require.ElementsMatch(t, want, slices.Collect(maps.Keys(templates)))
			assert.Empty(t, validationReport(t, *app.Outdir()))
			findings, suppressed := cdktest.ReadNag(t, *app.Outdir())
			assert.Empty(t, findings)
			for _, s := range suppressed {
				assert.Greater(t, len(s.Reason), 20, s)
			}
			for stack, tpl := range templates {
				tpl.Snapshot(name + "_" + strings.ToLower(stack))
			}
			stage, _ := config["stage"].(string)
			if stage == "" {
				stage = "dev"
			}
			for _, tpl := range templates {
				for _, r := range tpl.Resources {
					if tags, ok := r.Properties["Tags"].(cdktest.Array); ok && r.Type != "AWS::DynamoDB::GlobalTable" {
						tagged := slices.ContainsFunc(tags, func(tag any) bool {
							o, _ := tag.(cdktest.Object)
							return o["Key"] == "stage" && o["Value"] == stage
						})
						assert.True(t, tagged, "%s: %v", r.LogicalID, tags)
					}
				}
			}
			api := templates["Api"]
			api.HasResource("AWS::DynamoDB::GlobalTable", cdktest.Object{
				"DeletionPolicy": map[bool]string{true: "Retain", false: "Delete"}[stage == "prod"],
				"Properties": cdktest.Object{
					"SSESpecification": cdktest.Object{"SSEEnabled": true, "SSEType": "KMS"},
					"Replicas": cdktest.Array{cdktest.Object{
						"DeletionProtectionEnabled":        stage == "prod",
						"PointInTimeRecoverySpecification": cdktest.Object{"PointInTimeRecoveryEnabled": true},
					}},
				},
			})
			assert.NotNil(t, api.Output("Url"))
			assert.NotNil(t, api.Output("TableName"))
			scheme := "internal"
			if config["domain"] != nil {
				scheme = "internet-facing"
				templates["Web"].Has("AWS::ElasticLoadBalancingV2::Listener", cdktest.Object{"Port": 443, "Protocol": "HTTPS"})
				templates["Web"].Has("AWS::Route53::RecordSet", cdktest.Object{"Name": "board.example.com.", "Type": "A"})
				assert.Equal(t, "https://board.example.com/", templates["Web"].Output("Url"))
				templates["Beanstalk"].Has("AWS::Route53::RecordSet", cdktest.Object{"Name": "greeter.example.com.", "SetIdentifier": "green", "Weight": 10})
				assert.Equal(t, "https://greeter.example.com/", templates["Beanstalk"].Output("Url"))
			}
			templates["Web"].Has("AWS::ElasticLoadBalancingV2::LoadBalancer", cdktest.Object{"Scheme": scheme})
			for name, protected := range terminationProtection(t, *app.Outdir()) {
				assert.Equal(t, stage == "prod" && (name == "Api" || name == "Web"), protected, name)
			}
			templates["Observability"].Count("AWS::Logs::SubscriptionFilter", 4)
			templates["Observability"].Has("AWS::CloudWatch::CompositeAlarm", cdktest.Object{"AlarmActions": cdktest.Array{templates["Observability"].Output("CriticalTopicArn")}})
			outputs := string(templates["Observability"].JSON)
			assert.Less(t, strings.Index(outputs, `"CriticalTopicArn":`), strings.Index(outputs, `"WarningTopicArn":`), "the same template each time")
			for name, tpl := range templates {
				if name == "Api" || name == "Web" {
					assert.NotContains(t, string(tpl.JSON), `"Export"`, "%s stays free to change", name)
				}
			}
			templates["Containers"].Count("AWS::ECS::CapacityProvider", 2)
			templates["Containers"].Has("AWS::ECS::TaskDefinition", cdktest.Object{"NetworkMode": "bridge"})
			if stage == "prod" {
				templates["Network"].Count("AWS::EC2::NatGateway", 2)
				api.Count("AWS::CodeDeploy::DeploymentGroup", 1)
			}
		})
	}
}

// With an accelerator clients reach the page through it and no other way, and nothing holds the stacks together but the order of their deployment.
func TestApp_Edge(t *testing.T) {
	for _, stage := range []string{"dev", "prod"} {
		t.Run(stage, func(t *testing.T) {
			app := cdktest.App(t, contextWith(t, map[string]any{
				"stage": stage, "account": "111111111111", "region": "us-west-2", "accelerator": true,
				"domain": "board.example.com", "hostedZone": "example.com", "hostedZoneId": "Z0123456789EXAMPLE",
			}))
			require.NoError(t, build(app))
			templates := cdktest.SynthApp(t, app)
			assert.Empty(t, validationReport(t, *app.Outdir()))
			findings, _ := cdktest.ReadNag(t, *app.Outdir())
			assert.Empty(t, findings)
			web, edge := templates["Web"], templates["Edge"]
			require.NotNil(t, edge)
			web.Snapshot("accelerated_" + stage + "_web")
			edge.Snapshot(stage + "_edge")

			web.Has("AWS::ElasticLoadBalancingV2::LoadBalancer", cdktest.Object{"Scheme": "internal"})
			web.Has("AWS::ElasticLoadBalancingV2::Listener", cdktest.Object{"Port": 443, "Protocol": "HTTPS"})
			web.Has("AWS::CertificateManager::Certificate", cdktest.Object{"DomainName": "board.example.com"})
			web.Count("AWS::Route53::RecordSet", 0)
			assert.Equal(t, "https://board.example.com/", web.Output("Url"))
			for _, r := range web.All("AWS::EC2::SecurityGroup") {
				for _, rule := range listOf(r.Properties["SecurityGroupIngress"]) {
					assert.Equal(t, "10.0.0.0/16", rule.(cdktest.Object)["CidrIp"], r.LogicalID)
				}
			}

			edge.Has("AWS::Route53::RecordSet", cdktest.Object{"Name": "board.example.com.", "Type": "A"})
			edge.Has("AWS::GlobalAccelerator::EndpointGroup", cdktest.Object{"EndpointGroupRegion": "us-west-2"})
			edge.Count("AWS::EC2::SecurityGroupIngress", 2)
			edge.Each("AWS::EC2::SecurityGroupIngress", cdktest.Object{"CidrIp": cdktest.Absent, "SourceSecurityGroupId": cdktest.Object{"Fn::GetAtt": cdktest.Any}})
			edge.Has("AWS::CloudWatch::Alarm", cdktest.Object{"Namespace": "AWS/GlobalAccelerator"})
			for _, name := range []string{"Address1", "Address2", "DnsName"} {
				assert.NotNil(t, edge.Output(name), name)
			}
			edge.HasResource("AWS::S3::Bucket", cdktest.Object{"DeletionPolicy": map[string]string{"dev": "Delete", "prod": "Retain"}[stage]})
			assert.NotContains(t, string(edge.JSON), "Fn::ImportValue")
			assert.Contains(t, string(edge.JSON), "Fn::GetStackOutput")
			assert.Equal(t, stage == "prod", terminationProtection(t, *app.Outdir())["Edge"])
		})
	}
}

// The cluster is there on request only: it costs money.
func TestApp_Kubernetes(t *testing.T) {
	for stage, config := range map[string]map[string]any{
		"dev": {"kubernetes": true},
		"prod": {
			"stage": "prod", "account": "111111111111", "region": "eu-west-1", "kubernetes": true,
			"kubernetesAdmin": "arn:aws:iam::111111111111:role/Admin", "kubectlLayer": "arn:aws:lambda:eu-west-1:111111111111:layer:kubectl:1",
		},
	} {
		t.Run(stage, func(t *testing.T) {
			app := cdktest.App(t, contextWith(t, config))
			require.NoError(t, build(app))
			tpl := cdktest.SynthApp(t, app)["Kubernetes"]
			require.NotNil(t, tpl)
			assert.Empty(t, validationReport(t, *app.Outdir()))
			findings, _ := cdktest.ReadNag(t, *app.Outdir())
			assert.Empty(t, findings)
			tpl.Snapshot(stage + "_kubernetes")

			prod := stage == "prod"
			cluster := tpl.HasResource("AWS::EKS::Cluster", cdktest.Object{"Properties": cdktest.Object{
				"DeletionProtection": prod, "ResourcesVpcConfig": cdktest.Object{"EndpointPublicAccess": false, "EndpointPrivateAccess": true},
			}})
			assert.Equal(t, cdktest.Object{"Ref": cluster.LogicalID}, tpl.Output("ClusterName"))
			tpl.Count("AWS::EKS::Nodegroup", 1)
			tpl.Count("AWS::EKS::FargateProfile", 1)
			tpl.Count("AWS::AutoScaling::AutoScalingGroup", 1)
			objects, entries := 0, 1 // of the nodes that are not managed
			if prod {
				objects, entries = 4, 3 // gp3, gp3-auto, efs and the namespace; the administrator and kubectl
			}
			tpl.Count("Custom::AWSCDK-EKS-KubernetesResource", objects)
			tpl.Count("AWS::EKS::AccessEntry", entries)
		})
	}
}

// The pipeline delivers the app's stacks, under the same logical ids, to two accounts.
func TestApp_Pipeline(t *testing.T) {
	app := cdktest.App(t, contextWith(t, map[string]any{
		"account": "111111111111", "region": "eu-west-1", "domain": "board.example.com", "hostedZone": "example.com", "hostedZoneId": "Z0123456789EXAMPLE",
		"pipeline": map[string]any{
			"connection": "arn:aws:codeconnections:eu-west-1:111111111111:connection/11111111-2222-3333-4444-555555555555",
			"repository": "acme/strata", "branch": "main", "prodAccount": "222222222222",
		},
	}))
	require.NoError(t, build(app))
	templates := cdktest.SynthApp(t, app)
	assert.Empty(t, validationReport(t, *app.Outdir()))
	stackNames := []string{"Pipeline"}
	for _, stage := range []string{"Dev", "Prod"} {
		for _, stack := range []string{"Network", "Api", "Web", "Containers", "Beanstalk", "Governance", "Observability"} {
			stackNames = append(stackNames, stage+"-"+stack)
		}
		alone := func(stack string) *cdktest.Template {
			return cdktest.Read(t, filepath.Join("testdata", strings.ToLower(stage+"_"+stack)+"_1.snap.json"))
		}
		assert.ElementsMatch(t, slices.Collect(maps.Keys(alone("Network").Resources)), slices.Collect(maps.Keys(templates[stage+"-Network"].Resources)))
		const table = "AWS::DynamoDB::GlobalTable"
		assert.Equal(t, alone("Api").All(table)[0].LogicalID, templates[stage+"-Api"].All(table)[0].LogicalID)
		templates[stage+"-Api"].Each("AWS::IAM::Role", cdktest.Object{"Tags": cdktest.Exactly(cdktest.Array{
			cdktest.Object{"Key": "project", "Value": "strata"}, cdktest.Object{"Key": "stage", "Value": strings.ToLower(stage)},
		})})
	}
	assert.ElementsMatch(t, stackNames, slices.Collect(maps.Keys(templates)))
	templates["Dev-Web"].Count("AWS::Route53::RecordSet", 0)
	templates["Prod-Web"].Has("AWS::Route53::RecordSet", cdktest.Object{"Name": "board.example.com."})
	findings, suppressed := cdktest.ReadNag(t, *app.Outdir())
	assert.Empty(t, findings)
	for _, of := range []string{"Pipeline/Delivery/Pipeline/", "Pipeline/Delivery/Stages/Dev/", "Pipeline/Delivery/Stages/Prod/"} {
		assert.True(t, slices.ContainsFunc(suppressed, func(f cdktest.Finding) bool { return strings.HasPrefix(f.Resource, of) }), "cdk-nag has looked at %s", of)
	}

	pipeline := templates["Pipeline"]
	pipeline.Snapshot("pipeline")
	stages, actions := []string(nil), map[string][]string{}
	for _, s := range listOf(pipeline.All("AWS::CodePipeline::Pipeline")[0].Properties["Stages"]) {
		name := s.(cdktest.Object)["Name"].(string)
		stages = append(stages, name)
		for _, action := range listOf(s.(cdktest.Object)["Actions"]) {
			actions[name] = append(actions[name], action.(cdktest.Object)["Name"].(string))
		}
	}
	assert.Equal(t, []string{"Source", "Build", "UpdatePipeline", "Assets", "Dev", "ApproveProd", "Prod"}, stages)
	assert.Equal(t, []string{"Prod"}, actions["ApproveProd"])
	for _, stage := range []string{"Dev", "Prod"} {
		assert.Equal(t, "ApiIsUp", actions[stage][len(actions[stage])-1])
	}
	assert.NotNil(t, pipeline.Output("TopicArn"))
}

// listOf is a list of a template; nil when it is not there.
func listOf(v any) cdktest.Array {
	list, _ := v.(cdktest.Array)
	return list
}

// terminationProtection tells which stacks of a cloud assembly cannot be deleted.
func terminationProtection(t *testing.T, dir string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	var manifest struct {
		Artifacts map[string]struct {
			Type       string
			Properties struct{ TerminationProtection bool }
		}
	}
	require.NoError(t, json.Unmarshal(text, &manifest))
	protected := map[string]bool{}
	for name, a := range manifest.Artifacts {
		if a.Type == "aws:cloudformation:stack" {
			protected[name] = a.Properties.TerminationProtection
		}
	}
	return protected
}

// The check of TestApp that validation finds nothing is worth something only if it would find something.
func TestValidationFindsAWrongTemplate(t *testing.T) {
	app := cdktest.App(t, contextWith(t, nil))
	stack := awscdk.NewStack(app, jsii.String("Wrong"), nil)
	awscdk.NewCfnResource(stack, jsii.String("Queue"), &awscdk.CfnResourceProps{
		Type: jsii.String("AWS::SQS::Queue"), Properties: &map[string]any{"Colour": "blue"},
	})
	assert.ErrorContains(t, cdktest.Panic(func() { app.Synth(nil) }), validationFailed)
	assert.NotEmpty(t, validationReport(t, *app.Outdir()))
}

// runApp runs the app as the CDK CLI does and returns its output and exit code, and the folder that it wrote to.
func runApp(t *testing.T, dir, strata string, env ...string) (text string, code int, outdir string) {
	t.Helper()
	outdir = filepath.Join(t.TempDir(), "cdk.out")
	self, err := os.Executable()
	require.NoError(t, err)
	context, err := json.Marshal(contextWith(t, nil))
	require.NoError(t, err)
	if strata != "" {
		context = bytes.Replace(context, []byte(`"strata":null`), []byte(`"strata":`+strata), 1)
	}
	cmd := exec.Command(self)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append([]string{runAsApp + "=1", "CDK_VALIDATION=false", "CDK_OUTDIR=" + outdir, "CDK_CONTEXT_JSON=" + string(context)}, env...)...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		require.NoError(t, err)
	}
	return string(out), cmd.ProcessState.ExitCode(), outdir
}

// assertNothingWritten looks for what could be deployed.
func assertNothingWritten(t *testing.T, outdir string) {
	t.Helper()
	for _, pattern := range []string{"*.template.json", "*.assets.json", "manifest.json"} {
		found, err := filepath.Glob(filepath.Join(outdir, pattern))
		require.NoError(t, err)
		assert.Empty(t, found)
	}
}

func TestApp_BadConfigurationIsReportedAtOnceAndWritesNothing(t *testing.T) {
	const problems = `invalid context "strata":
  - account: must be a string, got 1
  - regin: is unknown; known are stage, account, region, architecture, api, domain, hostedZone, hostedZoneId, greenPercent, recovery, failedOver, accelerator, kubernetes, kubernetesAdmin, kubectlLayer, pipeline
  - stage: must be one of dev, prod, local, got production
  - architecture: must be one of arm64, x86_64, got mips
  - api: must be one of REST, HTTP, got SOAP
`
	const config = `{"stage":"production","account":1,"regin":"x","architecture":"mips","api":"SOAP"}`
	asText, err := json.Marshal(config)
	require.NoError(t, err)
	for name, value := range map[string]string{"cdk.json": config, "--context": string(asText)} {
		out, code, outdir := runApp(t, ".", value)
		assert.Equal(t, problems, out, name)
		assert.Equal(t, 1, code, name)
		assertNothingWritten(t, outdir)
	}

	out, code, _ := runApp(t, ".", `{"account":"12","region":"Mars"}`)
	assert.Equal(t, `invalid context "strata":
  - account: must be 12 digits, got "12"
  - region: must be a region such as us-east-1, got "Mars"
`, out)
	assert.Equal(t, 1, code)

	out, code, outdir := runApp(t, ".", `{"domain":"board.example.com"}`)
	assert.Equal(t, "invalid stacks.WebStackProps:\n  - Domain: must have all of Name, HostedZone and HostedZoneID, or none\n", out)
	assert.Equal(t, 1, code)
	assertNothingWritten(t, outdir)
	out, code, _ = runApp(t, ".", `{"accelerator":true}`)
	assert.Equal(t, "invalid stacks.WebStackProps:\n  - Accelerated: must be false without Domain: the entry serves the internet over HTTPS only\n", out)
	assert.Equal(t, 1, code)
	out, code, _ = runApp(t, ".", `{"accelerator":true,"stage":"local"}`)
	assert.Equal(t, "invalid context \"strata\":\n  - accelerator: must be false with the stage local: the emulator has no Global Accelerator\n", out)
	assert.Equal(t, 1, code)
	out, code, _ = runApp(t, ".", `{"kubernetes":true,"stage":"local"}`)
	assert.Equal(t, "invalid context \"strata\":\n  - kubernetes: must be false with the stage local: the emulator has no EKS\n", out)
	assert.Equal(t, 1, code)
	out, code, _ = runApp(t, ".", `{"kubernetesAdmin":"a","kubectlLayer":"b"}`)
	assert.Equal(t, `invalid context "strata":
  - kubernetesAdmin: needs kubernetes
  - kubectlLayer: needs kubernetes
  - kubectlLayer: must be the ARN of a version of a layer, got "b"
`, out)
	assert.Equal(t, 1, code)
	out, code, outdir = runApp(t, ".", `{"stage":"prod","recovery":"pilot-light","kubernetes":true,"pipeline":{"repo":"x"}}`)
	assert.Equal(t, `invalid context "strata":
  - pipeline.repo: is unknown; known are connection, repository, branch, prodAccount
  - stage: must be dev with pipeline, which delivers dev and prod, got prod
  - recovery: must be left out with pipeline: its standby is deployed by hand
  - kubernetes: must be left out with pipeline: its administrator is of one account
  - account: is required with pipeline
`, out)
	assert.Equal(t, 1, code)
	assertNothingWritten(t, outdir)
	out, code, outdir = runApp(t, ".", `{"account":"111111111111","domain":"board.example.com","pipeline":{"repository":"x","prodAccount":"111111111111"}}`)
	assert.Equal(t, `invalid stacks.PipelineStackProps:
  - ProdAccount: must be another account than the pipeline's
  - Source.Connection.ARN: must be the ARN of a connection, got ""
  - Source.Connection.Repository: must be owner/name, got "x"
  - Source.Connection.Branch: is required
  - Source.Connection.Push[0].Branches.Include[0]: must have 1 to 255 characters, got ""
invalid stacks.WebStackProps:
  - Domain: must have all of Name, HostedZone and HostedZoneID, or none
`, out)
	assert.Equal(t, 1, code)
	assertNothingWritten(t, outdir)
	out, code, outdir = runApp(t, ".", `{"domain":"board","hostedZone":"example.com","hostedZoneId":"Z0123456789EXAMPLE"}`)
	assert.Equal(t, "Web/Page: invalid albfargate.ServiceProps:\n  - LoadBalancing.Domain.Names[0]: must be a domain name such as shop.example.com, known at synth, got \"board\"\n", out)
	assert.Equal(t, 1, code)
	assertNothingWritten(t, outdir)
}

func TestApp_WithoutNode(t *testing.T) {
	out, code, outdir := runApp(t, ".", "", "JSII_NODE=no-such-node")
	assert.Regexp(t, `^Node.js, which the CDK runs on, cannot be started \(.*\): install Node.js 22 or later, or run "make tools".*\n$`, out)
	assert.Equal(t, 1, code)
	assertNothingWritten(t, outdir)
}

// copyApp copies what a synth reads, but for the CDK's own files, to a new folder.
func copyApp(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{"functions", "cfnmacro", "cfnresource", "check", "internal"} { // and what functions import
		require.NoError(t, os.CopyFS(filepath.Join(dir, folder), os.DirFS(folder)))
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	return dir
}

func TestApp_FunctionThatDoesNotBuild(t *testing.T) {
	dir := copyApp(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "functions", "notes", "broken.go"), []byte("package main\n\nvar x = nothing\n"), 0o600))
	out, code, outdir := runApp(t, dir, "")
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "Api/Api: invalid apilambda.APIProps:\n  - Functions[0].GoPackage: ./functions/notes: go build failed:")
	assert.Contains(t, out, "broken.go:3:9: undefined: nothing")
	assert.NotContains(t, out, "goroutine")
	assertNothingWritten(t, outdir)
}

// A synth gives the same bytes in every folder: templates, asset manifests and assets.
func TestApp_IsDeterministic(t *testing.T) {
	out, code, here := runApp(t, ".", "")
	require.Zero(t, code, out)
	out, code, there := runApp(t, copyApp(t), "", "TMPDIR="+t.TempDir(), "TZ=Asia/Tokyo", "LANG=tr_TR.UTF-8")
	require.Zero(t, code, out)
	one, other := contents(t, here), contents(t, there)
	assert.Equal(t, slices.Sorted(maps.Keys(one)), slices.Sorted(maps.Keys(other)))
	for path, text := range one {
		assert.True(t, text == other[path], "%s differs", path)
	}
}

// contents reads the templates, asset manifests and assets of a cloud assembly.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.HasPrefix(path, "asset.") || strings.HasSuffix(path, ".template.json") || strings.HasSuffix(path, ".assets.json") {
			text, err := os.ReadFile(filepath.Join(dir, path))
			files[path] = string(text)
			return err
		}
		return nil
	}))
	require.Greater(t, len(files), 4)
	return files
}
