package beanstalk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticbeanstalk"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
)

// EnvironmentProps are the settings that web and worker environments share.
type EnvironmentProps struct {
	// App is the application. Required.
	App *App
	// Bundle is what runs. A change of its content makes a new version, which is deployed as Deployment says. Required.
	Bundle *Bundle
	// Name is the name of the environment, 4 to 40 letters, digits and hyphens, none at the ends. Another name replaces the
	// environment. What replaces it otherwise fails under a name of its own, as that is taken until the old one is gone.
	// Default: empty, CloudFormation chooses one.
	Name string
	// Description says what the environment is, in at most 200 characters.
	// Default: none.
	Description string
	// Platform is what the bundle runs on. Required.
	Platform Platform
	// VPC is where the instances run. Required.
	VPC awsec2.IVpc
	// Subnets are where the instances run, with a way to AWS: they fetch the bundle from S3 and report their health.
	// Default: the private subnets of VPC; public ones for a single web instance.
	Subnets *awsec2.SubnetSelection
	// Instances is what the instances are.
	Instances Instances
	// SingleInstance runs one instance without a load balancer, and without capacity to spare: it is away while AWS replaces it.
	// Default: false.
	SingleInstance bool
	// Scaling is how many instances run.
	// Default: 2 to 4, by the use of CPU. It must be left out with SingleInstance.
	Scaling Scaling
	// Deployment is how a new version takes over.
	// Default: rolling with an additional batch; immutable with SingleInstance.
	Deployment Deployment
	// Updates is when and how far Elastic Beanstalk updates the platform by itself.
	Updates ManagedUpdates
	// Health is how Elastic Beanstalk tells whether the environment works.
	Health Health
	// Logs is what is kept of the logs of the instances.
	Logs Logs
	// Variables are the environment properties, which the application finds in its environment. They are no place for secrets:
	// whoever may describe the environment reads them. All together may take 4096 bytes.
	// Default: none.
	Variables map[string]string
	// Secrets and Parameters are environment properties whose values are a secret of Secrets Manager, as a whole, and a
	// parameter of Systems Manager, in this region. Elastic Beanstalk reads them when an instance starts; it needs a platform
	// from 2025-03-26 or later. The instances get the right to read them.
	// Default: none.
	//
	// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/AWSHowTo.secrets.env-vars.html
	Secrets    map[string]awssecretsmanager.ISecret
	Parameters map[string]awsssm.IParameter
	// Database is a database outside of the environment, which outlives it. Instances may connect to it, and find it in
	// RDS_HOSTNAME, RDS_PORT, RDS_DB_NAME and, with user and password as JSON, RDS_SECRET.
	// Default: nil, none.
	Database *Database
	// CoupledDatabase is a database in the environment, which ends with it; a snapshot stays. Prefer Database.
	// Default: nil, none.
	CoupledDatabase *CoupledDatabase
	// DisableXRay leaves the daemon of AWS X-Ray out.
	// Default: false, it runs, and costs when the application sends traces.
	DisableXRay bool
	// Alarms sets when the alarms fire.
	Alarms Alarms
	// DisableDashboard leaves the CloudWatch dashboard out, which costs 3 USD a month beyond the account's third one.
	// Default: false.
	DisableDashboard bool
	// RawOptions are further options. What the environment sets itself must not be among them.
	// Default: none.
	RawOptions []Option
	// ConfigureEnvironment edits the L1 props last, after all defaults.
	// Default: no edit.
	ConfigureEnvironment func(*awselasticbeanstalk.CfnEnvironmentProps)
}

// Platform is what a bundle runs on: a version of a branch, or an ARN.
//
// https://docs.aws.amazon.com/elasticbeanstalk/latest/platforms/platforms-supported.html
type Platform struct {
	// Branch is the name of a branch of platforms, such as "Go 1 running on 64bit Amazon Linux 2023".
	Branch string
	// Version is the version of Branch, such as "4.4.0". Managed updates go beyond it; raise it here as well, so that the
	// template does not name an older one.
	Version string
	// ARN is the ARN of a version of a platform, also of a custom one. It excludes Branch and Version.
	ARN string
}

