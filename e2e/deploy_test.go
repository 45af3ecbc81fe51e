//go:build e2e && unix

package e2e

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/cdkcli"
	"github.com/strata-cdk/strata/e2e/emulator"
	"github.com/strata-cdk/strata/e2e/notes"
)

var allStacks = []string{"Api", "Network", "Observability", "Web"}

func TestREST(t *testing.T) { lifecycle(t, "REST") }

func TestHTTP(t *testing.T) { lifecycle(t, "HTTP") }

// lifecycle takes one kind of API from an empty account to an empty account. Each step needs those before it.
func lifecycle(t *testing.T, api string) {
	e := startEmulator(t)
	source := newCLI(t, e, root, api)
	source.App = "" // what cdk.json names: go run .
	assembly, pruned := synth(t, e, source)
	var outputs, web map[string]string
	steps := []struct {
		name string
		run  func(t *testing.T)
	}{
		{"what the emulator does not have", func(t *testing.T) {
			require.Equal(t, map[string][]string{
				"Observability": {"AWS::CloudWatch::CompositeAlarm"},
				"Web": {
					"AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy", "AWS::EC2::SecurityGroupEgress",
					"AWS::EC2::SecurityGroupIngress", "AWS::ECS::ClusterCapacityProviderAssociations", "AWS::WAFv2::LoggingConfiguration",
					"AWS::WAFv2::WebACLAssociation",
				},
			}, pruned)
		}},
		{"without bootstrap", func(t *testing.T) { notBootstrapped(t, e, assembly) }},
		{"bootstrap", func(t *testing.T) {
			require.NoError(t, assembly.Bootstrap(t.Context()))
			out, err := preflight(t, e)
			require.NoError(t, err, out)
			require.Contains(t, out, "Account: "+emulator.Account+"\nRegion: us-east-1")
		}},
		{"deploy", func(t *testing.T) {
			d, err := deploy(t, assembly)
			require.NoError(t, err)
			require.Empty(t, d.Unchanged)
			require.ElementsMatch(t, allStacks, stacks(t, e))
			outputs, web = d.Outputs["Api"], d.Outputs["Web"]
		}},
		{"notes", func(t *testing.T) { useNotes(t, e, outputs) }},
		{"page", func(t *testing.T) { page(t, e, web) }},
		{"permissions", func(t *testing.T) { permissions(t, e, outputs) }},
		{"no changes", func(t *testing.T) {
			again, _ := synth(t, e, newCLI(t, e, root, api))
			d, err := deploy(t, again)
			require.NoError(t, err)
			require.ElementsMatch(t, allStacks, d.Unchanged)
			require.Equal(t, outputs, d.Outputs["Api"])
		}},
		{"a changed function", func(t *testing.T) { changed(t, e, api, outputs) }},
		{"destroy", func(t *testing.T) {
			require.NoError(t, assembly.Destroy(t.Context()))
			left, err := e.Inventory(t.Context())
			require.NoError(t, err)
			require.Empty(t, left)
		}},
	}
	for _, s := range steps {
		if !t.Run(s.name, s.run) {
			return
		}
	}
}

func notBootstrapped(t *testing.T, e *emulator.Emulator, assembly *cdkcli.CLI) {
	_, err := deploy(t, assembly)
	failed := requireFailure(t, err)
	require.Contains(t, failed.Output, "Please run 'cdk bootstrap'")
	require.Empty(t, stacks(t, e))

	out, err := preflight(t, e)
	require.Error(t, err)
	require.Contains(t, out, "Error: account "+emulator.Account+" is not bootstrapped for the CDK in region us-east-1; run make bootstrap once, then try again\n")
}

