package backupcopy

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/monitor"
)

// newTopic gives the topic, a new one where none is given, which is told of jobs that fail: "Backup", "Copy" or "Restore".
//
// https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
func (b *Backups) newTopic(scope constructs.Construct, topic awssns.ITopic, key awskms.IKey, jobs ...string) awssns.ITopic {
	if topic == nil {
		topic = monitor.NewTopic(scope, key)
	}
	topic.GrantPublish(awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil))
	failed := []any{"ABORTED", "EXPIRED", "FAILED", "PARTIAL"}
	for _, job := range jobs {
		detail := map[string]any{"state": failed}
		if job == "Restore" {
			detail = map[string]any{"status": failed}
		}
		awsevents.NewCfnRule(scope, jsii.String(job+"Failed"), &awsevents.CfnRuleProps{
			Description:  jsii.String(job + " jobs of AWS Backup that failed (" + b.Name + ")"),
			EventPattern: map[string]any{"source": []any{"aws.backup"}, "detail-type": []any{job + " Job State Change"}, "detail": detail},
			Targets:      []any{&awsevents.CfnRule_TargetProperty{Id: jsii.String("Topic"), Arn: topic.TopicArn()}},
		})
	}
	return topic
}

// addMissing adds the alarm for what no event tells: that nothing was backed up at all.
//
// https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html
func (p *Plan) addMissing(d *PlanProps) {
	const day = 24 * time.Hour
	monitor.NewAlarm(p, monitor.Watch{
		ID: "NoBackup", Text: "No backup was made in a day",
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String("AWS/Backup"), MetricName: jsii.String("NumberOfBackupJobsCompleted"),
			DimensionsMap: &map[string]*string{"BackupVaultName": &d.Name}, Statistic: jsii.String("Sum"), Period: cdkval.Duration(day),
		}),
		Threshold: 1, LessThan: true, Minutes: d.AlarmAfterDays, Of: d.AlarmAfterDays, Period: day, Missing: awscloudwatch.TreatMissingData_BREACHING,
	}, p.Topic)
}
