package recovery

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/strata-cdk/strata/constructs/replica"
)

// Runbook says in Markdown who does what when the primary region is lost or data is wrong, with the commands and the time that each step is
// expected to take. primary and standby are the names of the stacks of both regions. Keep it where the loss of the primary region does not
// take it away.
func (p *Plan) Runbook(primary, standby string) string {
	d := p.withDefaults()
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	lost := d.Simulate(RegionLost)
	say("# Runbook of %s: from %s to %s\n", d.Name, d.Primary, d.Standby)
	say("Strategy: %s. At worst %v of data is lost and clients are served again after %v; the plan allows %v and %v.", d.Strategy, lost.RPO, lost.RTO, d.RPO, d.RTO)
	if d.LastDrill == "" {
		say("**There was no drill yet: times that AWS does not document are assumptions.**")
	} else {
		say("The last drill was on %s.", d.LastDrill)
	}
	say("\nAll commands are for the AWS CLI (version 2) and a shell, with credentials that do not come from %s. First:\n", d.Primary)
	sh(&b, "export AWS_REGION="+d.Standby, "ACCOUNT=$(aws sts get-caller-identity --query Account --output text)")
	r := runbook{Plan: &d, primary: primary, standby: standby}
	r.write(&b, "The primary region is lost", lost)
	r.write(&b, "Data is wrong", d.Simulate(DataCorrupted))
	say("## Go back\n")
	r.actionsTo(&b, r.goBack())
	say("## Drill\n")
	say("Start the experiment of AWS FIS that has the primary region cut off, if the stack %s has one:\n", primary)
	sh(&b, "EXPERIMENT=$(aws fis list-experiment-templates --region "+d.Primary+" --query \"experimentTemplates[?starts_with(tags.Name, '"+primary+"/')].id | [0]\" --output text)",
		"aws fis start-experiment --region "+d.Primary+` --experiment-template-id "$EXPERIMENT"`)
	say("Follow this page while it runs, or without it, at least each quarter, and write down how long each step took: put what was longer into `Times` and the day into `LastDrill`.")
	return regexp.MustCompile("\n{3,}").ReplaceAllString(b.String(), "\n\n")
}

// exampleTime is what the operator changes.
const exampleTime = "2026-01-31T12:00:00Z"

type runbook struct {
	*Plan
	primary, standby string
}

func (r *runbook) write(b *strings.Builder, title string, o Outcome) {
	fmt.Fprintf(b, "\n## %s\n\n| Step | From | To | What | Who | Time from |\n|---|---|---|---|---|---|\n", title)
	for i, e := range o.Timeline {
		source := e.Source
		if strings.HasPrefix(source, "https://") {
			source = "[AWS](" + source + ")"
		}
		fmt.Fprintf(b, "| %d | %v | %v | %s | %s | %s |\n", i+1, e.Start, e.End, e.What, e.Who, source)
	}
	for i, e := range o.Timeline {
		fmt.Fprintf(b, "\n### %d. %s\n\n", i+1, e.What)
		r.actionsTo(b, r.actions(e.id))
	}
}

func (r *runbook) actionsTo(b *strings.Builder, actions []action) {
	for _, a := range actions {
		b.WriteString(a.text + "\n\n")
		sh(b, a.commands...)
	}
}

// bucketName is the name of a bucket, for a shell that knows the account.
func (r *runbook) bucketName(name, region string) string {
	return r.pair(name).Name + "-$ACCOUNT-" + region
}

// clusterID is the identifier of a cluster.
func (r *runbook) clusterID(name, region string) string { return r.pair(name).Name + "-" + region }

// clusterARN is the ARN of a cluster, for a shell that knows the account.
func (r *runbook) clusterARN(name, region string) string {
	return "arn:" + partition(region) + ":rds:" + region + ":$ACCOUNT:cluster:" + r.clusterID(name, region)
}

// sh writes commands for a shell.
func sh(b *strings.Builder, commands ...string) {
	if len(commands) > 0 {
		b.WriteString("```sh\n" + strings.Join(commands, "\n") + "\n```\n\n")
	}
}

// action is what somebody does in a step.
type action struct {
	text     string
	commands []string
}

