// Package failover routes the clients of two regions, or more: DNS records with health checks, and a plan of ARC Region switch.
//
//	clients --> Route 53 --> record of us-east-1 (NewRecord) --> its load balancer
//	                |  \---> record of us-west-2 (NewRecord) --> its load balancer
//	                \------- health checks (NewHealthCheck) ask each region from outside
//	operators, alarms --> NewPlan: steps that move the service, in order
//
// Each region's stack makes its own record of the set and stands alone: all know the others by the Route only. Answers and health
// checks are of Route 53's data plane, which goes on when a region is lost; so is a run of the plan, in the region that is moved to.
//
// It costs 0.50 USD a month for a health check of an endpoint in AWS, 0.75 USD for others, and 1 or 2 USD more for each of HTTPS, a search text and
// requests each 10 s; and what AWS takes for a plan each month.
//
// See https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover.html
package failover

import (
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
)

// Record is a region's record of a Route.
// The fields are the underlying constructs, for overrides.
type Record struct {
	constructs.Construct
	// Records has one for each type, such as A and AAAA.
	Records []awsroute53.CfnRecordSet
	// HealthCheck is the new one; nil without HealthCheck.
	HealthCheck *HealthCheck

	name, region string
}

// NewRecord defines a Record named id in scope: that of the region of its stack. In a Failover route, the first of Regions has the primary.
// It panics with a *check.Error that lists every invalid field of props.
func NewRecord(scope constructs.Construct, id string, props *RecordProps) *Record {
	path, region := scope.Node().Path(), *awscdk.Stack_Of(scope).Region()
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	check.Must(path, id, d.validateRegion(region))

	r := &Record{name: d.Name, region: region}
	constructs.NewConstruct_Override(r, scope, &id)
	var checkID *string
	switch {
	case d.HealthCheckID != "":
		checkID = &d.HealthCheckID
	case d.HealthCheck != nil:
		r.HealthCheck = NewHealthCheck(r, "HealthCheck", d.HealthCheck)
		checkID = r.HealthCheck.ID()
	}
	for _, set := range d.sets() {
		set.Name, set.HostedZoneId = jsii.String(d.Name+"."), &d.ZoneID
		set.SetIdentifier, set.HealthCheckId = &region, checkID
		switch d.Policy {
		case Failover:
			set.Failover = jsii.String("SECONDARY")
			if region == d.Regions[0] {
				set.Failover = jsii.String("PRIMARY")
			}
		case Weighted:
			weight := 1
			if d.Weights != nil {
				weight = d.Weights[region]
			}
			set.Weight = jsii.Number(weight)
		case Latency:
			set.Region = &region
		}
		r.Records = append(r.Records, awsroute53.NewCfnRecordSet(r, jsii.String(*set.Type), set))
	}
	if d.Alias == nil && d.TTL > mostTTL {
		awscdk.Annotations_Of(r).AddWarningV2(jsii.String("@strata/failover:longTTL"),
			jsii.String("clients go on asking a region that is lost for "+d.TTL.String()+": make TTL "+mostTTL.String()+" or less"))
	}
	return r
}

// DomainName is the name that clients ask for, the same in all regions.
func (r *Record) DomainName() *string { return &r.name }

// SetIdentifier tells the record from those of other regions: it is the region.
func (r *Record) SetIdentifier() *string { return &r.region }

// sets gives what the record answers, by type.
func (p *RecordProps) sets() []*awsroute53.CfnRecordSetProps {
	ttl := jsii.String(strconv.Itoa(int(p.TTL.Seconds())))
	if p.Host != "" {
		return []*awsroute53.CfnRecordSetProps{{Type: jsii.String("CNAME"), Ttl: ttl, ResourceRecords: jsii.Strings(p.Host)}}
	}
	if p.Alias != nil {
		types := []string{"A"}
		if p.Alias.DualStack {
			types = append(types, "AAAA")
		}
		var sets []*awsroute53.CfnRecordSetProps
		for _, typ := range types {
			sets = append(sets, &awsroute53.CfnRecordSetProps{Type: &typ, AliasTarget: &awsroute53.CfnRecordSet_AliasTargetProperty{
				DnsName: &p.Alias.DNSName, HostedZoneId: &p.Alias.HostedZoneID, EvaluateTargetHealth: true,
			}})
		}
		return sets
	}
	byType := map[string][]string{}
	for _, a := range p.Addresses {
		byType[addressType(a)] = append(byType[addressType(a)], a)
	}
	var sets []*awsroute53.CfnRecordSetProps
	for _, typ := range []string{"A", "AAAA"} {
		if values := byType[typ]; values != nil {
			sets = append(sets, &awsroute53.CfnRecordSetProps{Type: &typ, Ttl: ttl, ResourceRecords: jsii.Strings(values...)})
		}
	}
	return sets
}

// validateRegion reports what only the region of the stack tells.
func (p *RecordProps) validateRegion(region string) error {
	c := check.For("failover.RecordProps")
	if check.IsToken(region) {
		c.Add("Regions", "must have the stack's region, which is known at deployment only")
		return c.Err()
	}
	c.That(slices.Contains(p.Regions, region), "Regions", "must have the stack's region, which is %s", region)
	checked := p.HealthCheck != nil || p.HealthCheckID != ""
	switch {
	case p.Policy == Failover && region == p.Regions[0]:
		c.That(checked, "HealthCheck", "must be given, or HealthCheckID: nothing tells when the primary is lost without one")
	case p.Policy != Failover:
		c.That(checked || p.Alias != nil, "HealthCheck", "must be given, or HealthCheckID: clients go on asking a region that is lost without one")
	}
	return c.Err()
}
