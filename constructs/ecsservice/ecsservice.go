// Package ecsservice is what services of Amazon ECS have in common, whether they run on Fargate or on EC2: containers,
// volumes, load balancing, deployments, scaling, alarms. Package albfargate builds on it; use that to define a service, and the
// types of this one to describe it.
//
// A task has up to ten containers that write to volumes and scratch directories only, and that get their secrets when
// they start. An Application Load Balancer with TLS and a web ACL sends them requests. New tasks take over by a rolling
// deployment with a circuit breaker, or by a blue/green, linear or canary deployment of ECS, and are rolled back when too
// many answers are 5xx. Logs, managed file systems and alarms are encrypted with one key.
//
// It costs, beside the tasks: from about 16 USD a month for the load balancer, 9 USD for the web ACL with its four rules,
// 1 USD for the key, 0.10 USD an alarm, 0.50 USD a GB of logs, and the metrics of Container Insights.
//
// See https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-best-practices.html
package ecsservice

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Resources are the underlying constructs of a service, for grants, subscriptions and overrides. Those that were not
// asked for are nil.
type Resources struct {
	// Cluster is where the service runs, new or given.
	Cluster awsecs.ICluster
	// TaskDefinition is what a task is made of; its TaskRole is what the containers may do.
	TaskDefinition awsecs.TaskDefinition
	// Containers are the containers by their names.
	Containers map[string]awsecs.ContainerDefinition
	// Service is the service.
	Service awsecs.BaseService
	// SecurityGroup is that of the tasks: of their network interfaces, or of the instances whose network they share.
	SecurityGroup awsec2.ISecurityGroup
	// LoadBalancer, Listener and TestListener are where requests come in.
	LoadBalancer elb.IApplicationLoadBalancer
	Listener     elb.IApplicationListener
	TestListener elb.ApplicationListener
	// TargetGroup has the tasks. A blue/green service has AlternateTargetGroup too, and which one is in production changes
	// with each deployment.
	TargetGroup, AlternateTargetGroup elb.ApplicationTargetGroup
	// AccessLogs is the bucket of the access logs, new or given.
	AccessLogs awss3.IBucket
	// WebACL is the load balancer's own web ACL.
	WebACL awswafv2.CfnWebACL
	// Scaling is the scaling of the number of tasks.
	Scaling awsecs.ScalableTaskCount
	// FileSystems are the managed EFS file systems, by the names of their volumes.
	FileSystems map[string]awsefs.FileSystem
	// Key encrypts logs, alarms and managed file systems.
	Key awskms.IKey
	// Logs has what the containers write to standard output and error.
	Logs awslogs.LogGroup
	// AlarmTopic receives the alarms.
	AlarmTopic awssns.ITopic
	// Alarms are the alarms, in the order in which the dashboard shows them.
	Alarms []awscloudwatch.Alarm
	// Dashboard shows alarms, requests and tasks.
	Dashboard awscloudwatch.Dashboard

	rules     []elb.ApplicationListenerRule // that ECS or Rules need
	testRule  elb.ApplicationListenerRule
	attached  []awsecs.ServiceManagedVolume
	rollbacks []*string // names of alarms that roll a deployment back
}

// Start defines what comes before the task definition: key, topic, cluster, log group and, unless it is set already, security
// group, as children of scope. p has its defaults and was checked.
func (r *Resources) Start(scope constructs.Construct, p *CommonProps) {
	r.Cluster, r.Key, r.AlarmTopic = p.Cluster, p.Key, p.Alarms.Topic
	r.Containers, r.FileSystems = map[string]awsecs.ContainerDefinition{}, map[string]awsefs.FileSystem{}
	if r.Key == nil {
		r.Key = encrypted.NewKey(scope, "Logs, files and alarms of "+*scope.Node().Path(), p.RemovalPolicy)
	}
	encrypted.AllowLogs(scope, r.Key)
	if !p.Alarms.Disable && r.AlarmTopic == nil {
		r.AlarmTopic = monitor.NewTopic(scope, r.Key)
	}
	if r.Cluster == nil {
		r.Cluster = r.newCluster(scope, p)
	}
	r.Logs = encrypted.NewLogGroup(scope, "Logs", "", r.Key, p.LogRetentionDays, p.RemovalPolicy)
	if r.SecurityGroup == nil {
		r.SecurityGroup = awsec2.NewSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
			Vpc: p.VPC, Description: jsii.String("Tasks of " + *scope.Node().Path()),
		})
	}
}

