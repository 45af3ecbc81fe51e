package constructs_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/beanstalk"
)

func synthWorker(t *testing.T, edit func(awscdk.Stack, *beanstalk.WorkerEnvironmentProps)) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	app, vpc := beanstalkApp(stack)
	props := &beanstalk.WorkerEnvironmentProps{EnvironmentProps: beanstalk.EnvironmentProps{App: app, VPC: vpc, Bundle: sourceBundle("one"), Platform: goPlatform}}
	if edit != nil {
		edit(stack, props)
	}
	beanstalk.NewWorkerEnvironment(stack, "Work", props)
	return cdktest.Synth(t, stack)
}

func instancePolicy(t *testing.T, tpl *cdktest.Template) string {
	t.Helper()
	for _, p := range tpl.All("AWS::IAM::Policy") {
		if strings.Contains(p.LogicalID, "InstanceRole") {
			text, err := json.Marshal(p.Properties["PolicyDocument"])
			require.NoError(t, err)
			return string(text)
		}
	}
	t.Fatal("the instances have no policy")
	return ""
}

func TestBeanstalkWorker_Defaults(t *testing.T) {
	tpl := synthWorker(t, nil)
	tpl.Snapshot("beanstalk/worker")
	tpl.Has("AWS::ElasticBeanstalk::Environment", o{"Tier": o{"Name": "Worker", "Type": "SQS/HTTP", "Version": cdktest.Absent}})
	key := tpl.All("AWS::KMS::Key")[0]
	encrypted := o{"KmsMasterKeyId": o{"Fn::GetAtt": a{key.LogicalID, "Arn"}}}
	var failed, queue cdktest.Resource
	for _, q := range tpl.All("AWS::SQS::Queue") {
		if q.Properties["RedrivePolicy"] == nil {
			failed = q
		} else {
			queue = q
		}
	}
	tpl.Count("AWS::SQS::Queue", 2)
	tpl.Each("AWS::SQS::Queue", encrypted)
	tpl.Has("AWS::SQS::Queue", o{
		"RedrivePolicy":     o{"deadLetterTargetArn": o{"Fn::GetAtt": a{failed.LogicalID, "Arn"}}, "maxReceiveCount": 10.},
		"VisibilityTimeout": 300., "MessageRetentionPeriod": 1209600.,
	})
	got := onlyEnvironment(t, tpl)
	subset(t, map[string]any{
		"aws:elasticbeanstalk:sqsd|WorkerQueueURL":          o{"Ref": queue.LogicalID},
		"aws:elasticbeanstalk:sqsd|HttpPath":                "/",
		"aws:elasticbeanstalk:sqsd|VisibilityTimeout":       "300",
		"aws:elasticbeanstalk:sqsd|InactivityTimeout":       "299",
		"aws:elasticbeanstalk:sqsd|MaxRetries":              "10",
		"aws:elasticbeanstalk:environment|LoadBalancerType": nil,
		"aws:elasticbeanstalk:environment|EnvironmentType":  "LoadBalanced",
		"aws:ec2:vpc|ELBSubnets":                            nil,
		"aws:ec2:vpc|AssociatePublicIpAddress":              "false",
		"aws:elasticbeanstalk:command|DeploymentPolicy":     "RollingWithAdditionalBatch",
	}, got)
	tpl.Count("AWS::EC2::SecurityGroupIngress", 0)
	tpl.Count("AWS::CloudWatch::Alarm", 5)
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "ApproximateAgeOfOldestMessage", "Threshold": 302400., "TreatMissingData": "notBreaching"})
	policy := instancePolicy(t, tpl)
	assert.Contains(t, policy, "sqs:ReceiveMessage")
	assert.NotContains(t, policy, "dynamodb:", "without periodic tasks there is no leader")
	assert.NotContains(t, policy, "sqs:SendMessage")
}

