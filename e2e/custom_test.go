//go:build e2e && unix

package e2e

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/cdkcli"
	"github.com/strata-cdk/strata/e2e/emulator"
)

const outside = "outside-of-every-stack"

// customCLI runs cdk for the app of custom resources.
func customCLI(t *testing.T, e *emulator.Emulator, special string) *cdkcli.CLI {
	t.Helper()
	c := newCLI(t, e, root, "")
	c.Config = cdkcli.Config{}
	c.App = fmt.Sprintf("%s %s %s '%s'", program(t, "./e2e/internal/custom"), map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH], outside, special)
	return c
}

func deployCustom(t *testing.T, e *emulator.Emulator, special, stack string) (*cdkcli.Deployment, error) {
	t.Helper()
	return customCLI(t, e, special).Deploy(t.Context(), []string{stack}, filepath.Join(t.TempDir(), "outputs.json"))
}

// A stack with custom resources, from its creation in several calls to its end.
func TestCustomResource(t *testing.T) {
	e := startEmulator(t)
	require.NoError(t, customCLI(t, e, "").Bootstrap(t.Context()))

	for special, reason := range map[string]string{
		"failing": "the quota of things is used up",
		"dying":   "the function ended without an answer: ",
	} {
		output, err := customCLI(t, e, special).Run(t.Context(), "deploy", "Things", "--require-approval", "never")
		requireFailure(t, err)
		require.Contains(t, output, reason)
		require.Contains(t, output, "ROLLBACK_COMPLETE")
		_, err = customCLI(t, e, special).Run(t.Context(), "destroy", "Things", "--force")
		require.NoError(t, err)
	}

	d, err := deployCustom(t, e, "", "Things")
	require.NoError(t, err)
	first := d.Outputs["Things"]
	require.Regexp(t, `^Things-Thing.*-[0-9a-f]{14}$`, first["Id"])
	require.Equal(t, "3", first["Calls"], "the state machine called three times")
	require.Equal(t, "first", first["Name"])

	d, err = deployCustom(t, e, "changed", "Things")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"Id": first["Id"], "Calls": "3", "Name": "second"}, d.Outputs["Things"], "the same resource, updated")

	output, err := customCLI(t, e, "failing").Run(t.Context(), "deploy", "Things", "--require-approval", "never")
	requireFailure(t, err)
	require.Contains(t, output, "the quota of things is used up")
	require.Contains(t, output, "UPDATE_ROLLBACK_COMPLET") // as cdk cuts it

	_, err = customCLI(t, e, "").Run(t.Context(), "destroy", "Things", "--force")
	require.NoError(t, err)
	require.Empty(t, leftBehind(t, e))
}

// leftBehind is what exists without log groups: the emulator writes a function's last lines after it has deleted the group, and so has
// it again. The roles of functions could not do that on AWS.
func leftBehind(t *testing.T, e *emulator.Emulator) []string {
	t.Helper()
	left, err := e.Inventory(t.Context())
	require.NoError(t, err)
	return slices.DeleteFunc(left, func(name string) bool { return strings.HasPrefix(name, "log group ") })
}

// versions are the versions and delete markers of a bucket.
func versions(t *testing.T, client *s3.Client, bucket string) (versions, markers int) {
	t.Helper()
	pages := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		versions, markers = versions+len(page.Versions), markers+len(page.DeleteMarkers)
	}
	return versions, markers
}

// fill writes two versions of 30 objects, and deletes 10 of them.
func fill(t *testing.T, client *s3.Client, bucket string) {
	t.Helper()
	for i := range 60 {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: &bucket, Key: aws.String(fmt.Sprintf("folder/ä +&%d", i%30)), Body: strings.NewReader(strconv.Itoa(i)),
		})
		require.NoError(t, err)
	}
	for i := range 10 {
		_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: aws.String(fmt.Sprintf("folder/ä +&%d", i))})
		require.NoError(t, err)
	}
}

func TestBucketEmptier(t *testing.T) {
	e := startEmulator(t)
	require.NoError(t, customCLI(t, e, "").Bootstrap(t.Context()))
	client := s3.NewFromConfig(e.Config(), func(o *s3.Options) { o.UsePathStyle = true })
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(outside)})
	require.NoError(t, err)
	_, err = client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: aws.String(outside), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	require.NoError(t, err)
	full := func(bucket string) {
		t.Helper()
		v, m := versions(t, client, bucket)
		require.Equal(t, []int{60, 10}, []int{v, m}, bucket)
	}

	d, err := deployCustom(t, e, "", "Buckets")
	require.NoError(t, err)
	inside := d.Outputs["Buckets"]["InsideName"]
	fill(t, client, outside)
	fill(t, client, inside)

	// The custom resource leaves the stack in an update, and comes again: nothing is emptied.
	for _, special := range []string{"released", ""} {
		_, err = deployCustom(t, e, special, "Buckets")
		require.NoError(t, err)
		full(outside)
		full(inside)
	}

	_, err = customCLI(t, e, "").Run(t.Context(), "destroy", "Buckets", "--force")
	require.NoError(t, err)
	v, m := versions(t, client, outside)
	require.Equal(t, []int{0, 0}, []int{v, m}, "really empty")
	policy, err := client.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String(outside)})
	require.NoError(t, err)
	require.Contains(t, *policy.Policy, `"Sid":"StrataBucketEmptier"`)
	require.Equal(t, []string{"bucket " + outside}, leftBehind(t, e), "the bucket of the stack is deleted, with all that was in it")
}