func (r *Resources) newCluster(scope constructs.Construct, p *CommonProps) awsecs.Cluster {
	props := &awsecs.ClusterProps{
		Vpc: p.VPC, ContainerInsightsV2: awsecs.ContainerInsights_ENABLED, EnableFargateCapacityProviders: jsii.Bool(true),
	}
	if p.ServiceConnect != nil {
		props.DefaultCloudMapNamespace = &awsecs.CloudMapNamespaceOptions{
			Name: &p.ServiceConnect.Namespace, Type: awsservicediscovery.NamespaceType_HTTP, UseForServiceConnect: jsii.Bool(true),
		}
	}
	if p.EnableExec {
		props.ExecuteCommandConfiguration = &awsecs.ExecuteCommandConfiguration{
			KmsKey: r.Key, Logging: awsecs.ExecuteCommandLogging_OVERRIDE,
			LogConfiguration: &awsecs.ExecuteCommandLogConfiguration{
				CloudWatchLogGroup:          encrypted.NewLogGroup(scope, "ExecLogs", "", r.Key, p.LogRetentionDays, p.RemovalPolicy),
				CloudWatchEncryptionEnabled: jsii.Bool(true),
			},
		}
	}
	if p.ConfigureCluster != nil {
		p.ConfigureCluster(props)
	}
	return awsecs.NewCluster(scope, jsii.String("Cluster"), props)
}

// TaskSubnets are where the tasks run: Subnets, or the private subnets of VPC, one in each Availability Zone.
func (p *CommonProps) TaskSubnets() *awsec2.SubnetSelection {
	if p.Subnets != nil {
		return p.Subnets
	}
	return &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS, OnePerAz: jsii.Bool(true)}
}

// AddTask adds volumes and containers to a new task definition.
func (r *Resources) AddTask(scope constructs.Construct, p *CommonProps, task awsecs.TaskDefinition) {
	r.TaskDefinition = task
	volumes := constructs.NewConstruct(scope, jsii.String("Volumes"))
	for i := range p.Volumes {
		v := &p.Volumes[i]
		switch {
		case v.EFS != nil:
			task.AddVolume(&awsecs.Volume{Name: &v.Name, EfsVolumeConfiguration: r.efs(volumes, p, v)})
		case v.EBS != nil:
			task.AddVolume(&awsecs.Volume{Name: &v.Name, ConfiguredAtLaunch: jsii.Bool(true)})
			r.attached = append(r.attached, r.ebs(volumes, v))
		default:
			task.AddVolume(&awsecs.Volume{Name: &v.Name})
		}
	}
	for i := range p.Containers {
		k := &p.Containers[i]
		container := r.addContainer(p, k)
		for j, dir := range k.ScratchDirs {
			name := k.Name + "-scratch-" + strconv.Itoa(j+1)
			task.AddVolume(&awsecs.Volume{Name: &name})
			container.AddMountPoints(&awsecs.MountPoint{SourceVolume: &name, ContainerPath: &dir, ReadOnly: jsii.Bool(false)})
		}
		for _, m := range k.Mounts {
			container.AddMountPoints(&awsecs.MountPoint{SourceVolume: &m.Volume, ContainerPath: &m.Path, ReadOnly: &m.ReadOnly})
		}
	}
	for i := range p.Containers {
		for _, d := range p.Containers[i].DependsOn {
			r.Containers[p.Containers[i].Name].AddContainerDependencies(&awsecs.ContainerDependency{
				Container: r.Containers[d.Container], Condition: awsecs.ContainerDependencyCondition(d.Condition),
			})
		}
		if len(p.Containers[i].Environment) > 0 && !suppressed(task) {
			nag.Suppress(task, "AwsSolutions-ECS2", "Plain variables are for what is no secret; secrets come from Secrets Manager and the Parameter Store.")
		}
	}
}

// suppressed tells whether a suppression was written on the resource of c already.
func suppressed(c constructs.IConstruct) bool {
	return c.Node().DefaultChild().(awscdk.CfnResource).GetMetadata(jsii.String("cdk_nag")) != nil
}

