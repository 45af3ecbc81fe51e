package stackguard

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// stateful are the types whose resources hold data, or an identity that others rely on, which are lost with them. Those with true can
// leave a snapshot behind: the types for which CloudFormation documents DeletionPolicy Snapshot.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
var stateful = map[string]bool{
	"AWS::DocDB::DBCluster":              true,
	"AWS::EC2::Volume":                   true,
	"AWS::ElastiCache::CacheCluster":     true,
	"AWS::ElastiCache::ReplicationGroup": true,
	"AWS::Neptune::DBCluster":            true,
	"AWS::RDS::DBCluster":                true,
	"AWS::RDS::DBInstance":               true,
	"AWS::Redshift::Cluster":             true,

	"AWS::ACMPCA::CertificateAuthority":     false,
	"AWS::AmazonMQ::Broker":                 false,
	"AWS::Backup::BackupVault":              false,
	"AWS::Cassandra::Keyspace":              false,
	"AWS::Cassandra::Table":                 false,
	"AWS::CloudTrail::EventDataStore":       false,
	"AWS::CodeCommit::Repository":           false,
	"AWS::Cognito::IdentityPool":            false,
	"AWS::Cognito::UserPool":                false,
	"AWS::DSQL::Cluster":                    false,
	"AWS::DocDBElastic::Cluster":            false,
	"AWS::DynamoDB::GlobalTable":            false,
	"AWS::DynamoDB::Table":                  false,
	"AWS::ECR::PublicRepository":            false,
	"AWS::ECR::Repository":                  false,
	"AWS::EFS::FileSystem":                  false,
	"AWS::ElastiCache::ServerlessCache":     false,
	"AWS::Elasticsearch::Domain":            false,
	"AWS::FSx::FileSystem":                  false,
	"AWS::FSx::Volume":                      false,
	"AWS::KMS::Key":                         false,
	"AWS::KMS::ReplicaKey":                  false,
	"AWS::Kinesis::Stream":                  false,
	"AWS::Logs::LogGroup":                   false,
	"AWS::MSK::Cluster":                     false,
	"AWS::MSK::ServerlessCluster":           false,
	"AWS::MemoryDB::Cluster":                false,
	"AWS::NeptuneGraph::Graph":              false,
	"AWS::OpenSearchServerless::Collection": false,
	"AWS::OpenSearchService::Domain":        false,
	"AWS::RDS::GlobalCluster":               false,
	"AWS::RedshiftServerless::Namespace":    false,
	"AWS::Route53::HostedZone":              false,
	"AWS::S3::Bucket":                       false,
	"AWS::S3Express::DirectoryBucket":       false,
	"AWS::S3Tables::Table":                  false,
	"AWS::S3Tables::TableBucket":            false,
	"AWS::S3Vectors::Index":                 false,
	"AWS::S3Vectors::VectorBucket":          false,
	"AWS::SQS::Queue":                       false,
	"AWS::SecretsManager::Secret":           false,
	"AWS::Timestream::Database":             false,
	"AWS::Timestream::InfluxDBInstance":     false,
	"AWS::Timestream::Table":                false,
}

// isStateful tells whether a resource holds what is lost with it.
func isStateful(r awscdk.CfnResource) bool {
	resourceType := *r.CfnResourceType()
	if _, ok := stateful[resourceType]; !ok {
		return false
	}
	switch resourceType {
	case "AWS::RDS::DBInstance":
		// The data of a member are the cluster's, those of a replica are its source's. RDS takes no last snapshot of either.
		return !has(r, "dbClusterIdentifier") && !has(r, "sourceDbInstanceIdentifier") && !has(r, "sourceDbClusterIdentifier")
	case "AWS::ElastiCache::CacheCluster":
		return property(r, "engine") != "memcached" // which keeps nothing
	}
	return true
}

// property is a property of an L1 by the CDK's name or CloudFormation's; nil when it has none.
func property(r awscdk.CfnResource, name string) any {
	for k, v := range *r.CfnProperties() {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

func has(r awscdk.CfnResource, name string) bool { return property(r, name) != nil }
