// Package monitor defines the alarms of the patterns, the topic that receives them and the widgets that show them.
package monitor

import (
	"cmp"
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
)

// NewTopic defines the topic AlarmTopic, for TLS only, that CloudWatch may publish to with key: the key that SNS has of
// its own does not admit alarms. It adds to the policy of key where the CDK can change that.
func NewTopic(scope constructs.Construct, key awskms.IKey) awssns.Topic {
	topic := awssns.NewTopic(scope, jsii.String("AlarmTopic"), &awssns.TopicProps{MasterKey: key, EnforceSSL: jsii.Bool(true)})
	cloudwatch := awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)
	topic.GrantPublish(cloudwatch) // and with it, to use the key
	return topic
}

// Watch is what an alarm looks at: a metric over a threshold, or under it, in some of the last minutes.
type Watch struct {
	// ID is the alarm's construct id.
	ID string
	// Text says what is wrong when the alarm fires. The description adds the minutes and the scope's path to it.
	Text string
	// Metric has a value a minute, as with PerMinute, or one for each Period.
	Metric awscloudwatch.IMetric
	// Threshold is the highest value that is fine; the lowest one with LessThan.
	Threshold float64
	// LessThan makes the alarm fire under the threshold.
	LessThan bool
	// Minutes is the number of minutes, among the last Of, that must be over or under the threshold. With Period both are numbers of periods.
	Minutes, Of int
	// Period is that of Metric where it has no value a minute.
	// Default: a minute.
	Period time.Duration
	// Missing says what a minute without data means.
	// Default: awscloudwatch.TreatMissingData_NOT_BREACHING, it is fine.
	Missing awscloudwatch.TreatMissingData
}

// NewAlarm defines an alarm that tells topic when it fires and when it is over; nobody where topic is nil.
func NewAlarm(scope constructs.Construct, w Watch, topic awssns.ITopic) awscloudwatch.Alarm {
	comparison := awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD
	if w.LessThan {
		comparison = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD
	}
	in, of, periods := w.Minutes, w.Of, "minutes"
	switch minutes := int(w.Period / time.Minute); {
	case w.Period == 0:
	case w.Period < time.Hour && w.Period%time.Minute == 0:
		in, of = in*minutes, of*minutes
	default:
		periods = "periods of " + w.Period.String()
	}
	alarm := awscloudwatch.NewAlarm(scope, &w.ID, &awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String(fmt.Sprintf("%s, in %d of %d %s (%s)", w.Text, in, of, periods, *scope.Node().Path())),
		Metric:             w.Metric,
		Threshold:          &w.Threshold,
		ComparisonOperator: comparison,
		DatapointsToAlarm:  jsii.Number(w.Minutes),
		EvaluationPeriods:  jsii.Number(w.Of),
		TreatMissingData:   cmp.Or(w.Missing, awscloudwatch.TreatMissingData_NOT_BREACHING),
	})
	if topic == nil {
		return alarm
	}
	// What awscloudwatchactions would do, without compiling the five services that it knows.
	resource := alarm.Node().DefaultChild().(awscloudwatch.CfnAlarm)
	resource.SetAlarmActions(&[]*string{topic.TopicArn()})
	resource.SetOkActions(&[]*string{topic.TopicArn()})
	return alarm
}

// PerMinute gives the options of a metric that has a value a minute.
func PerMinute(statistic string) *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Statistic: &statistic, Period: cdkval.Duration(time.Minute)}
}

// Status is a widget, as wide as a dashboard, that shows which alarms are on.
func Status(alarms []awscloudwatch.Alarm) awscloudwatch.AlarmStatusWidget {
	refs := make([]interfacesawscloudwatch.IAlarmRef, len(alarms))
	for i, alarm := range alarms {
		refs[i] = alarm
	}
	return awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title: jsii.String("Alarms"), Alarms: &refs, Width: jsii.Number(24),
	})
}

// Graph is a widget that draws metrics from 0 up. A dashboard is 24 wide.
func Graph(title string, width int, metrics ...awscloudwatch.IMetric) awscloudwatch.GraphWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: &title, Width: jsii.Number(width), Left: &metrics,
		LeftYAxis: &awscloudwatch.YAxisProps{Min: jsii.Number(0)},
	})
}