func (r *Resources) addContainer(p *CommonProps, k *Container) awsecs.ContainerDefinition {
	ports := make([]*awsecs.PortMapping, len(k.Ports))
	for i, port := range k.Ports {
		ports[i] = &awsecs.PortMapping{ContainerPort: jsii.Number(port.Number), Name: cdkval.Text(port.Name), Protocol: awsecs.Protocol_TCP}
		if port.HostPort > 0 {
			ports[i].HostPort = jsii.Number(port.HostPort)
		}
		if port.UDP {
			ports[i].Protocol = awsecs.Protocol_UDP
		}
		switch port.AppProtocol {
		case AppHTTP:
			ports[i].AppProtocol = awsecs.AppProtocol_Http()
		case AppHTTP2:
			ports[i].AppProtocol = awsecs.AppProtocol_Http2()
		case AppGRPC:
			ports[i].AppProtocol = awsecs.AppProtocol_Grpc()
		}
	}
	secrets := map[string]awsecs.Secret{}
	for name, parameter := range k.Parameters {
		secrets[name] = awsecs.Secret_FromSsmParameter(parameter)
	}
	for name, secret := range k.Secrets {
		secrets[name] = awsecs.Secret_FromSecretsManager(secret.Secret, cdkval.Text(secret.Field))
	}
	options := &awsecs.ContainerDefinitionOptions{
		Image: k.Image, Command: cdkval.Texts(k.Command), EntryPoint: cdkval.Texts(k.EntryPoint),
		User: cdkval.Text(k.User), WorkingDirectory: cdkval.Text(k.WorkingDirectory), Environment: cdkval.TextMap(k.Environment), Secrets: &secrets,
		PortMappings: &ports, Essential: jsii.Bool(!k.NonEssential), ReadonlyRootFilesystem: jsii.Bool(!k.WritableRoot),
		StopTimeout: cdkval.Duration(k.StopTimeout),
		Logging: awsecs.LogDriver_AwsLogs(&awsecs.AwsLogDriverProps{
			LogGroup: r.Logs, StreamPrefix: &k.Name, Mode: awsecs.AwsLogDriverMode_NON_BLOCKING,
		}),
	}
	if len(k.EnvironmentFiles) > 0 {
		options.EnvironmentFiles = &k.EnvironmentFiles
	}
	if k.CPU > 0 {
		options.Cpu = jsii.Number(k.CPU)
	}
	if k.Memory > 0 {
		options.MemoryLimitMiB = jsii.Number(k.Memory)
	}
	if k.MemoryReservation > 0 {
		options.MemoryReservationMiB = jsii.Number(k.MemoryReservation)
	}
	if h := k.Health; h != nil {
		options.HealthCheck = &awsecs.HealthCheck{
			Command: cdkval.Texts(h.Command), Interval: cdkval.Duration(h.Interval), Timeout: cdkval.Duration(h.Timeout),
			Retries: jsii.Number(h.Retries), StartPeriod: cdkval.Duration(h.StartPeriod),
		}
	}
	if restart := k.Restart; restart != nil {
		options.EnableRestartPolicy, options.RestartAttemptPeriod = jsii.Bool(true), cdkval.Duration(restart.AttemptPeriod)
		if len(restart.IgnoredExitCodes) > 0 {
			codes := make([]*float64, len(restart.IgnoredExitCodes))
			for i, code := range restart.IgnoredExitCodes {
				codes[i] = jsii.Number(code)
			}
			options.RestartIgnoredExitCodes = &codes
		}
	}
	if p.ConfigureContainer != nil {
		p.ConfigureContainer(k.Name, options)
	}
	container := r.TaskDefinition.AddContainer(&k.Name, options)
	r.Containers[k.Name] = container
	for _, file := range k.EnvironmentFiles { // the CDK lets ECS read secrets and parameters, but not these
		at := file.Bind(container).S3Location
		bucket := "arn:" + *awscdk.Stack_Of(container).Partition() + ":s3:::" + *at.BucketName
		for action, resource := range sorted.All(map[string]string{"s3:GetObject": bucket + "/" + *at.ObjectKey, "s3:GetBucketLocation": bucket}) {
			r.TaskDefinition.AddToExecutionRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings(action), Resources: jsii.Strings(resource)}))
		}
	}
	return container
}

