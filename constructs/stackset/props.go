package stackset

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/strata-cdk/strata/internal/defaults"
)

// PermissionModel says whose roles deploy the stacks.
type PermissionModel string

// The permission models.
const (
	// SelfManaged takes roles that you have made: one in this account, one in each target account.
	SelfManaged PermissionModel = "SELF_MANAGED"
	// ServiceManaged leaves the roles to AWS Organizations, in which StackSets must have trusted access. It deploys to
	// organizational units, but never to the management account.
	ServiceManaged PermissionModel = "SERVICE_MANAGED"
)

// AccountFilter says what the accounts of a Target are beside its organizational units.
type AccountFilter string

// The account filters.
const (
	// Intersection deploys only to those of the accounts that are in the organizational units.
	Intersection AccountFilter = "INTERSECTION"
	// Difference deploys to all accounts of the organizational units but these.
	Difference AccountFilter = "DIFFERENCE"
	// Union deploys to the accounts of the organizational units and to these.
	Union AccountFilter = "UNION"
)

// ConcurrencyMode says what failures do to the number of accounts at a time.
type ConcurrencyMode string

// The concurrency modes.
const (
	// Strict lowers the number of accounts at a time, so that there are never more failures than the tolerance and one.
	Strict ConcurrencyMode = "STRICT_FAILURE_TOLERANCE"
	// Soft keeps the number of accounts at a time, whatever fails.
	Soft ConcurrencyMode = "SOFT_FAILURE_TOLERANCE"
)

// Props configures a StackSet.
type Props struct {
	// Name is the name of the stack set: a letter, then letters, digits and hyphens, 128 at most. It is unique in the account and
	// region. Another name is another stack set. It is required.
	Name string
	// Description says what the stack set is for, in 1024 characters at most.
	// Default: none.
	Description string
	// Template defines what each stack of the set has, in a stack of an app of its own: it knows no account and no region, refers to
	// nothing outside, and aspects from outside do not visit it. Its parameters are awscdk.CfnParameter. It is
	// required.
	Template func(stack awscdk.Stack)
	// InlineTemplate puts the template into that of this stack, where 51200 bytes are the limit, instead of a file in the CDK's
	// bucket of assets, where 1 MB is.
	// Default: false.
	InlineTemplate bool
	// AssetBucketPrefix is what the names of the buckets begin with, from which target accounts read the files of the template,
	// such as code of functions: one in each target region, PREFIX-REGION, as NewAssetBucket defines them in a stack of
	// each region, to be deployed before. The files are copied there at deployment.
	// Default: none, a template with files is refused.
	AssetBucketPrefix string
	// Architecture is that of the function that copies: "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// Key encrypts the logs and variables of the function that copies.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// LogRetentionDays is how long these logs are kept: a period that CloudWatch Logs takes (1, 3, 5, 7, 14, 30, 60, 90, ...).
	// Default: 365.
	LogRetentionDays int
	// PermissionModel says whose roles deploy the stacks. It cannot be changed later.
	// Default: SelfManaged.
	PermissionModel PermissionModel
	// AdministrationRole is the role in this account with which the stack set assumes those of the target accounts, with
	// SelfManaged.
	// Default: the one named AWSCloudFormationStackSetAdministrationRole.
	AdministrationRole awsiam.IRole
	// ExecutionRoleName is the name of the role in each target account that deploys, with SelfManaged: 64 letters, digits and
	// +=,.@_- at most.
	// Default: "AWSCloudFormationStackSetExecutionRole".
	ExecutionRoleName string
	// AutoDeployment says what happens when accounts come to the organizational units and leave them. It is required with
	// ServiceManaged, and for nothing else.
	AutoDeployment *AutoDeployment
	// DelegatedAdmin says that this account is a delegated administrator of the organization, with ServiceManaged.
	// Default: false, it is the management account.
	DelegatedAdmin bool
	// Targets are where stacks are. At least one is required.
	Targets []Target
	// Parameters are values of the template's parameters: all those that have no default.
	// Default: none.
	Parameters map[string]string
	// OperationPreferences say how changes roll out.
	// Default: one account after the other, region by region, until the first failure.
	OperationPreferences OperationPreferences
	// DisableManagedExecution refuses operations while another is under way, instead of queueing those that conflict.
	// Default: false.
	DisableManagedExecution bool
	// Tags are those of the stacks and their resources, beside those that this construct has from the CDK. A stack set has 50
	// at most.
	// Default: none.
	Tags map[string]string
	// RemovalPolicy says what becomes of the stack set, and so of every stack in every account, when it leaves this stack; and
	// of the new key and the logs. DESTROY deletes them all.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureStackSet edits the L1 props last, after all defaults.
	// Default: no edit.
	ConfigureStackSet func(*awscdk.CfnStackSetProps)
}