// useNotes checks what the service promises to its callers, and that it is in the table.
func useNotes(t *testing.T, e *emulator.Emulator, outputs map[string]string) {
	ctx := t.Context()
	client, err := notes.New(e, outputs["Url"])
	require.NoError(t, err)

	var newestFirst []notes.Note
	for _, title := range []string{"one", "two", "three", "four", "five"} {
		n, err := client.Create(ctx, title, "The note "+title+", ünï ✓")
		require.NoError(t, err)
		require.Equal(t, title, n.Title)
		newestFirst = append([]notes.Note{n}, newestFirst...)
	}
	read, err := client.Get(ctx, newestFirst[2].ID)
	require.NoError(t, err)
	require.Equal(t, newestFirst[2], read)

	var pages [][]notes.Note
	for next, more := "", true; more; more = next != "" {
		page, err := client.List(ctx, 2, next)
		require.NoError(t, err)
		pages, next = append(pages, page.Notes), page.Next
		require.LessOrEqual(t, len(pages), 3)
	}
	require.Equal(t, [][]notes.Note{newestFirst[:2], newestFirst[2:4], newestFirst[4:]}, pages)

	require.NoError(t, client.Delete(ctx, newestFirst[0].ID))
	status(t, client, http.MethodGet, "notes/"+newestFirst[0].ID, "", http.StatusNotFound, `{"message":"not found"}`)
	page, err := client.List(ctx, 100, "")
	require.NoError(t, err)
	require.Equal(t, newestFirst[1:], page.Notes)
	require.Empty(t, page.Next)

	rows, err := dynamodb.NewFromConfig(e.Config()).Scan(ctx, &dynamodb.ScanInput{TableName: aws.String(outputs["TableName"])})
	require.NoError(t, err)
	require.Len(t, rows.Items, 4)

	status(t, client, http.MethodGet, "notes/01890000-0000-7000-8000-000000000000", "", http.StatusNotFound, `{"message":"not found"}`)
	resp, err := client.Do(ctx, http.MethodPost, "notes", []byte(`{"title":"","body":7}`))
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, resp.Status, "%s", resp.Body)
	var refusal struct {
		Message  string
		Problems []struct{ Field, Problem string }
	}
	require.NoError(t, json.Unmarshal(resp.Body, &refusal))
	require.Len(t, refusal.Problems, 2, "%s", resp.Body)
	require.ElementsMatch(t, []string{"title", "body"}, []string{refusal.Problems[0].Field, refusal.Problems[1].Field})
	resp, err = client.Do(ctx, http.MethodGet, "notes?limit=1000", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, resp.Status)
	require.Contains(t, string(resp.Body), `"field":"limit"`)
}

// page checks that the load balancer of Web sends requests to its target group, and that the service runs what the template
// says. The emulator runs no containers, so a server of this test answers.
func page(t *testing.T, e *emulator.Emulator, outputs map[string]string) {
	u, err := url.Parse(outputs["Url"])
	require.NoError(t, err)
	groups := query(t, e, "elasticloadbalancing", "2015-12-01", url.Values{"Action": {"DescribeTargetGroups"}})
	arn := regexp.MustCompile(`<TargetGroupArn>([^<]*/Web-PageTarget[^<]*)</TargetGroupArn>`).FindStringSubmatch(groups)
	require.NotNil(t, arn, groups)
	serve(t, e, arn[1], "Page")
	resp := call(t, e, http.MethodGet, u.Host, "/", nil)
	require.Equal(t, http.StatusOK, resp.Status, "%s", resp.Body)
	require.Equal(t, "Page GET /", string(resp.Body))
}

// permissions checks that callers need a valid signature and a policy, and that each sees only their own notes.
func permissions(t *testing.T, e *emulator.Emulator, outputs map[string]string) {
	client, err := notes.New(e, outputs["Url"])
	require.NoError(t, err)
	id, _, _ := strings.Cut(strings.TrimPrefix(outputs["Url"], "https://"), ".")
	reader := newUser(t, e, "reader", map[string]any{
		"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:us-east-1:" + emulator.Account + ":" + id + "/live/GET/*",
	})
	nobody := newUser(t, e, "nobody", nil)
	forged := aws.Credentials{AccessKeyID: reader.AccessKeyID, SecretAccessKey: nobody.SecretAccessKey}

	refused := func(credentials aws.Credentials, method string) {
		t.Helper()
		c := *client
		c.Credentials = credentials
		resp, err := c.Do(t.Context(), method, "notes", []byte(`{"title":"a","body":"b"}`))
		require.NoError(t, err)
		require.Equal(t, http.StatusForbidden, resp.Status, "%s", resp.Body)
	}
	refused(aws.Credentials{}, http.MethodPost)
	refused(nobody, http.MethodPost)
	refused(forged, http.MethodPost)
	refused(reader, http.MethodPost)

	own, err := client.List(t.Context(), 100, "")
	require.NoError(t, err)
	require.Len(t, own.Notes, 4, "nothing that was refused has been stored")
	theirs := *client
	theirs.Credentials = reader
	page, err := theirs.List(t.Context(), 100, "")
	require.NoError(t, err)
	require.Empty(t, page.Notes, "the notes belong to somebody else")
	status(t, &theirs, http.MethodGet, "notes/"+own.Notes[0].ID, "", http.StatusNotFound, `{"message":"not found"}`)
}

