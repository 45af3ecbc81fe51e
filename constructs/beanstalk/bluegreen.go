package beanstalk

import (
	"reflect"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/regioninfo"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
)

// BlueGreenProps configures a BlueGreen.
type BlueGreenProps struct {
	// Zone is the public hosted zone of Domain. Required.
	Zone awsroute53.IHostedZone
	// Domain is the name that clients use, such as "shop.example.com". Required.
	Domain string
	// Blue and Green are the environments. Each needs a CNAMEPrefix, to which its record leads, and a certificate for Domain. Data that
	// both use must be outside of them, as in a Database. Required.
	Blue, Green *WebEnvironmentProps
	// GreenPercent is the share of the answers of Route 53 that lead to Green, 0 to 100; the rest leads to Blue. Clients keep an
	// answer for 60 s. A change of it changes the two records and nothing else.
	// Default: 0, all to Blue.
	GreenPercent int
}

// BlueGreen is two environments behind one name. New versions go to the side without requests, and the weights move when it works: in
// steps, and back at once. The fields are the underlying constructs.
type BlueGreen struct {
	constructs.Construct
	// Blue and Green are the environments.
	Blue, Green *WebEnvironment
	// BlueRecord and GreenRecord are the records of Domain.
	BlueRecord, GreenRecord awsroute53.CfnRecordSet

	domain string
}

// NewBlueGreen defines a BlueGreen named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewBlueGreen(scope constructs.Construct, id string, props *BlueGreenProps) *BlueGreen {
	check.Must(scope.Node().Path(), id, props.Validate())
	b := &BlueGreen{domain: props.Domain}
	constructs.NewConstruct_Override(b, scope, &id)
	b.Blue, b.Green = NewWebEnvironment(b, "Blue", props.Blue), NewWebEnvironment(b, "Green", props.Green)
	b.BlueRecord = b.record("BlueRecord", "blue", props, props.Blue, b.Blue, 100-props.GreenPercent)
	b.GreenRecord = b.record("GreenRecord", "green", props, props.Green, b.Green, props.GreenPercent)
	return b
}

// record is an alias of an environment's CNAME. It is L1, as awsroute53targets would make every consumer compile the services it knows.
func (b *BlueGreen) record(id, side string, p *BlueGreenProps, props *WebEnvironmentProps, e *WebEnvironment, weight int) awsroute53.CfnRecordSet {
	stack := awscdk.Stack_Of(b)
	record := awsroute53.NewCfnRecordSet(b, &id, &awsroute53.CfnRecordSetProps{
		Name: jsii.String(p.Domain + "."), Type: jsii.String("A"), HostedZoneId: p.Zone.HostedZoneId(), SetIdentifier: &side, Weight: jsii.Number(weight),
		AliasTarget: &awsroute53.CfnRecordSet_AliasTargetProperty{
			DnsName:              jsii.String(props.CNAMEPrefix + "." + *stack.Region() + ".elasticbeanstalk.com"),
			HostedZoneId:         stack.RegionalFact(regioninfo.FactName_EBS_ENV_ENDPOINT_HOSTED_ZONE_ID(), nil),
			EvaluateTargetHealth: jsii.Bool(true),
		},
	})
	record.Node().AddDependency(e.Environment)
	return record
}

// URL is the address for clients, with a slash at its end.
func (b *BlueGreen) URL() *string { return jsii.String("https://" + b.domain + "/") }

// Validate reports every invalid field at once, those of both environments included. It is pure Go: no construct is made.
func (p *BlueGreenProps) Validate() error {
	c := check.For("beanstalk.BlueGreenProps")
	if p == nil {
		p = &BlueGreenProps{}
	}
	c.That(p.Zone != nil, "Zone", "must be given: the public hosted zone of Domain")
	c.That(p.Domain != "" && !strings.HasSuffix(p.Domain, "."), "Domain", "must be a domain name such as shop.example.com, got %q", p.Domain)
	check.Range(c, "GreenPercent", p.GreenPercent, 0, 100)
	for _, side := range []struct {
		name  string
		props *WebEnvironmentProps
	}{{"Blue", p.Blue}, {"Green", p.Green}} {
		at := c.At(side.name)
		if side.props == nil {
			at.Add("", "must be given")
			continue
		}
		at.That(side.props.CNAMEPrefix != "", "CNAMEPrefix", "must be given: the record leads to it")
		at.That(side.props.CoupledDatabase == nil, "CoupledDatabase", "must be nil: each side would have data of its own; use Database")
		at.Join(side.props.Validate())
	}
	if p.Blue != nil && p.Green != nil {
		c.That(p.Blue.CNAMEPrefix == "" || p.Blue.CNAMEPrefix != p.Green.CNAMEPrefix, "Green.CNAMEPrefix", "must differ from that of Blue")
		c.That(p.Blue.Name == "" || p.Blue.Name != p.Green.Name, "Green.Name", "must differ from that of Blue")
	}
	return c.Err()
}

// copied is a copy of props of this package: its maps and slices, and the structs of this package that it points to, are its own.
func copied[T any](v T) T {
	deepen(reflect.ValueOf(&v).Elem())
	return v
}

var ownPackage = reflect.TypeFor[Option]().PkgPath()

func deepen(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				deepen(f)
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		for i := range own.Len() {
			deepen(own.Index(i))
		}
		v.Set(own)
	case reflect.Map:
		if v.IsNil() {
			return
		}
		own := reflect.MakeMap(v.Type())
		for key, value := range v.Seq2() {
			element := reflect.New(value.Type()).Elem()
			element.Set(value)
			deepen(element)
			own.SetMapIndex(key, element)
		}
		v.Set(own)
	case reflect.Pointer:
		// App, Bundle and Database are what they are: the same for the copy.
		t := v.Type().Elem()
		if v.IsNil() || t.PkgPath() == ownPackage && !cloneable[t] || t.PkgPath() != "" && t.PkgPath() != ownPackage {
			return
		}
		own := reflect.New(t)
		own.Elem().Set(v.Elem())
		deepen(own.Elem())
		v.Set(own)
	}
}

// cloneable are the structs that props point to.
var cloneable = map[reflect.Type]bool{
	reflect.TypeFor[Spot](): true, reflect.TypeFor[CreatedLoadBalancer](): true, reflect.TypeFor[CoupledDatabase](): true,
}
