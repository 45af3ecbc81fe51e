package drill

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsfis"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/sorted"
)

// Fault is an action of AWS FIS.
//
// https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html
type Fault string

const (
	// CutRouteTables cuts subnets off OtherRegion, by route tables with all its addresses. The quota of routes in a route table must be 250 more
	// than it has, and 350 more where OtherRegion is us-east-1.
	CutRouteTables Fault = "aws:network:route-table-disrupt-cross-region-connectivity"
	// CutTransitGateways cuts transit gateways off OtherRegion, at their peerings.
	CutTransitGateways Fault = "aws:network:transit-gateway-disrupt-cross-region-connectivity"
	// CutSubnets cuts subnets off everything outside them, by network ACLs.
	CutSubnets Fault = "aws:network:disrupt-connectivity"
	// PauseBuckets pauses the replication of buckets to OtherRegion. What is there already may be replicated for an hour more. Only Tags choose
	// buckets.
	PauseBuckets Fault = "aws:s3:bucket-pause-replication"
	// PauseTables pauses the replication of global tables of DynamoDB to all regions, after 5 minutes at most.
	PauseTables Fault = "aws:dynamodb:global-table-pause-replication"
	// StopInstances stops instances of EC2, and starts them after Duration.
	StopInstances Fault = "aws:ec2:stop-instances"
	// RefuseCapacity refuses Auto Scaling groups new instances in AvailabilityZone. The groups must have launch templates.
	RefuseCapacity Fault = "aws:ec2:asg-insufficient-instance-capacity-error"
	// FailoverClusters makes a reader of Aurora clusters their writer.
	FailoverClusters Fault = "aws:rds:failover-db-cluster"
)

// kind is what FIS asks of a fault.
type kind struct {
	// id is the default of Action.ID, and target the name that FIS has for targets of the resource type.
	id, target, resource string
	// otherRegion needs Action.OtherRegion, zone needs Action.AvailabilityZone, and zoned takes it.
	otherRegion, zone, zoned bool
	// instant has no duration, and byTags takes no ARNs.
	instant, byTags bool
}

var kinds = map[Fault]kind{
	CutRouteTables:     {id: "CutRouteTables", target: "Subnets", resource: "aws:ec2:subnet", otherRegion: true},
	CutTransitGateways: {id: "CutTransitGateways", target: "TransitGateways", resource: "aws:ec2:transit-gateway", otherRegion: true},
	CutSubnets:         {id: "CutSubnets", target: "Subnets", resource: "aws:ec2:subnet", zoned: true},
	PauseBuckets:       {id: "PauseBuckets", target: "Buckets", resource: "aws:s3:bucket", otherRegion: true, byTags: true},
	PauseTables:        {id: "PauseTables", target: "Tables", resource: "aws:dynamodb:global-table"},
	StopInstances:      {id: "StopInstances", target: "Instances", resource: "aws:ec2:instance", zoned: true},
	RefuseCapacity:     {id: "RefuseCapacity", target: "AutoScalingGroups", resource: "aws:ec2:autoscaling-group", zone: true},
	FailoverClusters:   {id: "FailoverClusters", target: "Clusters", resource: "aws:rds:cluster", zoned: true, instant: true},
}

func faults() []Fault {
	var all []Fault
	for f := range sorted.All(kinds) {
		all = append(all, f)
	}
	return all
}

// CutRegion gives the actions that cut this region off another one, all at once: its network, by route tables and transit gateways, and the
// replication of buckets and tables. The tags choose what is cut, for the given time; 0 is the default of Action. Leave out what you have none
// of, or set SkipEmptyTargets.
//
// https://docs.aws.amazon.com/fis/latest/userguide/cross-region-scenario.html
func CutRegion(otherRegion string, duration time.Duration, tags map[string]string) []Action {
	return []Action{
		{Fault: CutRouteTables, OtherRegion: otherRegion, Duration: duration, Tags: tags},
		{Fault: CutTransitGateways, OtherRegion: otherRegion, Duration: duration, Tags: tags},
		{Fault: PauseBuckets, OtherRegion: otherRegion, Duration: duration, Tags: tags},
		{Fault: PauseTables, Duration: duration, Tags: tags},
	}
}

// CutZone gives the actions of a loss of power in an Availability Zone, all at once: instances stop, groups get no new ones there, subnets are cut
// off, and clusters of Aurora whose writer is there get another one. It leaves out ElastiCache, EBS and zonal autoshift.
//
// https://docs.aws.amazon.com/fis/latest/userguide/az-availability-scenario.html
func CutZone(zone string, duration time.Duration, tags map[string]string) []Action {
	return []Action{
		{Fault: StopInstances, AvailabilityZone: zone, Duration: duration, Tags: tags},
		{Fault: RefuseCapacity, AvailabilityZone: zone, Duration: duration, Tags: tags},
		{Fault: CutSubnets, AvailabilityZone: zone, Duration: duration, Tags: tags},
		{Fault: FailoverClusters, AvailabilityZone: zone, Tags: tags},
	}
}

// iso gives whole minutes as FIS wants them.
func iso(d time.Duration) *string { return jsii.String(fmt.Sprintf("PT%dM", int(d.Minutes()))) }