func (r *Resources) efs(scope constructs.Construct, p *CommonProps, v *Volume) *awsecs.EfsVolumeConfiguration {
	e := v.EFS
	config := &awsecs.EfsVolumeConfiguration{TransitEncryption: jsii.String("ENABLED")}
	fs, point := e.FileSystem, e.AccessPoint
	if fs == nil {
		scope := constructs.NewConstruct(scope, &v.Name)
		made := awsefs.NewFileSystem(scope, jsii.String("FileSystem"), &awsefs.FileSystemProps{
			Vpc: p.VPC, VpcSubnets: p.TaskSubnets(), Encrypted: jsii.Bool(true), KmsKey: r.Key, EnableAutomaticBackups: jsii.Bool(!e.DisableBackups),
			ThroughputMode: awsefs.ThroughputMode_ELASTIC, AllowAnonymousAccess: jsii.Bool(false), RemovalPolicy: p.RemovalPolicy,
			LifecyclePolicy: awsefs.LifecyclePolicy_AFTER_30_DAYS, OutOfInfrequentAccessPolicy: awsefs.OutOfInfrequentAccessPolicy_AFTER_1_ACCESS,
		})
		if e.DisableBackups { // without a policy EFS makes backups (aws-cdk#29881)
			made.Node().DefaultChild().(awsefs.CfnFileSystem).SetBackupPolicy(&awsefs.CfnFileSystem_BackupPolicyProperty{Status: jsii.String("DISABLED")})
		}
		uid, gid := jsii.String(strconv.Itoa(e.UID)), jsii.String(strconv.Itoa(e.GID))
		point = made.AddAccessPoint(jsii.String("AccessPoint"), &awsefs.AccessPointOptions{
			Path: &e.Path, PosixUser: &awsefs.PosixUser{Uid: uid, Gid: gid},
			CreateAcl: &awsefs.Acl{OwnerUid: uid, OwnerGid: gid, Permissions: jsii.String("750")},
		})
		fs, r.FileSystems[v.Name] = made, made
	}
	fs.Connections().AllowDefaultPortFrom(r.SecurityGroup, jsii.String("NFS from the tasks"))
	config.FileSystemId = fs.FileSystemId()
	if point != nil {
		config.AuthorizationConfig = &awsecs.AuthorizationConfig{AccessPointId: point.AccessPointId(), Iam: jsii.String("ENABLED")}
		fs.GrantReadWrite(r.TaskDefinition.TaskRole())
	} else {
		config.RootDirectory = cdkval.Text(e.RootDirectory)
	}
	return config
}

func (r *Resources) ebs(scope constructs.Construct, v *Volume) awsecs.ServiceManagedVolume {
	b := v.EBS
	role := awsiam.NewRole(scope, jsii.String(v.Name+"Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs.amazonaws.com"), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{
			awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("service-role/AmazonECSInfrastructureRolePolicyForVolumes")),
		},
	})
	nag.Suppress(role, "AwsSolutions-IAM4", "The policy that AWS keeps for ECS to attach volumes, limited to those that ECS has tagged.")
	volume := &awsecs.ServiceManagedEBSVolumeConfiguration{
		Encrypted: jsii.Bool(true), VolumeType: b.Type, SnapShotId: cdkval.Text(b.SnapshotID), FileSystemType: awsecs.FileSystemType_EXT4, Role: role,
	}
	if b.SizeGiB > 0 {
		volume.Size = awscdk.Size_Gibibytes(jsii.Number(b.SizeGiB))
	}
	if b.IOPS > 0 {
		volume.Iops = jsii.Number(b.IOPS)
	}
	if b.ThroughputMiB > 0 {
		volume.Throughput = jsii.Number(b.ThroughputMiB)
	}
	if b.XFS {
		volume.FileSystemType = awsecs.FileSystemType_XFS
	}
	return awsecs.NewServiceManagedVolume(scope, &v.Name, &awsecs.ServiceManagedVolumeProps{Name: &v.Name, ManagedEBSVolume: volume})
}