func changed(t *testing.T, e *emulator.Emulator, api string, outputs map[string]string) {
	client, err := notes.New(e, outputs["Url"])
	require.NoError(t, err)
	before, err := client.List(t.Context(), 100, "")
	require.NoError(t, err)

	dir := copyRepo(t)
	replace(t, filepath.Join(dir, "functions", "notes", "handler.go"), `message{"not found"}`, `message{"there is no such note"}`)
	assembly, _ := synth(t, e, newCLI(t, e, dir, api))
	d, err := deploy(t, assembly)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"Network", "Observability", "Web"}, d.Unchanged)
	require.Equal(t, outputs, d.Outputs["Api"], "the address stays")

	status(t, client, http.MethodGet, "notes/01890000-0000-7000-8000-000000000000", "", http.StatusNotFound, `{"message":"there is no such note"}`)
	after, err := client.List(t.Context(), 100, "")
	require.NoError(t, err)
	require.Equal(t, before, after, "the notes stay")
}

// These mistakes are found before anything is deployed, in an account that is ready for it.
func TestMistakes(t *testing.T) {
	e := startEmulator(t)
	empty := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(empty, "cdk.json"), []byte("{}"), 0o644))
	require.NoError(t, (&cdkcli.CLI{Dir: empty, Env: e.Env()}).Bootstrap(t.Context()))
	t.Run("a function that cannot be built", func(t *testing.T) {
		c := newCLI(t, e, copyRepo(t), "REST")
		bad := filepath.Join(c.Dir, "functions", "notes", "broken.go")
		require.NoError(t, os.WriteFile(bad, []byte("package main\n\nvar broken int = \"no number\"\n"), 0o644))
		output, err := c.Run(t.Context(), "deploy", "--all", "--require-approval", "never")
		requireFailure(t, err)
		require.Contains(t, output, "functions/notes")
		require.Contains(t, output, "broken.go:3", "what the compiler says")
		requireNoTrace(t, output)
	})
	t.Run("a bad configuration", func(t *testing.T) {
		c := newCLI(t, e, root, "SOAP")
		c.Config.Stage, c.Config.Architecture = "moon", "z80"
		output, err := c.Run(t.Context(), "deploy", "--all", "--require-approval", "never")
		requireFailure(t, err)
		for _, problem := range []string{"stage: must be one of dev, prod, local", "architecture: must be one of arm64, x86_64", "api: must be one of REST, HTTP"} {
			require.Contains(t, output, problem)
		}
		requireNoTrace(t, output)
	})
	left, err := e.Inventory(t.Context())
	require.NoError(t, err)
	require.Empty(t, left)
}

func requireNoTrace(t *testing.T, output string) {
	t.Helper()
	for _, trace := range []string{"goroutine ", "panic: ", "    at "} {
		require.NotContains(t, output, trace)
	}
}

func TestCLI_RefusesOtherMachines(t *testing.T) {
	c := &cdkcli.CLI{Dir: root, Env: []string{"PATH=" + os.Getenv("PATH"), "AWS_ENDPOINT_URL=https://example.com"}}
	_, err := c.Run(t.Context(), "deploy")
	require.ErrorContains(t, err, "https://example.com is not on this machine")
	c.Env = c.Env[:1]
	_, err = c.Run(t.Context(), "deploy")
	require.ErrorContains(t, err, "AWS clients would talk to a real account")
}

func requireFailure(t *testing.T, err error) *cdkcli.Error {
	t.Helper()
	require.Error(t, err)
	failed, ok := errors.AsType[*cdkcli.Error](err)
	require.True(t, ok, "%v", err)
	exit, ok := errors.AsType[*exec.ExitError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, 1, exit.ExitCode())
	return failed
}

func status(t *testing.T, c *notes.Client, method, path, body string, want int, answer string) {
	t.Helper()
	resp, err := c.Do(t.Context(), method, path, []byte(body))
	require.NoError(t, err)
	require.Equal(t, want, resp.Status, "%s", resp.Body)
	require.JSONEq(t, answer, string(resp.Body))
}

// preflight runs the check that make deploy runs.
func preflight(t *testing.T, e *emulator.Emulator) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program(t, "./internal/preflight"))
	cmd.Dir, cmd.Env = root, e.Env()
	out, err := cmd.CombinedOutput()
	return string(out), err
}
