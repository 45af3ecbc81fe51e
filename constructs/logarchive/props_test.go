package logarchive_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/logarchive"
	"github.com/strata-cdk/strata/constructs/logs"
)

type (
	fakeGroup  struct{ awslogs.ILogGroup }
	fakeBucket struct{ awss3.IBucket }
)

func TestArchiveProps_Validate(t *testing.T) {
	type props = logarchive.ArchiveProps
	const (
		days   = 24 * time.Hour
		only   = ": must be left out with Bucket"
		window = "Export.Window: must be between 1h0m0s and 720h0m0s, got "
		lag    = "Export.Lag: must be between 12h0m0s and 720h0m0s, got "
		every  = "Export.Every: must be between 5m0s and 24h0m0s, got "
	)
	cdktest.ValidateTable(t, func() props {
		return props{LogGroups: []awslogs.ILogGroup{fakeGroup{}}, Export: &logarchive.Export{}}
	}, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "no group", Edit: func(p *props) { p.LogGroups = nil }, Want: []string{"LogGroups: must be between 1 and 100, got 0"}},
		{Name: "most groups", Edit: func(p *props) { p.LogGroups = slices.Repeat([]awslogs.ILogGroup{fakeGroup{}}, 100) }},
		{Name: "too many groups", Edit: func(p *props) { p.LogGroups = slices.Repeat([]awslogs.ILogGroup{fakeGroup{}}, 101) },
			Want: []string{"LogGroups: must be between 1 and 100, got 101"}},
		{Name: "nil group", Edit: func(p *props) { p.LogGroups = append(p.LogGroups, nil) }, Want: []string{"LogGroups[1]: must be given"}},
		{Name: "shortest", Edit: func(p *props) {
			p.Export = &logarchive.Export{Window: time.Hour, Lag: 12 * time.Hour, Every: 5 * time.Minute, From: time.Unix(0, 0), BehindWindows: 1}
		}},
		{Name: "longest", Edit: func(p *props) {
			p.Export = &logarchive.Export{Window: 30 * days, Lag: 30 * days, Every: days, From: time.Unix(1<<33, 0)}
		}},
		{Name: "too short", Edit: func(p *props) {
			p.Export = &logarchive.Export{Window: 59 * time.Minute, Lag: 719 * time.Minute, Every: 4 * time.Minute, BehindWindows: -1}
		}, Want: []string{window + "59m0s", lag + "11h59m0s", every + "4m0s", "Export.BehindWindows: must be 1 or more, got -1"}},
		{Name: "too long", Edit: func(p *props) {
			p.Export = &logarchive.Export{Window: 30*days + time.Minute, Lag: 30*days + time.Minute, Every: days + time.Minute}
		}, Want: []string{window + "720h1m0s", lag + "720h1m0s", every + "24h1m0s"}},
		{Name: "seconds", Edit: func(p *props) {
			p.Export = &logarchive.Export{Window: time.Hour + time.Second, Lag: days + time.Second, Every: time.Hour + time.Second}
		}, Want: []string{
			"Export.Window: must be whole minutes, got 1h0m1s", "Export.Lag: must be whole minutes, got 24h0m1s", "Export.Every: must be whole minutes, got 1h0m1s",
		}},
		{Name: "too early", Edit: func(p *props) { p.Export.From = time.Unix(-1, 0) }, Want: []string{"Export.From: must be 1970 or later, got 1969-12-31T23:59:59Z"}},
		{Name: "continuous", Edit: func(p *props) {
			p.Export, p.Format = nil, logs.Parquet
			p.ConfigureStream = func(*awskinesisfirehose.CfnDeliveryStreamProps) {}
		}},
		{Name: "format", Edit: func(p *props) { p.Export, p.Format = nil, "XML" }, Want: []string{"Format: must be one of JSON, Messages, Parquet, got XML"}},
		{Name: "export and what goes without", Edit: func(p *props) {
			p.Format, p.ConfigureStream = logs.JSON, func(*awskinesisfirehose.CfnDeliveryStreamProps) {}
		}, Want: []string{"Format: must be left out with Export", "ConfigureStream: must be left out with Export"}},
		{Name: "bucket", Edit: func(p *props) { p.Bucket = fakeBucket{} }},
		{Name: "bucket and what a new one has", Edit: func(p *props) {
			p.Bucket, p.GlacierAfterDays, p.KeepInStandard, p.ExpireAfterDays, p.LockDays = fakeBucket{}, 1, true, 1, 1
			p.ConfigureBucket = func(*awss3.BucketProps) {}
		}, Want: []string{"GlacierAfterDays" + only, "KeepInStandard" + only, "ExpireAfterDays" + only, "LockDays" + only, "ConfigureBucket" + only}},
		{Name: "glacier and not", Edit: func(p *props) { p.GlacierAfterDays, p.KeepInStandard = 1, true },
			Want: []string{"GlacierAfterDays: must be left out with KeepInStandard"}},
		{Name: "glacier at once", Edit: func(p *props) { p.GlacierAfterDays = 1 }},
		{Name: "glacier before", Edit: func(p *props) { p.GlacierAfterDays = -1 }, Want: []string{"GlacierAfterDays: must be 1 or more, got -1"}},
		{Name: "expiry", Edit: func(p *props) { p.ExpireAfterDays = 91 }},
		{Name: "expiry of what goes to glacier then", Edit: func(p *props) { p.ExpireAfterDays = 90 }, Want: []string{"ExpireAfterDays: must be more than 90, got 90"}},
		{Name: "expiry in standard", Edit: func(p *props) { p.KeepInStandard, p.ExpireAfterDays = true, 1 }},
		{Name: "expiry of what is locked", Edit: func(p *props) { p.LockDays, p.ExpireAfterDays = 100, 100 },
			Want: []string{"ExpireAfterDays: must be more than 100, got 100"}},
		{Name: "removal", Edit: func(p *props) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
		{Name: "longest lock", Edit: func(p *props) { p.LockDays = 36500 }},
		{Name: "locks", Edit: func(p *props) { p.LockDays = 36501 }, Want: []string{"LockDays: must be between 0 and 36500, got 36501"}},
		{Name: "negative lock", Edit: func(p *props) { p.LockDays = -1 }, Want: []string{"LockDays: must be between 0 and 36500, got -1"}},
	})
	assert.Error(t, (*props)(nil).Validate())
}
