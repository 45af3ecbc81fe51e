package constructs_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticbeanstalk"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/beanstalk"
	"github.com/strata-cdk/strata/constructs/network"
)

var goPlatform = beanstalk.Platform{Branch: "Go 1 running on 64bit Amazon Linux 2023", Version: "4.4.0"}

// sourceBundle is a bundle whose program is text.
func sourceBundle(text string, files ...string) *beanstalk.Bundle {
	fsys := fstest.MapFS{"Procfile": {Data: []byte("web: ./app\n")}, "app": {Data: []byte(text)}}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	b, err := beanstalk.NewBundle(&beanstalk.BundleProps{FS: fsys})
	if err != nil {
		panic(err)
	}
	return b
}

// beanstalkApp gives an application and a VPC.
func beanstalkApp(scope constructs.Construct) (*beanstalk.App, awsec2.Vpc) {
	vpc := network.NewVPC(scope, "Network", &network.VPCProps{NAT: network.One, DisableFlowLogs: true, KeepDefaultSecurityGroup: true}).Vpc
	return beanstalk.NewApp(scope, "App", nil), vpc.(awsec2.Vpc)
}

func webProps(scope constructs.Construct) *beanstalk.WebEnvironmentProps {
	app, vpc := beanstalkApp(scope)
	return &beanstalk.WebEnvironmentProps{
		EnvironmentProps: beanstalk.EnvironmentProps{App: app, VPC: vpc, Bundle: sourceBundle("one"), Platform: goPlatform},
		LoadBalancer: beanstalk.LoadBalancer{Certificate: awscertificatemanager.Certificate_FromCertificateArn(scope, jsii.String("Certificate"),
			jsii.String("arn:aws:acm:us-east-1:111122223333:certificate/1"))},
	}
}

func synthWeb(t *testing.T, edit func(awscdk.Stack, *beanstalk.WebEnvironmentProps)) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	props := webProps(stack)
	if edit != nil {
		edit(stack, props)
	}
	beanstalk.NewWebEnvironment(stack, "Shop", props)
	return cdktest.Synth(t, stack)
}

// optionsOf are the options of an environment, by "namespace|name".
func optionsOf(t *testing.T, r cdktest.Resource) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, s := range r.Properties["OptionSettings"].(a) {
		s := s.(o)
		key := fmt.Sprintf("%s|%s", s["Namespace"], s["OptionName"])
		if name, ok := s["ResourceName"]; ok {
			key += fmt.Sprintf("|%s", name)
		}
		require.NotContains(t, out, key, "set twice")
		out[key] = s["Value"]
	}
	return out
}

func onlyEnvironment(t *testing.T, tpl *cdktest.Template) map[string]any {
	t.Helper()
	all := tpl.All("AWS::ElasticBeanstalk::Environment")
	require.Len(t, all, 1)
	return optionsOf(t, all[0])
}

// subset asserts that options have values.
func subset(t *testing.T, want, got map[string]any) {
	t.Helper()
	for key, v := range want {
		assert.Equal(t, v, got[key], key)
	}
}

