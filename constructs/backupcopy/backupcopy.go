// Package backupcopy backs data up with AWS Backup and copies the backups to another region, and another account if need be.
//
//	data --> NewPlan: vault, plan, selection, reports   --> copies --> NewCopyVault: vault, restore tests
//	         own key, locked                                           own key, locked
//	         failures, a day without a backup --> topic                failures --> topic
//
// Each side is a stack that stands alone: both know the other's vault by its name only. Deploy the side of copies first, or the first
// copies fail.
//
// It costs 1 USD a month for each key, the storage of backups and copies (0.05 USD for a GB and month of EBS snapshots, 0.10 USD of DynamoDB, in us-east-1),
// the transfer to the other region, and what restore tests restore.
//
// See https://docs.aws.amazon.com/aws-backup/latest/devguide/whatisbackup.html
package backupcopy

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbackup"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Plan backs data up in the region where it is.
// The fields are the underlying constructs, for grants and overrides.
type Plan struct {
	constructs.Construct
	// Vault has the backups.
	Vault awsbackup.BackupVault
	// Plan says when they are made.
	Plan awsbackup.CfnBackupPlan
	// Role is that of AWS Backup: it reads and restores what is backed up.
	Role awsiam.Role
	// Reports has the reports; nil with DisableReports.
	Reports awss3.Bucket
	// Topic gets failures and alarms; nil with DisableAlarms.
	Topic awssns.ITopic
	// Key encrypts the vault.
	Key awskms.IKey
}

// NewPlan defines a Plan named id in scope, in a stack of the region that is backed up.
// It panics with a *check.Error that lists every invalid field of props.
func NewPlan(scope constructs.Construct, id string, props *PlanProps) *Plan {
	path, stack := scope.Node().Path(), awscdk.Stack_Of(scope)
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	check.Must(path, id, d.validateStack("backupcopy.PlanProps", stack, "Region", d.Region, d.Account))
	resources, err := d.resources(stack)
	check.Must(path, id, err)

	p := &Plan{Key: d.Key}
	constructs.NewConstruct_Override(p, scope, &id)
	if p.Key == nil {
		p.Key = encrypted.NewKey(p, "Backups of "+d.Name, d.RemovalPolicy)
	}
	if d.CopyAccount != "" {
		share(p.Key, d.CopyAccount)
	}
	p.Vault = d.newVault(p, p.Key, d.RemovalPolicy, nil)
	p.Role = newRole(p)
	p.addPlan(&d)
	p.addSelection(&d, resources)
	if !d.DisableReports {
		p.addReports(&d)
	}
	if !d.DisableAlarms {
		p.Topic = d.newTopic(p, d.AlarmTopic, p.Key, "Backup", "Copy")
		p.addMissing(&d)
	}
	return p
}

// share lets AWS Backup use the key of what it encrypts itself for copies in another account, as the page of AWS asks for.
//
// https://repost.aws/knowledge-center/backup-cross-account-copy-error
func share(key awskms.IKey, account string) {
	other := awsiam.NewAccountPrincipal(&account)
	key.Grant(other, *jsii.Strings("kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*")...)
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{other}, Actions: jsii.Strings("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"), Resources: jsii.Strings("*"),
		Conditions: &map[string]any{"Bool": map[string]any{"kms:GrantIsForAWSResource": "true"}},
	}), jsii.Bool(true))
}

// VaultName is the name of the vaults in both regions.
func (p *Plan) VaultName() *string { return p.Vault.BackupVaultName() }

// CopyVault takes copies in the other region.
// The fields are the underlying constructs, for grants and overrides.
type CopyVault struct {
	constructs.Construct
	// Vault has the copies.
	Vault awsbackup.BackupVault
	// Tests restores copies; nil without RestoreTests.
	Tests awsbackup.CfnRestoreTestingPlan
	// Role is that of AWS Backup: it restores copies.
	Role awsiam.Role
	// Topic gets failures; nil with DisableAlarms.
	Topic awssns.ITopic
	// Key encrypts the vault.
	Key awskms.IKey
}

// NewCopyVault defines a CopyVault named id in scope, in a stack of the region that copies go to.
// It panics with a *check.Error that lists every invalid field of props.
func NewCopyVault(scope constructs.Construct, id string, props *CopyVaultProps) *CopyVault {
	path, stack := scope.Node().Path(), awscdk.Stack_Of(scope)
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	check.Must(path, id, d.validateStack("backupcopy.CopyVaultProps", stack, "CopyRegion", d.CopyRegion, d.CopyAccount))

	v := &CopyVault{Key: d.Key}
	constructs.NewConstruct_Override(v, scope, &id)
	if v.Key == nil {
		v.Key = encrypted.NewKey(v, "Copies of backups of "+d.Name, d.RemovalPolicy)
	}
	var policy awsiam.PolicyDocument
	if d.Account != "" {
		policy = awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Principals: &[]awsiam.IPrincipal{awsiam.NewAccountPrincipal(&d.Account)},
				Actions:    jsii.Strings("backup:CopyIntoBackupVault"), Resources: jsii.Strings("*"),
			}),
		}})
	}
	v.Vault = d.newVault(v, v.Key, d.RemovalPolicy, policy)
	v.Role = newRole(v)
	if len(d.RestoreTests) > 0 {
		v.addTests(&d)
	} else {
		awscdk.Annotations_Of(v).AddWarningV2(jsii.String("@strata/backupcopy:noRestoreTest"),
			jsii.String("nobody knows whether copies can be restored: add RestoreTests"))
	}
	if !d.DisableAlarms {
		v.Topic = d.newTopic(v, d.AlarmTopic, v.Key, "Copy", "Restore")
	}
	return v
}

