package amicopy_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/amicopy"
)

func TestCopyProps_Validate(t *testing.T) {
	type props = amicopy.CopyProps
	const either = "SourceImage: must be given, or SourceName and SourceOwner: one of both"
	const name = "Name: must be 3 to 100 letters, digits, spaces and ( ) [ ] . / - ' @ _, got "
	const token = "${Token[TOKEN.1]}"
	cdktest.ValidateTable(t, func() props { return props{SourceRegion: "us-east-1", SourceImage: "ami-0123456789abcdef0"} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "by name", Edit: func(p *props) { p.SourceImage, p.SourceName, p.SourceOwner = "", "orders-*", "123456789012" }},
		{Name: "tokens", Edit: func(p *props) { p.SourceRegion, p.SourceImage, p.SourceKeyARN, p.Name = token, token, token, token }},
		{Name: "key", Edit: func(p *props) { p.SourceKeyARN = "arn:aws:kms:us-east-1:111111111111:key/a" }},
		{Name: "limits", Edit: func(p *props) {
			p.Keep, p.Name, p.Architecture, p.LogRetentionDays = 100, strings.Repeat("n", 100), "x86_64", 1
		}},
		{Name: "zero", Edit: func(p *props) { *p = props{} }, Want: []string{`SourceRegion: must be a region such as eu-central-1, got ""`, either}},
		{Name: "both", Edit: func(p *props) { p.SourceName = "a*" }, Want: []string{either}},
		{Name: "name without owner", Edit: func(p *props) { p.SourceImage, p.SourceName = "", "ab" }, Want: []string{
			"SourceName: must be 3 to 128 characters, got 2", `SourceOwner: must be an account of 12 digits, "self" or "amazon", got ""`,
		}},
		{Name: "long source name", Edit: func(p *props) { p.SourceImage, p.SourceName, p.SourceOwner = "", strings.Repeat("n", 129), "self" }, Want: []string{
			"SourceName: must be 3 to 128 characters, got 129",
		}},
		{Name: "others", Edit: func(p *props) {
			p.SourceImage, p.SourceKeyARN, p.Name, p.Keep = "ami-x", "arn:aws:kms:us-west-2:111111111111:key/a", "a!", 1
			p.Architecture, p.LogRetentionDays, p.RemovalPolicy = "z80", 2, awscdk.RemovalPolicy_SNAPSHOT
		}, Want: []string{
			`SourceImage: must be the id of an image, such as ami-0123456789abcdef0, got "ami-x"`,
			`SourceKeyARN: must be the ARN of a key in SourceRegion, got "arn:aws:kms:us-west-2:111111111111:key/a"`,
			name + `"a!"`,
			"Keep: must be between 2 and 100, got 1",
			"Architecture: must be one of arm64, x86_64, got z80",
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
			"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT",
		}},
		{Name: "name", Edit: func(p *props) { p.Name = strings.Repeat("n", 101) }, Want: []string{name + fmt.Sprintf("%q", strings.Repeat("n", 101))}},
		{Name: "tags", Edit: func(p *props) {
			p.Tags = map[string]string{"": "a", "AWS:x": "b", "strata:amicopy": "c", "long": strings.Repeat("v", 257), strings.Repeat("k", 129): ""}
		}, Want: []string{
			`Tags[""]: must have a key of 1 to 128 characters that does not start with "aws:"`,
			`Tags["AWS:x"]: must have a key of 1 to 128 characters that does not start with "aws:"`,
			fmt.Sprintf(`Tags[%q]: must have a key of 1 to 128 characters that does not start with "aws:"`, strings.Repeat("k", 129)),
			`Tags["long"]: must be at most 256 characters, got 257`,
			`Tags["strata:amicopy"]: must have another key: copies are found by this one`,
		}},
		{Name: "many tags", Edit: func(p *props) {
			p.Tags = map[string]string{}
			for i := range 49 {
				p.Tags[strconv.Itoa(i)] = "v"
			}
		}, Want: []string{"Tags: must be at most 48, got 49"}},
	})
	require.Error(t, (*props)(nil).Validate())
}