func TestBeanstalkWeb_Defaults(t *testing.T) {
	tpl := synthWeb(t, nil)
	tpl.Snapshot("beanstalk/web")

	app := tpl.All("AWS::ElasticBeanstalk::Application")[0]
	role := tpl.Has("AWS::IAM::Role", o{
		"AssumeRolePolicyDocument": o{"Statement": a{o{
			"Principal": o{"Service": "elasticbeanstalk.amazonaws.com"}, "Condition": o{"StringEquals": o{"sts:ExternalId": "elasticbeanstalk"}},
		}}},
		"ManagedPolicyArns": cdktest.ArrayWith(o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":iam::aws:policy/service-role/AWSElasticBeanstalkEnhancedHealth"}}}),
	})
	version := tpl.HasResource("AWS::ElasticBeanstalk::ApplicationVersion", o{"UpdateReplacePolicy": "Retain", "DeletionPolicy": "Delete", "Properties": o{
		"ApplicationName": o{"Ref": app.LogicalID},
	}})
	tpl.Has("AWS::ElasticBeanstalk::Application", o{"ResourceLifecycleConfig": o{
		"ServiceRole": o{"Fn::GetAtt": a{role.LogicalID, "Arn"}},
		"VersionLifecycleConfig": o{
			"MaxCountRule": o{"Enabled": true, "MaxCount": 200., "DeleteSourceFromS3": false},
			"MaxAgeRule":   o{"Enabled": false, "MaxAgeInDays": 1., "DeleteSourceFromS3": false},
		},
	}})
	environment := tpl.Has("AWS::ElasticBeanstalk::Environment", o{
		"ApplicationName": o{"Ref": app.LogicalID}, "VersionLabel": o{"Ref": version.LogicalID}, "EnvironmentName": cdktest.Absent, "CNAMEPrefix": cdktest.Absent,
		"Tier": o{"Name": "WebServer", "Type": "Standard", "Version": cdktest.Absent}, "SolutionStackName": cdktest.Absent,
		"PlatformArn": o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":elasticbeanstalk:us-east-1::platform/Go 1 running on 64bit Amazon Linux 2023/4.4.0"}}},
	})
	var depends []string
	text, err := json.Marshal(environment)
	require.NoError(t, err)
	for _, r := range slices.Concat(tpl.All("AWS::IAM::Policy"), tpl.All("AWS::IAM::Role")) {
		if strings.HasPrefix(r.LogicalID, "ShopInstanceRole") || strings.HasPrefix(r.LogicalID, "AppServiceRole") {
			depends = append(depends, r.LogicalID)
			assert.Contains(t, string(text), r.LogicalID)
		}
	}
	assert.Len(t, depends, 4)

	got := optionsOf(t, environment)
	subset(t, map[string]any{
		"aws:elasticbeanstalk:environment|EnvironmentType":                        "LoadBalanced",
		"aws:elasticbeanstalk:environment|LoadBalancerType":                       "application",
		"aws:elasticbeanstalk:environment|LoadBalancerIsShared":                   "false",
		"aws:elasticbeanstalk:environment|ServiceRole":                            o{"Fn::GetAtt": a{role.LogicalID, "Arn"}},
		"aws:autoscaling:asg|MinSize":                                             "2",
		"aws:autoscaling:asg|MaxSize":                                             "4",
		"aws:autoscaling:trigger|MeasureName":                                     "CPUUtilization",
		"aws:autoscaling:trigger|UpperThreshold":                                  "70",
		"aws:autoscaling:launchconfiguration|DisableIMDSv1":                       "true",
		"aws:autoscaling:launchconfiguration|DisableDefaultEC2SecurityGroup":      "true",
		"aws:autoscaling:launchconfiguration|EC2KeyName":                          nil,
		"aws:ec2:vpc|ELBScheme":                                                   "public",
		"aws:ec2:vpc|AssociatePublicIpAddress":                                    "false",
		"aws:elasticbeanstalk:command|DeploymentPolicy":                           "RollingWithAdditionalBatch",
		"aws:elasticbeanstalk:command|BatchSize":                                  "25",
		"aws:elasticbeanstalk:healthreporting:system|SystemType":                  "enhanced",
		"aws:elasticbeanstalk:managedactions|ManagedActionsEnabled":               "true",
		"aws:elasticbeanstalk:managedactions|PreferredStartTime":                  "Sun:03:00",
		"aws:elasticbeanstalk:managedactions:platformupdate|UpdateLevel":          "minor",
		"aws:elasticbeanstalk:cloudwatch:logs|StreamLogs":                         "true",
		"aws:elasticbeanstalk:cloudwatch:logs|RetentionInDays":                    "365",
		"aws:elasticbeanstalk:hostmanager|LogPublicationControl":                  "true",
		"aws:elasticbeanstalk:xray|XRayEnabled":                                   "true",
		"aws:elbv2:listener:443|Protocol":                                         "HTTPS",
		"aws:elbv2:listener:443|SSLPolicy":                                        "ELBSecurityPolicy-TLS13-1-2-2021-06",
		"aws:elbv2:listener:443|SSLCertificateArns":                               "arn:aws:acm:us-east-1:111122223333:certificate/1",
		"aws:elbv2:listener:default|ListenerEnabled":                              "true",
		"aws:elbv2:loadbalancer|AccessLogsS3Enabled":                              "true",
		"aws:elasticbeanstalk:environment:process:default|HealthCheckPath":        "/",
		"aws:elasticbeanstalk:healthreporting:system|HealthCheckSuccessThreshold": "Ok",
	}, got)
	var document struct {
		CloudWatchMetrics struct{ Environment map[string]int }
	}
	require.NoError(t, json.Unmarshal([]byte(got["aws:elasticbeanstalk:healthreporting:system|ConfigDocument"].(string)), &document))
	for _, alarm := range tpl.All("AWS::CloudWatch::Alarm") {
		text, err := json.Marshal(alarm.Properties)
		require.NoError(t, err)
		for _, metric := range []string{"ApplicationRequests5xx", "ApplicationRequestsTotal", "ApplicationLatencyP99"} {
			if strings.Contains(string(text), metric) {
				assert.Equal(t, 60, document.CloudWatchMetrics.Environment[metric], "%s is sent", metric)
			}
		}
	}
	tpl.Count("AWS::CloudWatch::Alarm", 3)
	tpl.Count("AWS::CloudWatch::Dashboard", 1)

	// Clients reach the load balancer on 443 and 80, and only the load balancer reaches the instances.
	tpl.Has("AWS::EC2::SecurityGroup", o{"GroupDescription": "Load balancer of Test/Shop", "SecurityGroupIngress": a{
		o{"CidrIp": "0.0.0.0/0", "FromPort": 80., "ToPort": 80.}, o{"CidrIp": "0.0.0.0/0", "FromPort": 443., "ToPort": 443.},
	}})
	tpl.Has("AWS::EC2::SecurityGroup", o{"GroupDescription": "Instances of Test/Shop", "SecurityGroupIngress": cdktest.Absent})
	tpl.Count("AWS::EC2::SecurityGroupIngress", 1)
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{"FromPort": 80., "ToPort": 80.})
}