// VaultName is the name of the vaults in both regions.
func (v *CopyVault) VaultName() *string { return v.Vault.BackupVaultName() }

func (b *Backups) newVault(scope constructs.Construct, key awskms.IKey, removal awscdk.RemovalPolicy, policy awsiam.PolicyDocument) awsbackup.BackupVault {
	days := func(n int) awscdk.Duration {
		if n == 0 {
			return nil
		}
		return awscdk.Duration_Days(jsii.Number(n))
	}
	props := &awsbackup.BackupVaultProps{BackupVaultName: &b.Name, EncryptionKey: key, RemovalPolicy: cdkval.Named(removal), AccessPolicy: policy}
	if b.Lock.Mode != Unlocked {
		props.LockConfiguration = &awsbackup.LockConfiguration{
			MinRetention: days(b.Lock.MinDays), MaxRetention: days(b.Lock.MaxDays), ChangeableFor: days(b.Lock.ChangeableForDays),
		}
	}
	return awsbackup.NewBackupVault(scope, jsii.String("Vault"), props)
}

// newRole defines the role that AWS Backup works with.
func newRole(scope constructs.Construct) awsiam.Role {
	var policies []awsiam.IManagedPolicy
	for _, name := range []string{
		"service-role/AWSBackupServiceRolePolicyForBackup", "service-role/AWSBackupServiceRolePolicyForRestores",
		"AWSBackupServiceRolePolicyForS3Backup", "AWSBackupServiceRolePolicyForS3Restore",
	} {
		policies = append(policies, awsiam.ManagedPolicy_FromAwsManagedPolicyName(&name))
	}
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("backup.amazonaws.com"), nil), ManagedPolicies: &policies,
	})
	nag.Suppress(role, "AwsSolutions-IAM4", "These are the policies that AWS Backup asks for; AWS adds to them what new types of resources need.")
	return role
}

func (p *Plan) addPlan(d *PlanProps) {
	lifecycle := func(keep, cold int) *awsbackup.CfnBackupPlan_LifecycleResourceTypeProperty {
		l := &awsbackup.CfnBackupPlan_LifecycleResourceTypeProperty{DeleteAfterDays: jsii.Number(keep)}
		if cold > 0 {
			l.MoveToColdStorageAfterDays = jsii.Number(cold)
		}
		return l
	}
	stack := awscdk.Stack_Of(p)
	account := stack.Account()
	if d.CopyAccount != "" {
		account = &d.CopyAccount
	}
	target := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("backup"), Region: &d.CopyRegion, Account: account, Resource: jsii.String("backup-vault"), ResourceName: &d.Name,
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	var rules []any
	for _, r := range d.Rules {
		rule := &awsbackup.CfnBackupPlan_BackupRuleResourceTypeProperty{
			RuleName: &r.Name, TargetBackupVault: p.Vault.BackupVaultName(), ScheduleExpression: &r.Schedule,
			StartWindowMinutes: jsii.Number(r.StartWindow.Minutes()), CompletionWindowMinutes: jsii.Number(r.CompletionWindow.Minutes()),
			Lifecycle: lifecycle(r.KeepDays, r.ColdAfterDays), EnableContinuousBackup: r.Continuous,
		}
		if !r.DisableCopy {
			rule.CopyActions = []any{&awsbackup.CfnBackupPlan_CopyActionResourceTypeProperty{
				DestinationBackupVaultArn: target, Lifecycle: lifecycle(r.CopyKeepDays, r.CopyColdAfterDays),
			}}
		}
		rules = append(rules, rule)
	}
	p.Plan = awsbackup.NewCfnBackupPlan(p, jsii.String("Plan"), &awsbackup.CfnBackupPlanProps{
		BackupPlan: &awsbackup.CfnBackupPlan_BackupPlanResourceTypeProperty{BackupPlanName: &d.Name, BackupPlanRule: rules},
	})
}