func TestBeanstalkWorker_TasksAndQueue(t *testing.T) {
	cron := sourceBundle("one", "cron.yaml", "version: 1\ncron:\n  - {name: tidy, url: /tidy, schedule: \"0 3 * * *\"}\n")
	tpl := synthWorker(t, func(stack awscdk.Stack, p *beanstalk.WorkerEnvironmentProps) {
		p.Bundle = cron
		p.Queue = beanstalk.Queue{
			Queue: awssqs.NewQueue(stack, jsii.String("Mine"), nil), Path: "/work", MimeType: "text/plain", Connections: 3, InactivityTimeout: time.Hour, MaxRetries: 2,
		}
	})
	policy := instancePolicy(t, tpl)
	assert.Contains(t, policy, "AWSEBWorkerCronLeaderRegistry")
	assert.Contains(t, policy, "sqs:SendMessage")
	tpl.Count("AWS::SQS::Queue", 1)
	tpl.Count("AWS::CloudWatch::Alarm", 4)
	subset(t, map[string]any{
		"aws:elasticbeanstalk:sqsd|WorkerQueueURL": o{"Ref": tpl.All("AWS::SQS::Queue")[0].LogicalID}, "aws:elasticbeanstalk:sqsd|HttpPath": "/work",
		"aws:elasticbeanstalk:sqsd|MimeType": "text/plain", "aws:elasticbeanstalk:sqsd|HttpConnections": "3",
		"aws:elasticbeanstalk:sqsd|InactivityTimeout": "3600", "aws:elasticbeanstalk:sqsd|VisibilityTimeout": "3601",
	}, onlyEnvironment(t, tpl))
}

func TestBeanstalkWorker_Nag(t *testing.T) {
	app := cdktest.App(t, nil)
	cdktest.AddNag(app)
	stack := cdktest.StackIn(app, "Test")
	application, vpc := beanstalkApp(stack)
	beanstalk.NewWorkerEnvironment(stack, "Work", &beanstalk.WorkerEnvironmentProps{EnvironmentProps: beanstalk.EnvironmentProps{
		App: application, VPC: vpc, Platform: goPlatform,
		Bundle:   sourceBundle("one", "cron.yaml", "version: 1\ncron:\n  - {name: tidy, url: /tidy, schedule: \"0 3 * * *\"}\n"),
		Database: beanstalk.NewDatabase(stack, "Data", &beanstalk.DatabaseProps{VPC: vpc, Version: "17.4"}),
	}})
	open, _ := cdktest.Nag(t, stack)
	open = slices.DeleteFunc(open, func(f cdktest.Finding) bool { return strings.Contains(f.String(), "VPC7") })
	for _, f := range open {
		t.Error(f.Rule, f)
	}
}

func blueGreen(t *testing.T, edit func(*beanstalk.BlueGreenProps)) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	blue := webProps(stack)
	blue.CNAMEPrefix = "shop-blue"
	green := *blue
	green.CNAMEPrefix, green.Bundle = "shop-green", sourceBundle("two")
	props := &beanstalk.BlueGreenProps{
		Zone: awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
			HostedZoneId: jsii.String("Z1"), ZoneName: jsii.String("example.com"),
		}),
		Domain: "shop.example.com", Blue: blue, Green: &green,
	}
	if edit != nil {
		edit(props)
	}
	side := beanstalk.NewBlueGreen(stack, "Shop", props)
	assert.Equal(t, "https://shop.example.com/", *side.URL())
	return cdktest.Synth(t, stack)
}

// The weights are a line of the program, and all that differs between two synths are the weights of the two records.
func TestBeanstalkBlueGreen_ShiftsTheRecordsOnly(t *testing.T) {
	before, after := blueGreen(t, nil), blueGreen(t, func(p *beanstalk.BlueGreenProps) { p.GreenPercent = 30 })
	before.Snapshot("beanstalk/bluegreen")
	require.Len(t, after.Resources, len(before.Resources))
	weights := map[string][2]any{}
	for id, was := range before.Resources {
		is := after.Resources[id]
		if assert.ObjectsAreEqual(was, is) {
			continue
		}
		require.Equal(t, "AWS::Route53::RecordSet", was.Type, id)
		weights[was.Properties["SetIdentifier"].(string)] = [2]any{was.Properties["Weight"], is.Properties["Weight"]}
		was.Properties["Weight"], is.Properties["Weight"] = nil, nil
		assert.Equal(t, was, is)
	}
	assert.Equal(t, map[string][2]any{"blue": {100., 70.}, "green": {0., 30.}}, weights)

	for side, prefix := range map[string]string{"blue": "shop-blue", "green": "shop-green"} {
		after.HasResource("AWS::Route53::RecordSet", o{"DependsOn": cdktest.ArrayWith(cdktest.Text("(?i)^Shop" + side + "Environment")), "Properties": o{
			"Name": "shop.example.com.", "Type": "A", "SetIdentifier": side, "HostedZoneId": "Z1",
			"AliasTarget": o{"DNSName": prefix + ".us-east-1.elasticbeanstalk.com", "HostedZoneId": "Z117KPS5GTRQ2G", "EvaluateTargetHealth": true},
		}})
		after.Has("AWS::ElasticBeanstalk::Environment", o{"CNAMEPrefix": prefix})
	}
}

