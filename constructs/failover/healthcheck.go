package failover

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
)

// metricsRegion is the only one that has the metrics of health checks.
const metricsRegion = "us-east-1"

// HealthCheck is a health check of Route 53.
// The fields are the underlying constructs, for overrides.
type HealthCheck struct {
	constructs.Construct
	// Check is the health check.
	Check awsroute53.CfnHealthCheck
	// Alarm fires while it is unhealthy; nil with DisableAlarm, and in regions other than us-east-1.
	Alarm awscloudwatch.Alarm
	// Topic gets the alarm; nil without one.
	Topic awssns.ITopic
}

// NewHealthCheck defines a HealthCheck named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewHealthCheck(scope constructs.Construct, id string, props *HealthCheckProps) *HealthCheck {
	path, region := scope.Node().Path(), *awscdk.Stack_Of(scope).Region()
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	watched := region == metricsRegion
	c := check.For("failover.HealthCheckProps")
	c.That(watched || d.AlarmTopic == nil, "AlarmTopic", "must be left out in a stack outside "+metricsRegion+": no other region has the metrics of health checks")
	check.Must(path, id, c.Err())

	h := &HealthCheck{Topic: d.AlarmTopic}
	constructs.NewConstruct_Override(h, scope, &id)
	config := d.config()
	if d.ConfigureHealthCheck != nil {
		d.ConfigureHealthCheck(config)
	}
	h.Check = awsroute53.NewCfnHealthCheck(h, jsii.String("Check"), &awsroute53.CfnHealthCheckProps{
		HealthCheckConfig: config,
		HealthCheckTags:   &[]*awsroute53.CfnHealthCheck_HealthCheckTagProperty{{Key: jsii.String("Name"), Value: h.Node().Path()}},
	})
	switch {
	case d.DisableAlarm:
	case watched:
		h.addAlarm()
	default:
		awscdk.Annotations_Of(h).AddWarningV2(jsii.String("@strata/failover:noAlarm"),
			jsii.String("nobody is told when this is unhealthy: only "+metricsRegion+" has the metrics of health checks. Put an alarm there, and set DisableAlarm here"))
	}
	return h
}

// ID is what records and calculated health checks name it by.
func (h *HealthCheck) ID() *string { return h.Check.AttrHealthCheckId() }

func (h *HealthCheck) addAlarm() {
	if h.Topic == nil {
		h.Topic = monitor.NewTopic(h, encrypted.NewKey(h, "Alarm of "+*h.Node().Path(), awscdk.RemovalPolicy_DESTROY))
	}
	h.Alarm = monitor.NewAlarm(h, monitor.Watch{
		ID: "Unhealthy", Text: "The health check fails",
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String("AWS/Route53"), MetricName: jsii.String("HealthCheckStatus"), Statistic: jsii.String("Minimum"),
			DimensionsMap: &map[string]*string{"HealthCheckId": h.ID()}, Period: cdkval.Duration(time.Minute),
		}),
		Threshold: 1, LessThan: true, Minutes: 1, Of: 1, Missing: awscloudwatch.TreatMissingData_BREACHING,
	}, h.Topic)
}

// config gives what Route 53 is told.
func (p *HealthCheckProps) config() *awsroute53.CfnHealthCheck_HealthCheckConfigProperty {
	config := &awsroute53.CfnHealthCheck_HealthCheckConfigProperty{}
	if p.Inverted {
		config.Inverted = true
	}
	switch {
	case p.Calculated != nil:
		config.Type = jsii.String("CALCULATED")
		config.ChildHealthChecks, config.HealthThreshold = jsii.Strings(p.Calculated.HealthCheckIDs...), jsii.Number(p.Calculated.HealthyAtLeast)
	case p.Alarm != nil:
		config.Type = jsii.String("CLOUDWATCH_METRIC")
		config.AlarmIdentifier = &awsroute53.CfnHealthCheck_AlarmIdentifierProperty{Name: &p.Alarm.Name, Region: &p.Alarm.Region}
		config.InsufficientDataHealthStatus = jsii.String(string(p.Alarm.InsufficientData))
	case p.RoutingControlARN != "":
		config.Type, config.RoutingControlArn = jsii.String("RECOVERY_CONTROL"), &p.RoutingControlARN
	default:
		p.Endpoint.configure(config)
	}
	return config
}

func (e *Endpoint) configure(config *awsroute53.CfnHealthCheck_HealthCheckConfigProperty) {
	typ := string(e.Protocol)
	if e.Search != "" {
		typ += "_STR_MATCH"
		config.SearchString = &e.Search
	}
	config.Type = &typ
	config.FullyQualifiedDomainName, config.IpAddress = cdkval.Text(e.Domain), cdkval.Text(e.IPAddress)
	config.Port, config.ResourcePath = jsii.Number(e.Port), cdkval.Text(e.Path)
	config.RequestInterval, config.FailureThreshold = jsii.Number(e.Interval.Seconds()), jsii.Number(e.FailureThreshold)
	config.Regions = cdkval.Texts(e.CheckerRegions)
	if e.Protocol == HTTPS {
		config.EnableSni = !e.DisableSNI
	}
}