func (p *Plan) addSelection(d *PlanProps, resources []*string) {
	add := func(id string, selection *awsbackup.CfnBackupSelection_BackupSelectionResourceTypeProperty) {
		selection.SelectionName, selection.IamRoleArn = jsii.String(d.Name+"-"+strings.ToLower(id)), p.Role.RoleArn()
		awsbackup.NewCfnBackupSelection(p, jsii.String(id), &awsbackup.CfnBackupSelectionProps{BackupPlanId: p.Plan.AttrBackupPlanId(), BackupSelection: selection})
	}
	if len(resources) > 0 {
		add("Resources", &awsbackup.CfnBackupSelection_BackupSelectionResourceTypeProperty{Resources: &resources})
	}
	if len(d.Tags) > 0 {
		var tags []any
		for key, value := range sorted.All(d.Tags) {
			tags = append(tags, &awsbackup.CfnBackupSelection_ConditionResourceTypeProperty{
				ConditionType: jsii.String("STRINGEQUALS"), ConditionKey: &key, ConditionValue: &value,
			})
		}
		add("Tags", &awsbackup.CfnBackupSelection_BackupSelectionResourceTypeProperty{ListOfTags: tags})
	}
}

// addReports has AWS Backup write a report of all jobs of the account and region each day.
func (p *Plan) addReports(d *PlanProps) {
	p.Reports = awss3.NewBucket(p, jsii.String("Reports"), &awss3.BucketProps{
		Encryption: awss3.BucketEncryption_S3_MANAGED, BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), EnforceSSL: jsii.Bool(true),
		ObjectOwnership: awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED, RemovalPolicy: d.RemovalPolicy,
		LifecycleRules: &[]*awss3.LifecycleRule{{Expiration: awscdk.Duration_Days(jsii.Number(365))}},
	})
	nag.Suppress(p.Reports, "AwsSolutions-S1", "The bucket holds reports of AWS Backup only.")
	// The service-linked role may not be there yet, and a policy cannot name as its principal who is not there. Nor does the account do: it
	// would leave it to the role's own policy, which has no s3:PutObject.
	account := awscdk.Stack_Of(p).Account()
	writer := "arn:" + *awscdk.Aws_PARTITION() + ":iam::" + *account + ":role/aws-service-role/reports.backup.amazonaws.com/AWSServiceRoleForBackupReports"
	p.Reports.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()}, Actions: jsii.Strings("s3:PutObject"),
		Resources: &[]*string{p.Reports.ArnForObjects(jsii.String("*"))},
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"aws:PrincipalAccount": account}, "ArnEquals": map[string]any{"aws:PrincipalArn": writer},
		},
	}))
	for _, report := range []string{"Backup", "Copy"} {
		plan := awsbackup.NewCfnReportPlan(p, jsii.String(report+"Report"), &awsbackup.CfnReportPlanProps{
			ReportPlanName:        jsii.String(strings.ReplaceAll(d.Name, "-", "_") + "_" + strings.ToLower(report)),
			ReportDeliveryChannel: map[string]any{"S3BucketName": p.Reports.BucketName(), "Formats": []string{"CSV", "JSON"}},
			ReportSetting:         map[string]any{"ReportTemplate": strings.ToUpper(report) + "_JOB_REPORT"},
		})
		plan.Node().AddDependency(p.Reports.Policy())
	}
}

// addTests has AWS Backup restore the newest copies of each type.
func (v *CopyVault) addTests(d *CopyVaultProps) {
	name := strings.ReplaceAll(d.Name, "-", "_")
	v.Tests = awsbackup.NewCfnRestoreTestingPlan(v, jsii.String("Tests"), &awsbackup.CfnRestoreTestingPlanProps{
		RestoreTestingPlanName: &name, ScheduleExpression: &d.TestSchedule, StartWindowHours: jsii.Number(24),
		RecoveryPointSelection: &awsbackup.CfnRestoreTestingPlan_RestoreTestingRecoveryPointSelectionProperty{
			Algorithm: jsii.String("LATEST_WITHIN_WINDOW"), IncludeVaults: &[]*string{v.Vault.BackupVaultArn()},
			RecoveryPointTypes: jsii.Strings("SNAPSHOT"), SelectionWindowDays: jsii.Number(d.TestWindowDays),
		},
	})
	for _, t := range d.RestoreTests {
		props := &awsbackup.CfnRestoreTestingSelectionProps{
			RestoreTestingPlanName: v.Tests.Ref(), RestoreTestingSelectionName: jsii.String(name + "_" + strings.ToLower(t.ResourceType)),
			ProtectedResourceType: &t.ResourceType, ProtectedResourceArns: jsii.Strings("*"), IamRoleArn: v.Role.RoleArn(),
			ValidationWindowHours: jsii.Number(t.ValidationHours),
		}
		if len(t.Overrides) > 0 {
			props.RestoreMetadataOverrides = t.Overrides
		}
		awsbackup.NewCfnRestoreTestingSelection(v, jsii.String(t.ResourceType), props)
	}
}
