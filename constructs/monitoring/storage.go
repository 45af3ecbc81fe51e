package monitoring

import (
	"strings"
	"time"
)

// burstCredits is where AWS's own example has the alarm: half an hour at the 100 MiB/s that a file system may burst to.
const burstCredits = 192e9

var storageServices = []service{{
	kind: "AWS::EFS::FileSystem", title: "EFS file systems", namespace: "AWS/EFS", dimensions: []dimension{byRef("FileSystemId")},
	page: "https://docs.aws.amazon.com/efs/latest/ug/efs-metrics.html",
	metrics: []metric{{
		name: "ClientConnections", statistic: "Sum", unit: "connections", graph: "Connections",
	}, {
		name: "TotalIOBytes", statistic: "Sum", unit: "bytes", graph: "Bytes a minute",
	}, {
		name: "PercentIOLimit", statistic: "Maximum", unit: "%", graph: "Use of the I/O limit, %", when: not(hasText("maxIO", "PerformanceMode")),
		alarm: &alarm{
			text: "The file system is near its limit of operations", threshold: 95, datapoints: 15, of: 15, severity: Warning,
			reason: "At the limit of the General Purpose mode operations wait; a quarter of an hour is more than a peak.",
		},
	}, {
		name: "BurstCreditBalance", statistic: "Minimum", unit: "bytes", graph: "Burst credits, bytes", when: isBursting,
		alarm: &alarm{
			text: "The file system uses up its burst credits", threshold: burstCredits, lessThan: true, datapoints: 3, of: 3, severity: Warning,
			reason: "Without credits the throughput falls to 50 KiB/s for each GiB stored; these last for half an hour at 100 MiB/s.",
		},
	}, {
		name: "ThroughputPercent", expression: "100*{Metered}/PERIOD({Metered})/{Permitted}", unit: "%", graph: "Use of the provisioned throughput, %",
		using: []metric{
			{name: "Metered", metricName: "MeteredIOBytes", statistic: "Sum"}, {name: "Permitted", metricName: "PermittedThroughput", statistic: "Average"},
		},
		when: hasText("provisioned", "ThroughputMode"),
		alarm: &alarm{
			text: "The file system is near its provisioned throughput", threshold: 90, datapoints: 10, of: 10, severity: Warning,
			reason: "Above it clients wait; ten minutes are more than a peak.",
		},
	}, {
		name: "StorageBytes", statistic: "Average", period: 15 * time.Minute, unit: "bytes", graph: "Stored bytes",
		dimensions: []dimension{byRef("FileSystemId"), fixed("StorageClass", "Total")},
	}},
}, {
	kind: "AWS::Backup::BackupVault", title: "Backup vaults", namespace: "AWS/Backup", dimensions: []dimension{byRef("BackupVaultName")},
	page: "https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html",
	metrics: []metric{{
		name: "NumberOfBackupJobsCompleted", statistic: "Sum", period: time.Hour, unit: "jobs", graph: "Backup jobs an hour",
	}, {
		name: "DailyBackups", metricName: "NumberOfBackupJobsCompleted", statistic: "Sum", period: 24 * time.Hour, unit: "jobs", graph: "Backup jobs a day", when: isDaily,
		alarm: &alarm{
			text: "No backup was made for a day", threshold: 1, lessThan: true, datapoints: 1, of: 1, missing: "breaching", severity: Critical,
			reason: "A plan that makes a backup every day and has made none today is broken, or has made none yet, though no job failed.",
		},
	}, {
		name: "NumberOfBackupJobsFailed", statistic: "Sum", period: time.Hour, unit: "jobs", graph: "Backup jobs an hour",
		alarm: &alarm{
			text: "Backups fail", threshold: 0, datapoints: 1, of: 1, severity: Critical,
			reason: "Each is a day, or another interval of the plan, that cannot be restored.",
		},
	}, {
		name: "NumberOfBackupJobsExpired", statistic: "Sum", period: time.Hour, unit: "jobs", graph: "Backup jobs an hour",
		alarm: &alarm{
			text: "Backups do not start within their window", threshold: 0, datapoints: 1, of: 1, severity: Critical,
			reason: "Each is a backup that was not made.",
		},
	}, {
		name: "NumberOfCopyJobsCompleted", statistic: "Sum", period: time.Hour, unit: "jobs", graph: "Copy jobs an hour",
	}, {
		name: "NumberOfCopyJobsFailed", statistic: "Sum", period: time.Hour, unit: "jobs", graph: "Copy jobs an hour",
		alarm: &alarm{
			text: "Copies of backups fail", threshold: 0, datapoints: 1, of: 1, severity: Critical,
			reason: "Without the copy the backup does not outlive its region or account.",
		},
	}},
}}

// isBursting tells whether a file system has the throughput mode that AWS takes without one.
func isBursting(r *resource) bool {
	return !r.has("ThroughputMode") || hasText("bursting", "ThroughputMode")(r)
}

// isDaily tells whether a backup plan has a rule for vault r that makes a backup at least once on each day.
func isDaily(r *resource) bool {
	for _, plan := range r.tree.of("AWS::Backup::BackupPlan") {
		for _, rule := range plan.list("BackupPlan", "BackupPlanRule") {
			if plan.referent(dig(rule, "TargetBackupVault")) != r {
				continue
			}
			schedule, _ := dig(rule, "ScheduleExpression").(string)
			if dig(rule, "ScheduleExpression") == nil || everyDay(schedule) {
				return true
			}
		}
	}
	return false
}

// everyDay tells whether cron(minutes hours day-of-month month day-of-week year) has no condition on the day.
func everyDay(schedule string) bool {
	inside, ok := strings.CutPrefix(schedule, "cron(")
	fields := strings.Fields(strings.TrimSuffix(inside, ")"))
	if !ok || len(fields) != 6 {
		return false
	}
	for _, field := range fields[2:] {
		if field != "*" && field != "?" {
			return false
		}
	}
	return true
}
