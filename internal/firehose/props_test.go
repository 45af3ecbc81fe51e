package firehose_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/firehose"
)

// props have the Validate of patterns.
type props struct{ firehose.Props }

func (p *props) Validate() error {
	c, d := check.For("firehose.Props"), p.WithDefaults()
	d.Validate(c)
	return c.Err()
}

func TestProps_Validate(t *testing.T) {
	type bucket struct{ awss3.IBucket }
	cdktest.ValidateTable[props](t, func() props { return props{} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "format", Edit: func(p *props) { p.Format = "ORC" }, Want: []string{"Format: must be one of JSON, Messages, Parquet, got ORC"}},
		{Name: "expiry", Edit: func(p *props) { p.ExpireDays = -1 }, Want: []string{"ExpireDays: must be 0 or more, got -1"}},
		{Name: "given bucket", Edit: func(p *props) {
			p.Bucket, p.ExpireDays, p.ConfigureBucket = bucket{}, 3, func(*awss3.BucketProps) {}
		}, Want: []string{"ExpireDays: must be left out with Bucket", "ConfigureBucket: must be left out with Bucket"}},
		{Name: "prefixes", Edit: func(p *props) { p.Prefix, p.ErrorPrefix = "a b/", "!{x}/" }, Want: []string{
			`Prefix: must be folders of letters, digits, ., _, = and -, each with a / behind it, at most 512 characters, got "a b/"`,
			`ErrorPrefix: must be folders of letters, digits, ., _, = and -, each with a / behind it, at most 512 characters, got "!{x}/"`,
		}},
		{Name: "no slash", Edit: func(p *props) { p.Prefix = "a" }, Want: []string{
			`Prefix: must be folders of letters, digits, ., _, = and -, each with a / behind it, at most 512 characters, got "a"`,
		}},
		{Name: "errors within", Edit: func(p *props) { p.Prefix, p.ErrorPrefix = "a/", "a/b/" }, Want: []string{
			`ErrorPrefix: must be neither within Prefix nor around it, got "a/b/" and "a/"`,
		}},
		{Name: "errors around", Edit: func(p *props) { p.Prefix, p.ErrorPrefix = "a/b/", "a/" }, Want: []string{
			`ErrorPrefix: must be neither within Prefix nor around it, got "a/" and "a/b/"`,
		}},
		{Name: "smallest", Edit: func(p *props) { p.BufferSize, p.BufferInterval, p.StaleAfter = 1, time.Second, 2*time.Second }},
		{Name: "largest", Edit: func(p *props) { p.BufferSize, p.BufferInterval = 128, 15*time.Minute }},
		{Name: "small parquet", Edit: func(p *props) { p.Format, p.BufferSize = firehose.Parquet, 63 }, Want: []string{
			"BufferSize: must be between 64 and 128, got 63",
		}},
		{Name: "size", Edit: func(p *props) { p.BufferSize = 129 }, Want: []string{"BufferSize: must be between 1 and 128, got 129"}},
		{Name: "interval", Edit: func(p *props) { p.BufferInterval = 16 * time.Minute }, Want: []string{
			"BufferInterval: must be between 1s and 15m0s, got 16m0s",
		}},
		{Name: "parts of seconds", Edit: func(p *props) { p.BufferInterval, p.StaleAfter = 1500*time.Millisecond, 2500*time.Millisecond }, Want: []string{
			"BufferInterval: must be whole seconds, got 1.5s", "StaleAfter: must be whole seconds, got 2.5s",
		}},
		{Name: "stale", Edit: func(p *props) { p.StaleAfter = 5 * time.Minute }, Want: []string{
			"StaleAfter: must be longer than BufferInterval, 5m0s, got 5m0s",
		}},
		{Name: "rest", Edit: func(p *props) { p.LogRetentionDays, p.RemovalPolicy = 2, "KEEP" }, Want: []string{
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
			"RemovalPolicy: must be one of RETAIN, DESTROY, got KEEP",
		}},
	})
}