// Without a region at synth, the template looks the zone up.
func TestBeanstalkBlueGreen_InAnyRegion(t *testing.T) {
	app := cdktest.App(t, nil)
	stack := awscdk.NewStack(app, jsii.String("Any"), nil)
	blue := webProps(stack)
	blue.CNAMEPrefix = "shop-blue"
	green := *blue
	green.CNAMEPrefix = "shop-green"
	beanstalk.NewBlueGreen(stack, "Shop", &beanstalk.BlueGreenProps{
		Zone: awsroute53.HostedZone_FromHostedZoneId(stack, jsii.String("Zone"), jsii.String("Z1")), Domain: "shop.example.com", Blue: blue, Green: &green,
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::Route53::RecordSet", o{"AliasTarget": o{"HostedZoneId": o{"Fn::FindInMap": a{cdktest.Text("^Ebsenvironment"), o{"Ref": "AWS::Region"}, cdktest.Text(".")}}}})
}

func TestBeanstalkClone(t *testing.T) {
	stack := cdktest.Stack(t)
	props := webProps(stack)
	props.Name, props.CNAMEPrefix, props.Variables = "shop-prod", "shop-prod", map[string]string{"COLOR": "blue", "SIZE": "1"}
	props.LoadBalancer.Type, props.LoadBalancer.Created = beanstalk.ClassicLoadBalancer, &beanstalk.CreatedLoadBalancer{Type: beanstalk.ClassicLoadBalancer}
	props.CoupledDatabase = &beanstalk.CoupledDatabase{Version: "17.4"}
	shop := beanstalk.NewWebEnvironment(stack, "Shop", props)
	props.Variables["SIZE"] = "changed too late"
	same := shop.Clone(stack, "Same", nil)
	other := shop.Clone(stack, "Other", func(p *beanstalk.WebEnvironmentProps) {
		p.Variables["COLOR"], p.LoadBalancer.Type = "green", beanstalk.ApplicationLoadBalancer
	})
	tpl := cdktest.Synth(t, stack)
	find := func(e *beanstalk.WebEnvironment) cdktest.Resource {
		return tpl.Resources[*stack.GetLogicalId(e.Environment)]
	}
	was, is, changed := optionsOf(t, find(shop)), optionsOf(t, find(same)), optionsOf(t, find(other))
	for _, e := range []*beanstalk.WebEnvironment{same, other} {
		assert.NotContains(t, find(e).Properties, "EnvironmentName")
		assert.NotContains(t, find(e).Properties, "CNAMEPrefix")
	}
	for key, v := range was {
		if text, ok := v.(string); ok { // what is not is a reference to the environment's own role, group or secret
			assert.Equal(t, text, is[key], key)
		}
	}
	assert.Len(t, is, len(was))
	assert.Equal(t, "classic", is["aws:elasticbeanstalk:environment|LoadBalancerType"])
	assert.Equal(t, "postgres", is["aws:rds:dbinstance|DBEngine"])
	assert.NotContains(t, is, "aws:rds:dbinstance|DBSnapshotIdentifier")
	assert.Equal(t, "1", is["aws:elasticbeanstalk:application:environment|SIZE"])
	subset(t, map[string]any{
		"aws:elasticbeanstalk:application:environment|COLOR": "green", "aws:elasticbeanstalk:environment|LoadBalancerType": "application",
	}, changed)
	assert.Equal(t, "blue", was["aws:elasticbeanstalk:application:environment|COLOR"])

	worker := cdktest.Stack(t)
	app, vpc := beanstalkApp(worker)
	work := beanstalk.NewWorkerEnvironment(worker, "Work", &beanstalk.WorkerEnvironmentProps{EnvironmentProps: beanstalk.EnvironmentProps{
		App: app, VPC: vpc, Bundle: sourceBundle("one"), Platform: goPlatform, Name: "work-one",
	}})
	work.Clone(worker, "Again", func(p *beanstalk.WorkerEnvironmentProps) { p.Queue.Path = "/again" })
	tpl = cdktest.Synth(t, worker)
	tpl.Count("AWS::SQS::Queue", 4)
	tpl.Has("AWS::ElasticBeanstalk::Environment", o{"EnvironmentName": cdktest.Absent, "OptionSettings": cdktest.ArrayWith(o{"OptionName": "HttpPath", "Value": "/again"})})
}

func TestBeanstalkDatabase(t *testing.T) {
	stack := cdktest.Stack(t)
	props := webProps(stack)
	database := beanstalk.NewDatabase(stack, "Data", &beanstalk.DatabaseProps{VPC: props.VPC, Version: "17.4"})
	props.Database = database
	shop := beanstalk.NewWebEnvironment(stack, "Shop", props)
	shop.Clone(stack, "Next", nil)
	tpl := cdktest.Synth(t, stack)

	instance := tpl.HasResource("AWS::RDS::DBInstance", o{
		"DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot",
		"Properties": o{
			"Engine": "postgres", "EngineVersion": "17.4", "DBName": "app", "Port": "5433", "StorageEncrypted": true, "MultiAZ": true, "DeletionProtection": true,
			"PubliclyAccessible": false, "BackupRetentionPeriod": 7., "AllocatedStorage": "20", "MaxAllocatedStorage": 40., "DBInstanceClass": "db.t4g.micro", "CopyTagsToSnapshot": true,
		},
	})
	tpl.Count("AWS::RDS::DBInstance", 1)
	tpl.Has("AWS::RDS::DBParameterGroup", o{"Parameters": o{"rds.force_ssl": "1"}})
	tpl.HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Retain", "Properties": o{"Description": "Database Test/Data"}})
	tpl.Count("AWS::EC2::SecurityGroupIngress", 4) // for each environment: from its load balancer, and to the database
	port := o{"Fn::GetAtt": a{instance.LogicalID, "Endpoint.Port"}}
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{"Description": "Instances of Test/Next", "FromPort": port, "ToPort": port, "IpProtocol": "tcp"})
	secret := tpl.All("AWS::SecretsManager::Secret")[0]
	for _, e := range tpl.All("AWS::ElasticBeanstalk::Environment") {
		got := optionsOf(t, e)
		subset(t, map[string]any{
			"aws:elasticbeanstalk:application:environment|RDS_HOSTNAME": o{"Fn::GetAtt": a{instance.LogicalID, "Endpoint.Address"}},
			"aws:elasticbeanstalk:application:environment|RDS_PORT":     port,
			"aws:elasticbeanstalk:application:environment|RDS_DB_NAME":  "app",
			"aws:rds:dbinstance|HasCoupledDatabase":                     "false",
		}, got)
		assert.Contains(t, fmt.Sprint(got["aws:elasticbeanstalk:application:environmentsecrets|RDS_SECRET"]), "DataSecret")
	}
	assert.NotContains(t, instancePolicy(t, tpl), "{{resolve")
	assert.NotEmpty(t, secret.LogicalID)
	text, err := json.Marshal(tpl.All("AWS::ElasticBeanstalk::Environment"))
	require.NoError(t, err)
	assert.NotContains(t, string(text), "resolve:secretsmanager", "the password is in no option")
}

// The database has no part of the environments that use it: it can be in a stack of its own, and stays when they go.
func TestBeanstalkDatabase_InAnotherStack(t *testing.T) {
	app := cdktest.App(t, nil)
	data, web, work := cdktest.StackIn(app, "Data"), cdktest.StackIn(app, "Web"), cdktest.StackIn(app, "Work")
	props := webProps(data)
	props.Database = beanstalk.NewDatabase(data, "Database", &beanstalk.DatabaseProps{
		VPC: props.VPC, Engine: beanstalk.MySQL, Version: "8.4.5", DisableMultiAZ: true, DisableDeletionProtection: true, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		ConfigureInstance: func(p *awsrds.DatabaseInstanceProps) { p.InstanceIdentifier = jsii.String("notes") },
	})
	beanstalk.NewWebEnvironment(web, "Shop", props)
	beanstalk.NewWorkerEnvironment(work, "Work", &beanstalk.WorkerEnvironmentProps{EnvironmentProps: props.EnvironmentProps})
	templates := cdktest.SynthApp(t, app)
	templates["Data"].HasResource("AWS::RDS::DBInstance", o{"DeletionPolicy": "Delete", "Properties": o{"Engine": "mysql", "Port": "3307", "MultiAZ": false, "DeletionProtection": false, "DBInstanceIdentifier": "notes"}})
	templates["Data"].Has("AWS::RDS::DBParameterGroup", o{"Family": "mysql8.4", "Parameters": o{"require_secure_transport": "ON"}})
	templates["Data"].Count("AWS::EC2::SecurityGroupIngress", 0)
	templates["Web"].Count("AWS::EC2::SecurityGroupIngress", 2)
	assert.Contains(t, instancePolicy(t, templates["Web"]), `"kms:ViaService":"secretsmanager.us-east-1.amazonaws.com"`)
	text, err := json.Marshal(templates["Data"].Resources)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "Fn::ImportValue")
}

