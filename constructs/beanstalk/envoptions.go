package beanstalk

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/strata-cdk/strata/internal/sorted"
)

// references are the values of options that only the constructs give.
type references struct {
	vpc, subnets, databaseSubnets                              string
	balancerSubnets, balancerGroups, accessLogs, certificate   string
	serviceRole, instanceProfile, instanceGroups, topic, queue string
	sharedBalancer, databaseUser, databasePassword             string
	// variables and secrets are environment properties and the ARNs of those that are secret, by name.
	variables, secrets map[string]string
}

// unresolved stands for references in validation: each is a token, which no rule looks into.
var unresolved = func() *references {
	const t = "${Token[X]}"
	return &references{
		vpc: t, subnets: t, databaseSubnets: t, balancerSubnets: t, balancerGroups: t, accessLogs: t, certificate: t, serviceRole: t,
		instanceProfile: t, instanceGroups: t, topic: t, queue: t, sharedBalancer: t, databaseUser: t, databasePassword: t,
	}
}()

// options are those that web and worker environments share. What is off is said as well: an option that a template no longer has
// keeps its value.
func (p *EnvironmentProps) options(l *optionList, r *references) {
	text := strconv.FormatBool
	kind := "LoadBalanced"
	if p.SingleInstance {
		kind = "SingleInstance"
		l.set("aws:autoscaling:asg", "MinSize", "1", "MaxSize", "1")
	} else {
		p.Scaling.options(l)
	}
	l.set("aws:elasticbeanstalk:environment", "EnvironmentType", kind, "ServiceRole", r.serviceRole)
	l.set("aws:ec2:vpc", "VPCId", r.vpc, "Subnets", r.subnets)
	p.Instances.options(l, r)
	p.Deployment.options(l, p.SingleInstance, p.Scaling.Min, p.Scaling.Max)

	l.set("aws:elasticbeanstalk:managedactions", "ManagedActionsEnabled", text(!p.Updates.Disable))
	if !p.Updates.Disable {
		l.set("aws:elasticbeanstalk:managedactions", "PreferredStartTime", p.Updates.Start, "ServiceRoleForManagedUpdates", r.serviceRole)
		l.set("aws:elasticbeanstalk:managedactions:platformupdate", "UpdateLevel", p.Updates.Level, "InstanceRefreshEnabled", text(p.Updates.RefreshInstances))
	}
	p.Health.options(l)
	p.Logs.options(l, p.Health.Basic)
	l.set("aws:elasticbeanstalk:xray", "XRayEnabled", text(!p.DisableXRay))
	l.set("aws:elasticbeanstalk:monitoring", "Automatically Terminate Unhealthy Instances", "true")
	l.set("aws:elasticbeanstalk:sns:topics", "Notification Topic ARN", r.topic)
	for name, value := range sorted.All(p.Variables) {
		l.set(environmentNamespace, name, value)
	}
	for name, value := range sorted.All(r.variables) {
		l.set(environmentNamespace, name, value)
	}
	for name, arn := range sorted.All(r.secrets) {
		l.set(secretsNamespace, name, arn)
	}
	// Also without a database: one that was coupled once is let go with a snapshot.
	l.set(databaseNamespace, "HasCoupledDatabase", text(p.CoupledDatabase != nil), "DBDeletionPolicy", "Snapshot")
	if p.CoupledDatabase != nil {
		p.CoupledDatabase.options(l, r)
	}
}

const (
	secretsNamespace  = "aws:elasticbeanstalk:application:environmentsecrets"
	databaseNamespace = "aws:rds:dbinstance"
	sqsdNamespace     = "aws:elasticbeanstalk:sqsd"
)

func (i *Instances) options(l *optionList, r *references) {
	text := strconv.FormatBool
	l.set("aws:ec2:instances", "InstanceTypes", strings.Join(i.Types, ","), "SupportedArchitectures", string(i.Architecture), "EnableSpot", text(i.Spot != nil))
	if s := i.Spot; s != nil {
		price := "null"
		if s.MaxPrice > 0 {
			price = plain(s.MaxPrice)
		}
		l.set("aws:ec2:instances", "SpotFleetOnDemandBase", strconv.Itoa(s.OnDemandBase), "SpotFleetOnDemandAboveBasePercentage", strconv.Itoa(*s.OnDemandPercent),
			"SpotMaxPrice", price, "SpotAllocationStrategy", s.Strategy)
	}
	l.set("aws:autoscaling:asg", "EnableCapacityRebalancing", text(i.Spot != nil))
	const namespace = "aws:autoscaling:launchconfiguration"
	l.set(namespace, "IamInstanceProfile", r.instanceProfile, "SecurityGroups", r.instanceGroups, "DisableDefaultEC2SecurityGroup", "true",
		"DisableIMDSv1", text(!i.AllowIMDSv1), "RootVolumeType", "gp3", "RootVolumeSize", strconv.Itoa(i.RootVolumeGiB), "MonitoringInterval", "1 minute")
	if i.ImageID != "" {
		l.set(namespace, "ImageId", i.ImageID)
	}
	if i.KeyName != "" {
		l.set(namespace, "EC2KeyName", i.KeyName)
	}
}

// alarmMetrics are the metrics of an environment that alarms and dashboard look at, beyond EnvironmentHealth, which is free.
var alarmMetrics = []string{"ApplicationLatencyP99", "ApplicationRequests4xx", "ApplicationRequests5xx", "ApplicationRequestsTotal", "InstancesSevere"}

func (h *Health) options(l *optionList) {
	const namespace = "aws:elasticbeanstalk:healthreporting:system"
	if h.Basic {
		l.set(namespace, "SystemType", "basic")
		return
	}
	l.set(namespace, "SystemType", "enhanced", "HealthCheckSuccessThreshold", h.SuccessThreshold, "ConfigDocument", h.document())
}

// document is the ConfigDocument: which metrics are sent to CloudWatch each minute, and which rules are off.
//
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/health-enhanced-rules.html
func (h *Health) document() string {
	metrics := map[string]int{}
	for _, name := range append(alarmMetrics, h.Metrics...) {
		metrics[name] = 60
	}
	rule := func(ignored bool) map[string]bool { return map[string]bool{"Enabled": !ignored} }
	text, err := json.Marshal(map[string]any{
		"Version":           1,
		"CloudWatchMetrics": map[string]any{"Environment": metrics, "Instance": map[string]any{}},
		"Rules": map[string]any{"Environment": map[string]any{
			"Application": map[string]any{"ApplicationRequests4xx": rule(h.IgnoreApplication4xx)},
			"ELB":         map[string]any{"ELBRequests4xx": rule(h.IgnoreLoadBalancer4xx)},
		}},
	})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (g *Logs) options(l *optionList, basicHealth bool) {
	text := strconv.FormatBool
	keep := []string{"DeleteOnTerminate", text(g.DeleteOnTerminate), "RetentionInDays", strconv.Itoa(g.RetentionDays)}
	l.set("aws:elasticbeanstalk:hostmanager", "LogPublicationControl", text(!g.Disable))
	l.set("aws:elasticbeanstalk:cloudwatch:logs", append([]string{"StreamLogs", text(!g.Disable)}, keep...)...)
	l.set("aws:elasticbeanstalk:cloudwatch:logs:health", append([]string{"HealthStreamingEnabled", text(!g.Disable && !basicHealth)}, keep...)...)
}
