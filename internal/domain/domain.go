// Package domain gives an endpoint a domain name of the user's own: its certificate and its records.
package domain

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
)

// Name is a domain name with what it has already. Patterns make it of their own props.
type Name struct {
	// Name is the domain name, such as "api.example.com".
	Name string
	// Zone is the public hosted zone of Name; nil leaves records to others.
	Zone awsroute53.IHostedZone
	// Certificate is for Name; nil for a new one, which Zone validates.
	Certificate awscertificatemanager.ICertificate
}

// Validate adds what is wrong with n to c.
func (n Name) Validate(c *check.List) {
	c.That(n.Name != "", "Name", "must be given")
	c.That(n.Zone != nil || n.Certificate != nil, "", "must have a Certificate, or a Zone that validates a new one")
}

// CertificateOrNew gives the certificate of n, or defines one with the id Certificate.
func (n Name) CertificateOrNew(scope constructs.Construct) awscertificatemanager.ICertificate {
	if n.Certificate != nil {
		return n.Certificate
	}
	return awscertificatemanager.NewCertificate(scope, jsii.String("Certificate"), &awscertificatemanager.CertificateProps{
		DomainName: &n.Name,
		Validation: awscertificatemanager.CertificateValidation_FromDns(n.Zone),
	})
}

// AddRecords adds the alias records RecordA and RecordAAAA, or only one of the given types, to the zone, if there is one:
// they give the addresses of target, a name in targetZone. They are L1, because awsroute53targets would make every consumer compile the services that it
// knows.
func (n Name) AddRecords(scope constructs.Construct, target, targetZone *string, types ...string) {
	if n.Zone == nil {
		return
	}
	if len(types) == 0 {
		types = []string{"A", "AAAA"}
	}
	for _, typ := range types {
		awsroute53.NewCfnRecordSet(scope, jsii.String("Record"+typ), &awsroute53.CfnRecordSetProps{
			Name: jsii.String(n.Name + "."), Type: &typ, HostedZoneId: n.Zone.HostedZoneId(),
			AliasTarget: &awsroute53.CfnRecordSet_AliasTargetProperty{DnsName: target, HostedZoneId: targetZone},
		})
	}
}

// URL is the address of n for clients, with a slash at its end.
func (n Name) URL() *string { return jsii.String("https://" + n.Name + "/") }