func TestBeanstalkWeb_CoupledDatabase(t *testing.T) {
	tpl := synthWeb(t, func(_ awscdk.Stack, p *beanstalk.WebEnvironmentProps) {
		p.CoupledDatabase = &beanstalk.CoupledDatabase{Engine: beanstalk.MySQL, Version: "8.4.5", Snapshot: "before", Subnets: &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC}}
	})
	got := onlyEnvironment(t, tpl)
	subset(t, map[string]any{
		"aws:rds:dbinstance|HasCoupledDatabase": "true", "aws:rds:dbinstance|DBDeletionPolicy": "Snapshot", "aws:rds:dbinstance|DBEngine": "mysql",
		"aws:rds:dbinstance|DBInstanceClass": "db.t4g.micro", "aws:rds:dbinstance|MultiAZDatabase": "true", "aws:rds:dbinstance|DBSnapshotIdentifier": "before",
		"aws:ec2:vpc|DBSubnets": got["aws:ec2:vpc|ELBSubnets"],
	}, got)
	assert.Contains(t, fmt.Sprint(got["aws:rds:dbinstance|DBPassword"]), "{{resolve:secretsmanager:")
}

func ExampleNewApp() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
	app := beanstalk.NewApp(stack, "App", &beanstalk.AppProps{Lifecycle: beanstalk.Lifecycle{MaxCount: 50}})
	fmt.Println(*app.Application.Node().Path())
	// Output: Shop/App/Application
}