func TestBeanstalkWeb_Nag(t *testing.T) {
	for name, edit := range map[string]func(*beanstalk.WebEnvironmentProps){
		"default":  func(*beanstalk.WebEnvironmentProps) {},
		"internal": func(p *beanstalk.WebEnvironmentProps) { p.LoadBalancer.Internal = true },
		"network":  func(p *beanstalk.WebEnvironmentProps) { p.LoadBalancer.Type = beanstalk.NetworkLoadBalancer },
		"coupled": func(p *beanstalk.WebEnvironmentProps) {
			p.CoupledDatabase = &beanstalk.CoupledDatabase{Version: "17.4"}
		},
		"single": func(p *beanstalk.WebEnvironmentProps) {
			p.SingleInstance, p.LoadBalancer = true, beanstalk.LoadBalancer{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			app := cdktest.App(t, nil)
			cdktest.AddNag(app)
			stack := cdktest.StackIn(app, "Test")
			props := webProps(stack)
			edit(props)
			beanstalk.NewWebEnvironment(stack, "Shop", props)
			open, suppressed := cdktest.Nag(t, stack)
			open = slices.DeleteFunc(open, func(f cdktest.Finding) bool { return strings.Contains(f.String(), "VPC7") }) // that network has no flow logs
			assert.Empty(t, open)
			for _, s := range suppressed {
				assert.NotContains(t, s.String(), "AwsSolutions-EB")
			}
		})
	}
}