// actions are what is done in a step of a failover.
func (r *runbook) actions(id string) []action {
	switch id {
	case "detect":
		return []action{{
			"Look whether the region or the workload is at fault, at https://health.aws.amazon.com/health/status and in the alarms of the standby region:",
			[]string{"aws cloudwatch describe-alarms --state-value ALARM --query 'MetricAlarms[].[AlarmName,StateReason]' --output table"},
		}}
	case "decide":
		return r.decide()
	case "wrong":
		return []action{{"Stop what writes wrong data. Then find the last moment at which data was right, in UTC:", []string{"GOOD=" + exampleTime}}}
	case "restore":
		return r.restore()
	case "beside":
		return r.beside()
	case "deploy":
		return []action{r.deploy()}
	case "start":
		return r.start()
	case "aurora":
		return r.failOver()
	case "instance":
		return []action{r.deploy()}
	case "replica":
		return []action{{
			"Promote each read replica that is in the standby region. It restarts, and takes writes then:",
			[]string{
				"REPLICA=$(aws rds describe-db-instances --query 'DBInstances[?ReadReplicaSourceDBInstanceIdentifier!=null].DBInstanceIdentifier | [0]' --output text)",
				`aws rds promote-read-replica --db-instance-identifier "$REPLICA"`,
				`aws rds wait db-instance-available --db-instance-identifier "$REPLICA"`,
			},
		}}
	case "route":
		return []action{{
			"Health checks of Route 53 send clients on, without anybody, once they find the primary region unhealthy. Records without health checks must be changed now.",
			nil,
		}}
	}
	panic("no actions for " + id) // a defect: TestRunbook has every step of every strategy
}

func (r *runbook) decide() []action {
	actions := []action{{"Who is in charge decides. What was written last may be lost for good by all that follows.", nil}}
	if r.Strategy == BackupAndRestore && len(r.Data.kinds()) > 0 {
		actions = append(actions, action{"The newest copies of backups in the standby region:", []string{
			"aws backup list-recovery-points-by-backup-vault --backup-vault-name " + r.Name +
				" --query 'reverse(sort_by(RecoveryPoints,&CreationDate))[:10].[ResourceType,ResourceArn,CreationDate,Status]' --output table",
		}})
	}
	return actions
}

// restore gives the commands for each table, bucket and cluster.
func (r *runbook) restore() []action {
	var actions []action
	role := "arn:" + partition(r.Standby) + ":iam::$ACCOUNT:role/" + r.restoreRole()
	start := func(kind, source, metadata string) []string {
		return []string{
			fmt.Sprintf("POINT=$(aws backup list-recovery-points-by-backup-vault --backup-vault-name %s --by-resource-type %s --output text "+
				"--query \"reverse(sort_by(RecoveryPoints[?Status=='COMPLETED' && ends_with(ResourceArn, ':%s')],&CreationDate))[0].RecoveryPointArn\")", r.Name, kind, source),
			fmt.Sprintf(`aws backup start-restore-job --recovery-point-arn "$POINT" --resource-type %s --iam-role-arn "%s" --metadata "%s"`, kind, role, strings.ReplaceAll(metadata, `"`, `\"`)),
		}
	}
	for _, t := range r.Data.Tables {
		actions = append(actions, action{"Table " + t.Name + ":", start("DynamoDB", "table/"+r.pair(t.Name).Name, fmt.Sprintf(`{"targetTableName":"%s","encryptionType":"Default"}`, r.pair(t.Name).Name))})
	}
	for _, t := range r.Data.Buckets {
		actions = append(actions, action{"Bucket " + t.Name + ":", start("S3", "::"+r.bucketName(t.Name, r.Primary), fmt.Sprintf(
			`{"DestinationBucketName":"%s","NewBucket":"true","Encrypted":"true","EncryptionType":"SSE-S3","CreationToken":"%s"}`, r.bucketName(t.Name, r.Standby), r.Name+"-"+t.Name))})
	}
	for _, t := range r.Data.Clusters {
		actions = append(actions, action{"Cluster " + t.Name + ", in a network that is there; then add an instance to it:", start("Aurora", "cluster:"+r.clusterID(t.Name, r.Primary), fmt.Sprintf(
			`{"DBClusterIdentifier":"%s","Engine":"aurora-%s"}`, r.clusterID(t.Name, r.Standby), cmp.Or(t.Engine, replica.PostgreSQL)))})
	}
	actions = append(actions, r.others()...)
	return append(actions, action{"Wait until all are done:", []string{"aws backup list-restore-jobs --by-status RUNNING --query 'RestoreJobs[].[RestoreJobId,ResourceType,PercentDone]' --output table"}})
}