// Instances is what the instances of an environment are.
type Instances struct {
	// Architecture is that of the processors: x86_64 or arm64. What the bundle holds must run on it.
	// Default: x86_64.
	Architecture Architecture
	// Types are the types of instances, the preferred one first, all of Architecture; with Spot, several give a better chance.
	// Default: t3.small, or t4g.small for arm64.
	Types []string
	// Spot runs a part of the instances on Spot Instances, which AWS takes back with two minutes' notice when it needs them.
	// Default: nil, none.
	Spot *Spot
	// ImageID is the id of an AMI instead of that of the platform. One with an encrypted root volume is the way of AWS to such
	// a volume.
	// Default: empty, that of the platform.
	ImageID string
	// RootVolumeGiB is the size of the root volume, 10 to 16384 GiB of gp3.
	// Default: 10.
	RootVolumeGiB int
	// EncryptRootVolume encrypts the root volume /dev/xvda with the account's key for EBS. Elastic Beanstalk has no option for
	// that: a configuration file in the bundle changes its launch template. Where the account encrypts EBS volumes by default,
	// which is the better way, it is not needed.
	// Default: false, what the account says.
	EncryptRootVolume bool
	// KeyName is the name of the EC2 key pair for logins with SSH, whose port you have to open yourself.
	// Default: empty, no key pair.
	KeyName string
	// AllowIMDSv1 lets the metadata service answer requests without a token.
	// Default: false.
	AllowIMDSv1 bool
	// SecurityGroups are further security groups of the instances.
	// Default: none.
	SecurityGroups []awsec2.ISecurityGroup
}

// Architecture is the processor that instances have.
type Architecture string

// The processors of instances.
const (
	X86 Architecture = "x86_64"
	// ARM64 is AWS Graviton, about a fifth cheaper.
	ARM64 Architecture = "arm64"
)

// Spot mixes Spot Instances in.
type Spot struct {
	// OnDemandBase is the number of instances that are always on demand.
	// Default: 0.
	OnDemandBase int
	// OnDemandPercent is the share of on-demand instances above OnDemandBase, 0 to 100.
	// Default: nil, which means 30.
	OnDemandPercent *int
	// MaxPrice is the highest price for an hour of an instance in USD, 0.001 to 20.
	// Default: 0, that of an on-demand instance.
	MaxPrice float64
	// Strategy is how types are chosen: capacity-optimized, price-capacity-optimized, capacity-optimized-prioritized or
	// lowest-price.
	// Default: price-capacity-optimized.
	Strategy string
}

// ManagedUpdates is when and how far Elastic Beanstalk updates the platform by itself, with an immutable update.
//
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/environment-platform-update-managed.html
type ManagedUpdates struct {
	// Start is when the weekly window of two hours starts, in UTC, such as "Tue:09:00".
	// Default: "Sun:03:00".
	Start string
	// Level is how far: patch, or minor, which has patches as well.
	// Default: minor.
	Level string
	// RefreshInstances replaces the instances each week, also without an update.
	// Default: false.
	RefreshInstances bool
	// Disable leaves updates to you.
	// Default: false.
	Disable bool
}

// Health is how Elastic Beanstalk tells whether an environment works.
//
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/health-enhanced.html
type Health struct {
	// Basic looks at the load balancer's health check only. It excludes managed updates, the alarms on answers, and logs of health.
	// Default: false, enhanced health, with what instances report.
	Basic bool
	// SuccessThreshold is the least health with which a deployment succeeds: Ok, Warning, Degraded or Severe.
	// Default: Ok.
	SuccessThreshold string
	// IgnoreApplication4xx and IgnoreLoadBalancer4xx keep 4xx answers from making the environment unhealthy, where they are
	// the fault of clients.
	// Default: false.
	IgnoreApplication4xx, IgnoreLoadBalancer4xx bool
	// Metrics are further metrics of the environment that are sent to CloudWatch, at 0.30 USD a month each, such as
	// InstancesOk. The alarms and the dashboard have what they need without.
	// Default: none.
	Metrics []string
}

// Logs is what is kept of the logs of instances. They go to the log groups /aws/elasticbeanstalk/NAME/..., which Elastic Beanstalk
// makes; rotated ones also go to its bucket.
type Logs struct {
	// RetentionDays is how long CloudWatch Logs keeps them: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827
	// or 3653 days.
	// Default: 365.
	RetentionDays int
	// DeleteOnTerminate deletes the log groups with the environment.
	// Default: false.
	DeleteOnTerminate bool
	// Disable keeps logs on the instances only, with which they are lost.
	// Default: false.
	Disable bool
}
