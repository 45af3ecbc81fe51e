package bucketemptier_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/bucketemptier"
)

// fakeBucket stands for a bucket in tests that only look at props.
type fakeBucket struct{ awss3.IBucket }

func TestEmptierProps_Validate(t *testing.T) {
	type props = bucketemptier.EmptierProps
	cdktest.ValidateTable(t, func() props {
		return props{Buckets: []bucketemptier.Bucket{{Name: "Logs", Bucket: fakeBucket{}}}}
	}, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "architecture", Edit: func(p *props) { p.Architecture = "x86_64" }},
		{Name: "none", Edit: func(p *props) { p.Buckets = nil }, Want: []string{"Buckets: must have at least one bucket"}},
		{Name: "buckets", Edit: func(p *props) {
			p.Buckets = append(p.Buckets, bucketemptier.Bucket{Name: "Logs", Bucket: fakeBucket{}}, bucketemptier.Bucket{Name: "Provider"}, bucketemptier.Bucket{Name: "a-b", Bucket: fakeBucket{}})
		}, Want: []string{
			`Buckets[1].Name: must differ from the others, got "Logs" again`,
			`Buckets[2].Name: must be a letter, then letters and digits, and not "Provider", got "Provider"`,
			`Buckets[2].Bucket: must be given`,
			`Buckets[3].Name: must be a letter, then letters and digits, and not "Provider", got "a-b"`,
		}},
		{Name: "others", Edit: func(p *props) {
			p.Architecture, p.LogRetentionDays, p.RemovalPolicy = "z80", 2, awscdk.RemovalPolicy_SNAPSHOT
		}, Want: []string{
			"Architecture: must be one of arm64, x86_64, got z80",
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
			"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT",
		}},
	})
}

func TestEmptierProps_ValidateNil(t *testing.T) {
	require.EqualError(t, (*bucketemptier.EmptierProps)(nil).Validate(), "invalid bucketemptier.EmptierProps:\n  - Buckets: must have at least one bucket")
}