// beside gives the commands that restore the state of a moment, under other names and in the region where the data is.
func (r *runbook) beside() []action {
	var actions []action
	for _, t := range r.Data.Tables {
		name := r.pair(t.Name).Name
		actions = append(actions, action{"Table " + t.Name + ", beside the old one. Copy back what was wrong, or have the services use the new one:", []string{
			fmt.Sprintf(`aws dynamodb restore-table-to-point-in-time --region %s --source-table-name %s --target-table-name %s-restored --restore-date-time "$GOOD"`, r.Primary, name, name),
			fmt.Sprintf(`aws dynamodb wait table-exists --region %s --table-name %s-restored`, r.Primary, name),
		}})
	}
	for _, t := range r.Data.Buckets {
		actions = append(actions, action{"Bucket " + t.Name + " has the versions of its objects; copy those of then over the newest:", []string{
			fmt.Sprintf(`aws s3api list-object-versions --region %s --bucket %s --query "Versions[?LastModified<='$GOOD'].[Key,VersionId,LastModified]" --output table`, r.Primary, r.bucketName(t.Name, r.Primary)),
		}})
	}
	for _, t := range r.Data.Clusters {
		id := r.clusterID(t.Name, r.Primary)
		actions = append(actions, action{"Cluster " + t.Name + ", beside the old one; then add an instance to it:", []string{
			fmt.Sprintf(`SUBNETS=$(aws rds describe-db-clusters --region %s --db-cluster-identifier %s --query 'DBClusters[0].DBSubnetGroup' --output text)`, r.Primary, id),
			fmt.Sprintf(`aws rds restore-db-cluster-to-point-in-time --region %s --source-db-cluster-identifier %s --db-cluster-identifier %s-restored --restore-to-time "$GOOD" --db-subnet-group-name "$SUBNETS"`, r.Primary, id, id),
			fmt.Sprintf(`aws rds wait db-cluster-available --region %s --db-cluster-identifier %s-restored`, r.Primary, id),
		}})
	}
	return append(actions, r.others()...)
}

// others says what the plan has no commands for.
func (r *runbook) others() []action {
	var actions []action
	for _, kind := range r.Data.Others {
		actions = append(actions, action{"The plan does not define the kind of data \"" + string(kind) + "\": follow what you have written for it.", nil})
	}
	return actions
}

// failOver has the clusters of the standby region take writes.
func (r *runbook) failOver() []action {
	var actions []action
	for _, t := range r.Data.Clusters {
		actions = append(actions, action{"Cluster " + t.Name + ". What has not reached the standby region is lost:", []string{
			fmt.Sprintf(`aws rds failover-global-cluster --global-cluster-identifier %s --target-db-cluster-identifier "%s" --allow-data-loss`,
				r.pair(t.Name).Name, r.clusterARN(t.Name, r.Standby)),
			fmt.Sprintf(`aws rds describe-global-clusters --global-cluster-identifier %s --query 'GlobalClusters[0].[Status,FailoverState.Status,GlobalClusterMembers[?IsWriter].DBClusterArn]'`, r.pair(t.Name).Name),
		}})
	}
	return actions
}

// deploy puts FailedOver into effect.
func (r *runbook) deploy() action {
	return action{"Set `FailedOver: true` in the plan and deploy the standby region, and only this:", []string{"npx cdk deploy --exclusively " + r.standby}}
}

func (r *runbook) start() []action {
	var commands []string
	for _, s := range r.Services {
		commands = append(commands, fmt.Sprintf("aws ecs update-service --cluster %s --service %s --desired-count %d", s.Cluster, s.Name, s.Tasks))
	}
	for _, s := range r.Services {
		commands = append(commands, fmt.Sprintf("aws ecs wait services-stable --cluster %s --services %s", s.Cluster, s.Name))
	}
	if r.Strategy == BackupAndRestore {
		return []action{{"The deployment has started what computes. Wait until it is healthy:", commands[len(r.Services):]}}
	}
	keep := r.deploy()
	keep.text = "So that the next deployment does not undo this: s" + keep.text[1:]
	return []action{{"Scale what computes, and wait until it is healthy:", commands}, keep}
}

// goBack says how the primary region serves again.
func (r *runbook) goBack() []action {
	actions := []action{{fmt.Sprintf("Once %s is well, deploy its stack as it was:", r.Primary), []string{"npx cdk deploy --exclusively " + r.primary}}}
	for _, t := range r.Data.Clusters {
		if r.Strategy == BackupAndRestore {
			continue
		}
		actions = append(actions, action{"Cluster " + t.Name + " of the primary region has become a secondary one of the global database. In a quiet hour, without loss:", []string{
			fmt.Sprintf(`aws rds switchover-global-cluster --global-cluster-identifier %s --target-db-cluster-identifier "%s"`,
				r.pair(t.Name).Name, r.clusterARN(t.Name, r.Primary)),
		}})
	}
	return append(actions, action{fmt.Sprintf("What else was written in %s meanwhile must reach %s, by replication back or by a restore of a backup. Once clients are served there, take `FailedOver` out of the plan:",
		r.Standby, r.Primary), r.deploy().commands})
}