// Options are the settings of the service itself, to be inherited by the props of NewFargateService and the like. It is called
// after Balance.
func (r *Resources) Options(p *CommonProps, lb *LoadBalancing) *awsecs.BaseServiceOptions {
	d := &p.Deployment
	o := &awsecs.BaseServiceOptions{
		Cluster: r.Cluster, EnableECSManagedTags: jsii.Bool(true), PropagateTags: awsecs.PropagatedTagSource_SERVICE,
		EnableExecuteCommand: jsii.Bool(p.EnableExec), MinHealthyPercent: jsii.Number(*d.MinHealthyPercent), MaxHealthyPercent: jsii.Number(d.MaxPercent),
		DesiredCount: cdkval.Number(p.DesiredCount), VolumeConfigurations: &r.attached,
	}
	if d.Strategy == CodeDeploy {
		o.DeploymentController = &awsecs.DeploymentController{Type: awsecs.DeploymentControllerType_CODE_DEPLOY}
	} else {
		o.DeploymentStrategy, o.BakeTime = awsecs.DeploymentStrategy(d.Strategy), cdkval.Duration(*d.BakeTime)
	}
	if d.Strategy == Rolling {
		o.CircuitBreaker = &awsecs.DeploymentCircuitBreaker{Enable: jsii.Bool(!d.DisableCircuitBreaker), Rollback: jsii.Bool(!d.DisableCircuitBreaker)}
	}
	if d.Strategy == Linear || d.Strategy == Canary {
		shift := &awsecs.TrafficShiftConfig{StepPercent: &d.StepPercent, StepBakeTime: cdkval.Duration(*d.StepBakeTime)}
		if d.Strategy == Linear {
			o.LinearConfiguration = shift
		} else {
			o.CanaryConfiguration = shift
		}
	}
	for _, alarm := range d.Alarms {
		r.rollbacks = append(r.rollbacks, alarm.AlarmName())
	}
	if len(r.rollbacks) > 0 && d.Strategy != CodeDeploy {
		o.DeploymentAlarms = &awsecs.DeploymentAlarmConfig{AlarmNames: &r.rollbacks, Behavior: awsecs.AlarmBehavior_ROLLBACK_ON_ALARM}
	}
	if lb != nil {
		o.HealthCheckGracePeriod = cdkval.Duration(lb.HealthCheckGrace)
	}
	if c := p.ServiceConnect; c != nil {
		services := make([]*awsecs.ServiceConnectService, len(c.Offer))
		for i, offer := range c.Offer {
			services[i] = &awsecs.ServiceConnectService{PortMappingName: &offer.Port, DnsName: cdkval.Text(offer.DNSName)}
			if offer.AtPort > 0 {
				services[i].Port = jsii.Number(offer.AtPort)
			}
		}
		o.ServiceConnectConfiguration = &awsecs.ServiceConnectProps{
			Namespace: &c.Namespace, Services: &services,
			LogDriver: awsecs.LogDriver_AwsLogs(&awsecs.AwsLogDriverProps{
				LogGroup: r.Logs, StreamPrefix: jsii.String("service-connect"), Mode: awsecs.AwsLogDriverMode_NON_BLOCKING,
			}),
		}
	}
	return o
}

// DependOnProviders lets service, which has a strategy of capacity providers, be deleted before its cluster and what the CDK adds
// to that at synth, the association with the providers: a provider that a service uses cannot be dissociated.
func DependOnProviders(service awsecs.BaseService, cluster awsecs.ICluster) {
	service.Node().AddDependency(cluster)
}

// Finish connects a new service with its load balancer, scaling, alarms and dashboard.
func (r *Resources) Finish(scope constructs.Construct, p *CommonProps, lb *LoadBalancing, service awsecs.BaseService) {
	r.Service = service
	if p.Deployment.Strategy != Rolling {
		awscdk.Annotations_Of(service).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ecs:shouldUseCircuitBreaker"),
			jsii.String("The circuit breaker is for rolling deployments; alarms roll back the others."))
	}
	for _, fs := range sorted.All(r.FileSystems) {
		service.Node().AddDependency(fs.MountTargetsAvailable()) // or the first tasks fail to mount it
	}
	if p.ServiceConnect != nil && p.Cluster == nil {
		service.Node().AddDependency(r.Cluster.DefaultCloudMapNamespace()) // which the service has by name only
	}
	if lb != nil {
		r.attach(scope, p, lb)
	}
	r.addHooks(scope, p)
	if p.Scaling != nil {
		r.scale(scope, p)
	}
	if !p.Alarms.Disable {
		r.addAlarms(scope, p)
	}
	if !p.DisableDashboard {
		r.addDashboard(scope)
	}
	r.explain(p)
}

// explain tells cdk-nag why some policies need a wildcard.
func (r *Resources) explain(p *CommonProps) {
	for name, role := range sorted.All(map[string]awsiam.IRole{"execution": r.TaskDefinition.ExecutionRole(), "task": r.TaskDefinition.TaskRole()}) {
		if role == nil {
			continue
		}
		policy := role.Node().TryFindChild(jsii.String("DefaultPolicy"))
		if policy == nil {
			continue
		}
		if name == "execution" {
			nag.Suppress(policy, "AwsSolutions-IAM5", "A token to pull images from Amazon ECR is for no single repository.", "Resource::*")
		} else if p.EnableExec {
			nag.Suppress(policy, "AwsSolutions-IAM5", "ECS Exec opens channels of Systems Manager, and finds log groups, which cannot be named beforehand.",
				"Resource::*", `/^Resource::arn:.*:logs:.*:log-group:.*:\*$/`)
		}
	}
}