func ExampleNewWebEnvironment() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
	app, vpc := beanstalkApp(stack)
	shop := beanstalk.NewWebEnvironment(stack, "Web", &beanstalk.WebEnvironmentProps{
		EnvironmentProps: beanstalk.EnvironmentProps{
			App: app, VPC: vpc, Bundle: sourceBundle("program"), Platform: goPlatform,
			Deployment: beanstalk.Deployment{Policy: beanstalk.TrafficSplitting, NewVersionPercent: 20},
		},
		LoadBalancer: beanstalk.LoadBalancer{Internal: true, AllowPlaintext: true},
	})
	fmt.Println(*shop.Environment.Node().Path())
	// Output: Shop/Web/Environment
}

func ExampleNewWorkerEnvironment() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
	app, vpc := beanstalkApp(stack)
	work := beanstalk.NewWorkerEnvironment(stack, "Work", &beanstalk.WorkerEnvironmentProps{
		EnvironmentProps: beanstalk.EnvironmentProps{App: app, VPC: vpc, Bundle: sourceBundle("program"), Platform: goPlatform},
		Queue:            beanstalk.Queue{Path: "/work", Connections: 2},
	})
	fmt.Println(*work.Queue.Node().Path(), *work.DeadLetters.Node().Path())
	// Output: Shop/Work/Queue Shop/Work/DeadLetters
}

func ExampleNewDatabase() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
	app, vpc := beanstalkApp(stack)
	database := beanstalk.NewDatabase(stack, "Data", &beanstalk.DatabaseProps{VPC: vpc, Version: "17.4", Key: app.Key})
	fmt.Println(*database.Instance.Node().Path())
	// Output: Shop/Data/Instance
}

func ExampleNewBlueGreen() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
	blue := webProps(stack)
	blue.CNAMEPrefix = "shop-blue"
	green := *blue
	green.CNAMEPrefix, green.Bundle = "shop-green", sourceBundle("next")
	shop := beanstalk.NewBlueGreen(stack, "Shop", &beanstalk.BlueGreenProps{
		Zone:   awsroute53.HostedZone_FromHostedZoneId(stack, jsii.String("Zone"), jsii.String("Z0123456789EXAMPLE")),
		Domain: "shop.example.com", Blue: blue, Green: &green,
		GreenPercent: 10, // one in ten clients
	})
	fmt.Println(*shop.URL(), *shop.GreenRecord.Weight())
	// Output: https://shop.example.com/ 10
}