// define gives the action and the target, of the same name, that FIS is told.
func (a *Action) define() (*awsfis.CfnExperimentTemplate_ExperimentTemplateActionProperty, *awsfis.CfnExperimentTemplate_ExperimentTemplateTargetProperty) {
	k := kinds[a.Fault]
	parameters := map[string]*string{}
	if !k.instant {
		parameters["duration"] = iso(a.Duration)
	}
	if k.otherRegion {
		parameters["region"] = &a.OtherRegion
	}
	target := &awsfis.CfnExperimentTemplate_ExperimentTemplateTargetProperty{ResourceType: &k.resource, SelectionMode: jsii.String("ALL")}
	switch a.Fault {
	case CutSubnets:
		parameters["scope"] = jsii.String("all")
		if a.AvailabilityZone != "" {
			target.Parameters = map[string]*string{"availabilityZoneIdentifier": &a.AvailabilityZone}
		}
	case StopInstances:
		parameters = map[string]*string{"startInstancesAfterDuration": iso(a.Duration), "completeIfInstancesTerminated": jsii.String("true")}
		if len(a.ARNs) > 0 { // FIS takes no filters with them
			break
		}
		filters := []any{&awsfis.CfnExperimentTemplate_ExperimentTemplateTargetFilterProperty{Path: jsii.String("State.Name"), Values: jsii.Strings("running")}}
		if a.AvailabilityZone != "" {
			filters = append(filters, &awsfis.CfnExperimentTemplate_ExperimentTemplateTargetFilterProperty{
				Path: jsii.String("Placement.AvailabilityZone"), Values: jsii.Strings(a.AvailabilityZone),
			})
		}
		target.Filters = filters
	case RefuseCapacity:
		parameters["availabilityZoneIdentifiers"] = &a.AvailabilityZone
	case FailoverClusters:
		if a.AvailabilityZone != "" {
			target.Parameters = map[string]*string{"writerAvailabilityZoneIdentifiers": &a.AvailabilityZone}
		}
	}
	if len(a.ARNs) > 0 {
		target.ResourceArns = jsii.Strings(a.ARNs...)
	} else {
		target.ResourceTags = a.Tags
	}
	action := &awsfis.CfnExperimentTemplate_ExperimentTemplateActionProperty{
		ActionId: jsii.String(string(a.Fault)), Targets: map[string]*string{k.target: &a.ID},
	}
	if len(parameters) > 0 {
		action.Parameters = parameters
	}
	if len(a.After) > 0 {
		action.StartAfter = jsii.Strings(a.After...)
	}
	return action, target
}

// statements gives what FIS may do for the action. What the network faults need is in a policy of AWS.
func (a *Action) statements(stack awscdk.Stack) []awsiam.PolicyStatement {
	allow := func(resources []string, conditions map[string]any, actions ...string) awsiam.PolicyStatement {
		props := &awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: jsii.Strings(resources...)}
		if conditions != nil {
			props.Conditions = &conditions
		}
		return awsiam.NewPolicyStatement(props)
	}
	all := []string{"*"}
	// targets gives the ARNs, or those of all that the tags may choose; conditions hold them to the tags where the service can do that.
	targets := func(service, resource string, format awscdk.ArnFormat) []string {
		if len(a.ARNs) > 0 {
			return a.ARNs
		}
		return []string{*stack.FormatArn(&awscdk.ArnComponents{Service: &service, Resource: &resource, ResourceName: jsii.String("*"), ArnFormat: format})}
	}
	var tagged map[string]any
	if len(a.ARNs) == 0 {
		tags := map[string]any{}
		for key, value := range a.Tags {
			tags["aws:ResourceTag/"+key] = value
		}
		tagged = map[string]any{"StringEquals": tags}
	}
	resolve := allow(all, nil, "tag:GetResources")
	switch a.Fault {
	case PauseBuckets:
		buckets := []string{"arn:" + *awscdk.Aws_PARTITION() + ":s3:::*"}
		return []awsiam.PolicyStatement{
			allow(buckets, map[string]any{"StringEquals": map[string]any{"s3:DestinationRegion": a.OtherRegion, "aws:ResourceAccount": stack.Account()}}, "s3:PauseReplication"),
			allow(buckets, map[string]any{
				"BoolIfExists": map[string]any{"s3:IsReplicationPauseRequest": "true"}, "StringEquals": map[string]any{"aws:ResourceAccount": stack.Account()},
			}, "s3:GetReplicationConfiguration", "s3:PutReplicationConfiguration"),
			allow(all, nil, "s3:ListAllMyBuckets"), resolve,
		}
	case PauseTables:
		tables := targets("dynamodb", "table", awscdk.ArnFormat_SLASH_RESOURCE_NAME)
		for _, t := range slices.Clone(tables) {
			if !strings.HasSuffix(t, "/*") {
				tables = append(tables, t+"/stream/*")
			}
		}
		return []awsiam.PolicyStatement{
			allow(tables, nil, "dynamodb:DescribeTable", "dynamodb:GetResourcePolicy", "dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy", "dynamodb:InjectError"), resolve,
		}
	case StopInstances:
		return []awsiam.PolicyStatement{
			allow(targets("ec2", "instance", awscdk.ArnFormat_SLASH_RESOURCE_NAME), tagged, "ec2:StopInstances", "ec2:StartInstances"),
			allow(all, nil, "ec2:DescribeInstances"),
		}
	case RefuseCapacity:
		conditions := map[string]any{"StringEquals": map[string]any{"ec2:FisActionId": string(RefuseCapacity)}}
		if len(a.ARNs) > 0 {
			conditions["ForAllValues:ArnLike"] = map[string]any{"ec2:FisTargetArns": a.ARNs}
		}
		return []awsiam.PolicyStatement{allow(all, conditions, "ec2:InjectApiError"), allow(all, nil, "autoscaling:DescribeAutoScalingGroups"), resolve}
	case FailoverClusters:
		return []awsiam.PolicyStatement{
			allow(targets("rds", "cluster", awscdk.ArnFormat_COLON_RESOURCE_NAME), tagged, "rds:FailoverDBCluster"),
			allow(all, nil, "rds:DescribeDBClusters"), resolve,
		}
	}
	return nil
}
