package replica

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
)

// ReplicatedSecretProps configures a ReplicatedSecret.
type ReplicatedSecretProps struct {
	Pair
	// Key encrypts the secret in the region of the stack.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// RemovalPolicy says what becomes of secret and new key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureSecret edits the L2 props last, after all defaults, in Primary: what is generated. Name, key and regions must stay.
	// Default: a random text of 32 characters.
	ConfigureSecret func(*awssecretsmanager.SecretProps)
}

// ReplicatedSecret is a secret with a replica in another region, by the same name.
// The fields are the underlying constructs, for grants and overrides.
type ReplicatedSecret struct {
	constructs.Construct
	// Secret is the one of this region.
	Secret awssecretsmanager.ISecret
	// Key encrypts it.
	Key awskms.IKey
}

func (p *ReplicatedSecretProps) side() Side {
	s := Side{Key: p.Key, RemovalPolicy: p.RemovalPolicy}
	s.setDefaults()
	return s
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ReplicatedSecretProps) Validate() error {
	var d ReplicatedSecretProps
	if p != nil {
		d = *p
	}
	c, side := check.For("replica.ReplicatedSecretProps"), d.side()
	d.validate(c)
	side.validate(c)
	return c.Err()
}

// NewReplicatedSecret defines a ReplicatedSecret named id in scope, in a stack of either region. Deploy that of Standby, which has the key of the replica, first.
// It panics with a *check.Error that lists every invalid field of props.
//
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
func NewReplicatedSecret(scope constructs.Construct, id string, props *ReplicatedSecretProps) *ReplicatedSecret {
	path, stack := scope.Node().Path(), awscdk.Stack_Of(scope)
	check.Must(path, id, props.Validate())
	check.Must(path, id, props.validateIn("replica.ReplicatedSecretProps", stack))

	s, side, alias := &ReplicatedSecret{}, props.side(), "alias/"+props.Name+"-secret"
	constructs.NewConstruct_Override(s, scope, &id)
	s.Key = side.newKey(s, alias, "The secret "+props.Name)
	if *stack.Region() != props.Primary {
		s.Secret = awssecretsmanager.Secret_FromSecretAttributes(s, jsii.String("Secret"), &awssecretsmanager.SecretAttributes{
			SecretPartialArn: arn(stack, "secretsmanager", props.Standby, "secret:"+props.Name), EncryptionKey: s.Key,
		})
		return s
	}
	secret := &awssecretsmanager.SecretProps{SecretName: jsii.String(props.Name), EncryptionKey: s.Key, RemovalPolicy: side.removal()}
	if props.ConfigureSecret != nil {
		props.ConfigureSecret(secret)
	}
	made := awssecretsmanager.NewSecret(s, jsii.String("Secret"), secret)
	// The L2 takes no alias.
	made.Node().DefaultChild().(awssecretsmanager.CfnSecret).SetReplicaRegions([]any{
		&awssecretsmanager.CfnSecret_ReplicaRegionProperty{Region: jsii.String(props.Standby), KmsKeyId: &alias},
	})
	s.Secret = made
	return s
}

// GrantRead lets grantee read the secret of this region.
func (s *ReplicatedSecret) GrantRead(grantee awsiam.IGrantable) awsiam.Grant {
	return s.Secret.GrantRead(grantee, nil)
}