// A template of each policy; the options of the others are in no template, and what they share has its default.
func TestBeanstalkWeb_Policies(t *testing.T) {
	settings := map[string]any{}
	for _, d := range []beanstalk.Deployment{
		{Policy: beanstalk.AllAtOnce},
		{Policy: beanstalk.Rolling, BatchPercent: 50},
		{Policy: beanstalk.Rolling, BatchSize: 1},
		{Policy: beanstalk.RollingWithAdditionalBatch, BatchSize: 2},
		{Policy: beanstalk.Immutable, IgnoreHealthCheck: true},
		{Policy: beanstalk.TrafficSplitting, NewVersionPercent: 20},
	} {
		tpl := synthWeb(t, func(_ awscdk.Stack, p *beanstalk.WebEnvironmentProps) { p.Deployment = d })
		if d.BatchSize == 0 { // the default policy is in the snapshot web
			tpl.Snapshot("beanstalk/" + strings.ToLower(string(d.Policy)))
		}
		got := onlyEnvironment(t, tpl)
		maps.DeleteFunc(got, func(key string, _ any) bool {
			return !strings.HasPrefix(key, "aws:elasticbeanstalk:command|") && !strings.HasPrefix(key, "aws:elasticbeanstalk:trafficsplitting|") &&
				!strings.HasPrefix(key, "aws:autoscaling:updatepolicy:rollingupdate|")
		})
		name := string(d.Policy)
		if d.BatchSize > 0 {
			name += " by number"
		}
		settings[name] = got
	}
	command := func(policy, kind, size, ignore string) map[string]any {
		return map[string]any{
			"aws:elasticbeanstalk:command|DeploymentPolicy": policy, "aws:elasticbeanstalk:command|BatchSizeType": kind, "aws:elasticbeanstalk:command|BatchSize": size,
			"aws:elasticbeanstalk:command|Timeout": "600", "aws:elasticbeanstalk:command|IgnoreHealthCheck": ignore,
		}
	}
	const update = "aws:autoscaling:updatepolicy:rollingupdate|"
	byBatch := map[string]any{update + "RollingUpdateEnabled": "true", update + "RollingUpdateType": "Health", update + "Timeout": "PT30M", update + "MaxBatchSize": "1", update + "MinInstancesInService": "2"}
	immutable := map[string]any{update + "RollingUpdateEnabled": "true", update + "RollingUpdateType": "Immutable", update + "Timeout": "PT30M"}
	splitting := map[string]any{"aws:elasticbeanstalk:trafficsplitting|NewVersionPercent": "20", "aws:elasticbeanstalk:trafficsplitting|EvaluationTime": "5"}
	join := func(all ...map[string]any) map[string]any {
		out := map[string]any{}
		for _, m := range all {
			maps.Copy(out, m)
		}
		return out
	}
	assert.Equal(t, map[string]any{
		"AllAtOnce":                            join(command("AllAtOnce", "Percentage", "100", "false"), byBatch),
		"Rolling":                              join(command("Rolling", "Percentage", "50", "false"), byBatch),
		"Rolling by number":                    join(command("Rolling", "Fixed", "1", "false"), byBatch),
		"RollingWithAdditionalBatch by number": join(command("RollingWithAdditionalBatch", "Fixed", "2", "false"), byBatch),
		"Immutable":                            join(command("Immutable", "Percentage", "100", "true"), immutable),
		"TrafficSplitting":                     join(command("TrafficSplitting", "Percentage", "100", "false"), immutable, splitting),
	}, settings)
}