// Target is where stacks are: each account in each region.
type Target struct {
	// Accounts are ids of accounts. They are required with SelfManaged; with ServiceManaged they refine
	// OrganizationalUnits, as AccountFilter says.
	Accounts []string
	// OrganizationalUnits are ids of organizational units (ou-...), or that of the root (r-...). They are required with
	// ServiceManaged, and for nothing else.
	OrganizationalUnits []string
	// AccountFilter says what Accounts are with ServiceManaged. It is required when they are given.
	AccountFilter AccountFilter
	// Regions are names of regions. They are required.
	Regions []string
	// Parameters are values for these stacks instead of those of the stack set.
	// Default: none.
	Parameters map[string]string
}

// AutoDeployment says what happens when accounts come to the organizational units and leave them. Its zero value turns it off.
type AutoDeployment struct {
	// Enabled deploys to accounts that come, and deletes the stacks of those that leave.
	// Default: false.
	Enabled bool
	// RetainStacksOnAccountRemoval keeps the stacks of accounts that leave. It needs Enabled.
	// Default: false.
	RetainStacksOnAccountRemoval bool
	// DependsOn are ARNs of stack sets that deploy to an account first. They need Enabled.
	// Default: none.
	DependsOn []string
}

// OperationPreferences say how changes roll out: in each region, to so many accounts at a time, until so many have failed; then no
// further region is touched. A percentage is of the accounts of a region.
type OperationPreferences struct {
	// FailureToleranceCount is how many accounts may fail in a region, 0 or more.
	// Default: 0.
	FailureToleranceCount int
	// FailureTolerancePercentage is the same as a percentage, 0 to 100, rounded down. It excludes FailureToleranceCount.
	// Default: 0.
	FailureTolerancePercentage int
	// MaxConcurrentCount is how many accounts are at work at a time. With Strict it is FailureToleranceCount and one at most.
	// Default: 1.
	MaxConcurrentCount int
	// MaxConcurrentPercentage is the same as a percentage, 1 to 100, rounded down, but never to 0. It excludes
	// MaxConcurrentCount.
	// Default: none.
	MaxConcurrentPercentage int
	// ConcurrencyMode says what failures do to the number of accounts at a time.
	// Default: Strict.
	ConcurrencyMode ConcurrencyMode
	// ParallelRegions deploys to all regions at a time.
	// Default: false, one after the other.
	ParallelRegions bool
	// RegionOrder lists the regions of all targets in the order in which they come. ParallelRegions excludes it.
	// Default: AWS chooses.
	RegionOrder []string
}

func (p *Props) withDefaults() Props {
	var d Props
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Architecture, "arm64")
	defaults.Or(&d.LogRetentionDays, 365)
	defaults.Or(&d.PermissionModel, SelfManaged)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	if d.OperationPreferences.MaxConcurrentPercentage == 0 {
		defaults.Or(&d.OperationPreferences.MaxConcurrentCount, 1)
	}
	defaults.Or(&d.OperationPreferences.ConcurrencyMode, Strict)
	return d
}
