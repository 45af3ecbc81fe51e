package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/bucketemptier"
	"github.com/strata-cdk/strata/constructs/logarchive"
	"github.com/strata-cdk/strata/constructs/monitoring"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/sorted"
)

// ObservabilityStackProps configures an ObservabilityStack.
type ObservabilityStackProps struct {
	awscdk.StackProps
	// Stage is what the stacks are for.
	Stage Stage
	// Architecture is what functions run on, "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// API and Web are watched, as they are when the stack is defined. Validate does not look at them, so that settings can be checked
	// before any stack is built.
	API *APIStack
	Web *WebStack
}

// ObservabilityStack watches Api and Web, which know nothing of it: one dashboard, alarms for what they have no alarm for, a topic each for
// what is critical and what is not, and an archive of their logs. It refers to them weakly, so that they stay free to change. Its outputs are
// CriticalTopicArn, WarningTopicArn and ArchiveBucketName.
type ObservabilityStack struct {
	awscdk.Stack
	// Monitor has the alarms and the dashboard.
	Monitor *monitoring.Monitor
	// Archive has the logs.
	Archive *logarchive.Archive
}

// NewObservabilityStack defines an ObservabilityStack named id in scope. It panics with a *check.Error when props are invalid.
func NewObservabilityStack(scope constructs.Construct, id string, props *ObservabilityStackProps) *ObservabilityStack {
	check.Must(scope.Node().Path(), id, props.Validate())
	s := &ObservabilityStack{}
	awscdk.NewStack_Override(s, scope, &id, &props.StackProps)
	awscdk.CrossStackReferences_Of(s).Consume(awscdk.ReferenceStrength_WEAK)
	key := encrypted.NewKey(s, "Topics and archive of "+id, props.Stage.removal())
	s.Monitor = monitoring.NewMonitor(s, "Monitor", &monitoring.MonitorProps{
		Watch: []constructs.IConstruct{props.API, props.Web}, Overrides: props.overrides(), Key: key,
	})
	s.Archive = logarchive.NewArchive(s, "Archive", &logarchive.ArchiveProps{
		LogGroups: []awslogs.ILogGroup{props.API.API.AccessLogs, props.API.Notes().Logs, props.Web.Service.Logs, props.Web.Worker.Logs},
		Key:       key, AlarmTopic: s.Monitor.Topics[monitoring.Warning], RemovalPolicy: props.Stage.removal(),
	})
	if props.Stage != Prod {
		bucketemptier.NewEmptier(s, "Emptier", &bucketemptier.EmptierProps{
			Buckets:      []bucketemptier.Bucket{{Name: "Archive", Bucket: s.Archive.Bucket}, {Name: "AccessLogs", Bucket: s.Archive.AccessLogs}},
			Architecture: props.Architecture, Key: key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		})
	}
	for name, severity := range sorted.All(map[string]monitoring.Severity{"CriticalTopicArn": monitoring.Critical, "WarningTopicArn": monitoring.Warning}) {
		awscdk.NewCfnOutput(s, &name, &awscdk.CfnOutputProps{
			Value: s.Monitor.Topics[severity].TopicArn(), Description: jsii.String("Topic of " + string(severity) + " alarms"),
		})
	}
	awscdk.NewCfnOutput(s, jsii.String("ArchiveBucketName"), &awscdk.CfnOutputProps{Value: s.Archive.Bucket.BucketName(), Description: jsii.String("Bucket of archived logs")})
	return s
}

// overrides leave out alarms on expressions in the stage local: the emulator has no metric math.
func (p *ObservabilityStackProps) overrides() map[string]monitoring.Override {
	if p.Stage != Local {
		return nil
	}
	off := map[string]monitoring.Override{}
	for _, e := range monitoring.Catalog() {
		if e.Alarm && e.Expression != "" {
			off[e.Key] = monitoring.Override{Off: true}
		}
	}
	return off
}

// Dashboard is the name of the dashboard.
func (s *ObservabilityStack) Dashboard() *string { return s.Monitor.Dashboards[0].Ref() }

// Validate reports every invalid field at once.
func (p *ObservabilityStackProps) Validate() error {
	c := check.For("stacks.ObservabilityStackProps")
	if p == nil {
		p = &ObservabilityStackProps{}
	}
	p.Stage.validate(c)
	return c.Err()
}