// assetZip is the source bundle in a cloud assembly.
func assetZip(t *testing.T, stack awscdk.Stack) []byte {
	t.Helper()
	dir := *awscdk.App_Of(stack).Outdir()
	names, err := filepath.Glob(filepath.Join(dir, "asset.*.zip"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	data, err := os.ReadFile(names[0])
	require.NoError(t, err)
	return data
}

func zipped(t *testing.T, data []byte, name string) string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	f, err := r.Open(name)
	if err != nil {
		return ""
	}
	text, err := io.ReadAll(f)
	require.NoError(t, err)
	return string(text)
}

// The asset is the bundle, byte for byte; each change of its content makes another version, and nothing else does.
func TestBeanstalk_Versions(t *testing.T) {
	synth := func(text string) (key any, id string, data []byte) {
		stack := cdktest.Stack(t)
		props := webProps(stack)
		props.Bundle, props.LoadBalancer.DisableRedirect = sourceBundle(text), true
		beanstalk.NewWebEnvironment(stack, "Shop", props)
		tpl := cdktest.Synth(t, stack)
		version := tpl.All("AWS::ElasticBeanstalk::ApplicationVersion")[0]
		return version.Properties["SourceBundle"].(o)["S3Key"], version.LogicalID, assetZip(t, stack)
	}
	key, id, data := synth("one")
	again, _, same := synth("one")
	assert.Equal(t, key, again)
	assert.True(t, bytes.Equal(data, same))
	bundled, err := sourceBundle("one").Bytes()
	require.NoError(t, err)
	assert.True(t, bytes.Equal(bundled, data))
	next, nextID, _ := synth("two")
	assert.NotEqual(t, key, next)
	assert.Equal(t, id, nextID, "the version is replaced, and the old one stays")
}

// What Elastic Beanstalk has no option for is in a configuration file of the bundle.
func TestBeanstalk_OwnConfiguration(t *testing.T) {
	const name = ".ebextensions/zz-strata.config"
	synth := func(edit func(*beanstalk.WebEnvironmentProps)) map[string]any {
		stack := cdktest.Stack(t)
		props := webProps(stack)
		edit(props)
		beanstalk.NewWebEnvironment(stack, "Shop", props)
		cdktest.Synth(t, stack)
		text := zipped(t, assetZip(t, stack), name)
		if text == "" {
			return nil
		}
		var config struct{ Resources map[string]any }
		require.NoError(t, json.Unmarshal([]byte(text), &config))
		return config.Resources
	}
	listener := synth(func(*beanstalk.WebEnvironmentProps) {})["AWSEBV2LoadBalancerListener"].(map[string]any)
	assert.Equal(t, map[string]any{
		"LoadBalancerArn": map[string]any{"Ref": "AWSEBV2LoadBalancer"}, "Port": 80., "Protocol": "HTTP",
		"DefaultActions": []any{map[string]any{"Type": "redirect", "RedirectConfig": map[string]any{
			"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}", "StatusCode": "HTTP_301",
		}}},
	}, listener["Properties"])
	for why, edit := range map[string]func(*beanstalk.WebEnvironmentProps){
		"disabled":  func(p *beanstalk.WebEnvironmentProps) { p.LoadBalancer.DisableRedirect = true },
		"plaintext": func(p *beanstalk.WebEnvironmentProps) { p.LoadBalancer = beanstalk.LoadBalancer{AllowPlaintext: true} },
		"network":   func(p *beanstalk.WebEnvironmentProps) { p.LoadBalancer.Type = beanstalk.NetworkLoadBalancer },
		"single": func(p *beanstalk.WebEnvironmentProps) {
			p.SingleInstance, p.LoadBalancer = true, beanstalk.LoadBalancer{}
		},
	} {
		assert.Nil(t, synth(edit), why)
	}
	template := synth(func(p *beanstalk.WebEnvironmentProps) {
		p.LoadBalancer.DisableRedirect, p.Instances.EncryptRootVolume, p.Instances.RootVolumeGiB = true, true, 30
	})
	assert.Equal(t, map[string]any{"AWSEBEC2LaunchTemplate": map[string]any{
		"Type": "AWS::EC2::LaunchTemplate",
		"Properties": map[string]any{"LaunchTemplateData": map[string]any{"BlockDeviceMappings": []any{map[string]any{
			"DeviceName": "/dev/xvda", "Ebs": map[string]any{"Encrypted": true, "VolumeType": "gp3", "VolumeSize": 30., "DeleteOnTermination": true},
		}}}},
	}}, template)
}

func TestBeanstalk_WarnsOfTheBundle(t *testing.T) {
	stack := cdktest.Stack(t)
	props := webProps(stack)
	props.Bundle = sourceBundle("one",
		".ebextensions/size.config", "option_settings:\n  aws:autoscaling:asg:\n    MinSize: \"7\"\n",
		".ebextensions/table.config", "Resources:\n  Notes: {Type: \"AWS::DynamoDB::Table\"}\n")
	beanstalk.NewWebEnvironment(stack, "Shop", props)
	for _, text := range []string{"size.config:3: aws:autoscaling:asg MinSize has no effect: the environment sets it itself", "Notes"} {
		found := assertions.Annotations_FromStack(stack).FindWarning(jsii.String("/Test/Shop"), assertions.Match_StringLikeRegexp(jsii.String(text)))
		assert.Len(t, *found, 1, text)
	}
}

func TestBeanstalkWeb_Everything(t *testing.T) {
	tpl := synthWeb(t, func(stack awscdk.Stack, p *beanstalk.WebEnvironmentProps) {
		p.Name, p.CNAMEPrefix, p.Description = "shop-prod", "shop-prod", "The shop"
		p.Platform = beanstalk.Platform{ARN: "arn:aws:elasticbeanstalk:us-east-1::platform/Go 1 running on 64bit Amazon Linux 2023/4.4.0"}
		p.Variables = map[string]string{"COLOR": "blue"}
		p.Secrets = map[string]awssecretsmanager.ISecret{"API_KEY": awssecretsmanager.NewSecret(stack, jsii.String("Key"), nil)}
		p.Parameters = map[string]awsssm.IParameter{"LIMIT": awsssm.NewStringParameter(stack, jsii.String("Limit"), &awsssm.StringParameterProps{StringValue: jsii.String("3")})}
		p.Instances = beanstalk.Instances{
			Architecture: beanstalk.ARM64, Types: []string{"t4g.small", "m7g.medium"}, Spot: &beanstalk.Spot{OnDemandBase: 1}, KeyName: "ops", ImageID: "ami-1f316660",
			SecurityGroups: []awsec2.ISecurityGroup{awsec2.NewSecurityGroup(stack, jsii.String("More"), &awsec2.SecurityGroupProps{Vpc: p.VPC})},
		}
		p.Scaling.Schedules = []beanstalk.Schedule{{Name: "day", Recurrence: "0 6 * * 1-5", Min: new(4), Max: new(8)}}
		p.LoadBalancer.AllowedCIDRs = []string{"192.0.2.0/24", "2001:db8::/32"}
		p.LoadBalancer.Processes = map[string]beanstalk.TargetProcess{"admin": {Port: 8081, HealthPath: "/admin/health"}}
		p.LoadBalancer.Rules = map[string]beanstalk.Rule{"admin": {Paths: []string{"/admin/*"}, Priority: 1, Process: "admin"}}
		p.RawOptions = []beanstalk.Option{{Namespace: "aws:elasticbeanstalk:environment:proxy", Name: "GzipCompression", Value: "true"}}
		p.ConfigureEnvironment = func(c *awselasticbeanstalk.CfnEnvironmentProps) {
			c.Description = jsii.String("Edited " + *c.Description)
		}
	})
	tpl.Has("AWS::ElasticBeanstalk::Environment", o{
		"EnvironmentName": "shop-prod", "CNAMEPrefix": "shop-prod", "Description": "Edited The shop",
		"PlatformArn": "arn:aws:elasticbeanstalk:us-east-1::platform/Go 1 running on 64bit Amazon Linux 2023/4.4.0",
	})
	secret, parameter := tpl.All("AWS::SecretsManager::Secret")[0], tpl.All("AWS::SSM::Parameter")[0]
	got := onlyEnvironment(t, tpl)
	subset(t, map[string]any{
		"aws:elasticbeanstalk:application:environment|COLOR":          "blue",
		"aws:elasticbeanstalk:application:environmentsecrets|API_KEY": o{"Ref": secret.LogicalID},
		"aws:ec2:instances|InstanceTypes":                             "t4g.small,m7g.medium",
		"aws:ec2:instances|SupportedArchitectures":                    "arm64",
		"aws:ec2:instances|EnableSpot":                                "true",
		"aws:ec2:instances|SpotFleetOnDemandBase":                     "1",
		"aws:ec2:instances|SpotFleetOnDemandAboveBasePercentage":      "30",
		"aws:ec2:instances|SpotAllocationStrategy":                    "price-capacity-optimized",
		"aws:ec2:instances|SpotMaxPrice":                              "null",
		"aws:autoscaling:launchconfiguration|EC2KeyName":              "ops",
		"aws:autoscaling:launchconfiguration|ImageId":                 "ami-1f316660",
		"aws:autoscaling:scheduledaction|MinSize|day":                 "4",
		"aws:autoscaling:scheduledaction|Recurrence|day":              "0 6 * * 1-5",
		"aws:elasticbeanstalk:environment:process:admin|Port":         "8081",
		"aws:elbv2:listenerrule:admin|PathPatterns":                   "/admin/*",
		"aws:elbv2:listenerrule:admin|Process":                        "admin",
		"aws:elbv2:listener:443|Rules":                                "admin",
		"aws:elasticbeanstalk:environment:proxy|GzipCompression":      "true",
	}, got)
	assert.Contains(t, fmt.Sprint(got["aws:elasticbeanstalk:application:environmentsecrets|LIMIT"]), parameter.LogicalID)
	assert.Contains(t, fmt.Sprint(got["aws:autoscaling:launchconfiguration|SecurityGroups"]), "More")
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Action": a{"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}, "Resource": o{"Ref": secret.LogicalID}},
	)}})
	tpl.Has("AWS::EC2::SecurityGroup", o{"GroupDescription": "Load balancer of Test/Shop", "SecurityGroupIngress": a{
		o{"CidrIp": "192.0.2.0/24", "FromPort": 80.}, o{"CidrIpv6": "2001:db8::/32", "FromPort": 80.},
		o{"CidrIp": "192.0.2.0/24", "FromPort": 443.}, o{"CidrIpv6": "2001:db8::/32", "FromPort": 443.},
	}})
	tpl.Count("AWS::EC2::SecurityGroupIngress", 2)
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{"FromPort": 8081.})
}
