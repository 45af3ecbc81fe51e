//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/strata-cdk/strata/e2e/cdkcli"
	"github.com/strata-cdk/strata/e2e/emulator"
	"github.com/strata-cdk/strata/e2e/notes"
)

// apiStack is the stack whose Url output this command calls.
const apiStack = "Api"

func (l *local) up(ctx context.Context, api string) error {
	config, err := localConfig(api)
	if err != nil {
		return err
	}
	begin := time.Now()
	e, err := l.start(ctx)
	if err != nil {
		return err
	}
	cdk := l.cdk(e)
	cdk.Config = config
	names, err := l.synth(ctx, e, cdk)
	if err != nil {
		return err
	}
	cdk.App, cdk.Config = l.assembly(), cdkcli.Config{}
	if err := l.bootstrap(ctx, e, cdk); err != nil {
		return err
	}
	start := time.Now()
	l.say("Deploying %s ...", strings.Join(names, ", "))
	d, err := cdk.Deploy(ctx, names, l.outputsFile())
	if err != nil {
		return err
	}
	if len(d.Unchanged) == len(names) {
		l.say("No changes (%s).", since(start))
	} else {
		l.say("Deployed (%s).", since(start))
	}
	if !slices.Contains(names, apiStack) {
		return fmt.Errorf("the stack %s is not among the deployed ones, so there is no API to call", apiStack)
	}
	if err := l.tryAPI(ctx, e); err != nil {
		return fmt.Errorf("the stacks are deployed, but the API does not work: %w", err)
	}
	l.say("Ready after %s.", since(begin))
	return nil
}

// localConfig is the app's configuration for this machine: functions run on its own processor.
func localConfig(api string) (cdkcli.Config, error) {
	c := cdkcli.Config{Stage: "local", API: api}
	if api != "REST" && api != "HTTP" {
		return c, fmt.Errorf("--api must be REST or HTTP, got %q", api)
	}
	switch runtime.GOARCH {
	case "amd64":
		c.Architecture = "x86_64"
	case "arm64":
		c.Architecture = "arm64"
	default:
		return c, fmt.Errorf("Lambda has no architecture for this machine's %s", runtime.GOARCH)
	}
	return c, nil
}

func (l *local) start(ctx context.Context) (*emulator.Emulator, error) {
	start := time.Now()
	e, err := emulator.Attach(ctx, l.options())
	if err != nil {
		if e != nil {
			err = fmt.Errorf("%w\nEnd it with: make stop-local", err)
		}
		return nil, err
	}
	if e != nil {
		l.say("The emulator already runs on %s.", e.Endpoint())
		return e, nil
	}
	l.say("Starting the emulator ...")
	e, err = emulator.Start(ctx, l.options())
	if err != nil {
		return nil, err
	}
	l.say("The emulator runs on %s (%s).", e.Endpoint(), since(start))
	return e, nil
}

// synth makes the assembly and returns the stacks that can be deployed, after naming those that cannot.
func (l *local) synth(ctx context.Context, e *emulator.Emulator, cdk *cdkcli.CLI) ([]string, error) {
	start := time.Now()
	l.say("Synthesizing stage %s, %s, %s API ...", cdk.Config.Stage, cdk.Config.Architecture, cdk.Config.API)
	if err := cdkcli.Prefetch(ctx, l.root); err != nil {
		return nil, err
	}
	if _, err := cdk.Synth(ctx, l.assembly()); err != nil {
		return nil, err
	}
	types, err := e.SupportedTypes(ctx)
	if err != nil {
		return nil, err
	}
	pruned, err := cdkcli.Prune(l.assembly(), types)
	if err != nil {
		return nil, err
	}
	stacks, err := cdkcli.ReadAssembly(l.assembly())
	if err != nil {
		return nil, err
	}
	names, leftOut := cdkcli.Deployable(stacks, types)
	l.say("Synthesized %d stacks (%s).", len(stacks), since(start))
	for _, name := range slices.Sorted(maps.Keys(pruned)) {
		l.say("Left out of %s, because the emulator does not have them: %s.", name, strings.Join(pruned[name], ", "))
	}
	for _, o := range leftOut {
		l.say("Left out: %s, because %s.", o.Stack, o.Because)
	}
	if len(names) == 0 {
		return nil, errors.New("there is no stack to deploy")
	}
	return names, nil
}

func (l *local) bootstrap(ctx context.Context, e *emulator.Emulator, cdk *cdkcli.CLI) error {
	start := time.Now()
	_, err := ssm.NewFromConfig(e.Config()).GetParameter(ctx, &ssm.GetParameterInput{Name: new("/cdk-bootstrap/hnb659fds/version")})
	if err == nil {
		l.say("The account is bootstrapped already.")
		return nil
	}
	if _, missing := errors.AsType[*types.ParameterNotFound](err); !missing {
		return fmt.Errorf("cannot see whether the account is bootstrapped: %w", err)
	}
	l.say("Bootstrapping the account ...")
	if err := cdk.Bootstrap(ctx); err != nil {
		return err
	}
	l.say("Bootstrapped (%s).", since(start))
	return nil
}

// client makes a client for the API of the last deployment.
func (l *local) client(e *emulator.Emulator) (*notes.Client, error) {
	b, err := os.ReadFile(l.outputsFile())
	if err != nil {
		return nil, err
	}
	var outputs map[string]map[string]string
	if err := json.Unmarshal(b, &outputs); err != nil {
		return nil, err
	}
	return notes.New(e, outputs[apiStack]["Url"])
}

// tryAPI creates a note, reads it back and lists the notes, and shows how to do the same with curl.
func (l *local) tryAPI(ctx context.Context, e *emulator.Emulator) error {
	client, err := l.client(e)
	if err != nil {
		return err
	}
	l.say("\nURL: %s", client.URL(""))
	l.say("curl --cacert %s --user %s:%s --aws-sigv4 aws:amz:%s:execute-api '%s'\n",
		e.CACert(), emulator.Key, emulator.Secret, emulator.Region, client.URL("notes?limit=5"))

	made, err := client.Create(ctx, "From "+time.Now().Format(time.TimeOnly), "Deployed on this machine.")
	if err != nil {
		return err
	}
	l.answer("POST /notes", made)
	read, err := client.Get(ctx, made.ID)
	if err != nil {
		return err
	}
	l.answer("GET /notes/"+made.ID, read)
	if read != made {
		return errors.New("the note that was read is not the one that was made")
	}
	page, err := client.List(ctx, 5, "")
	if err != nil {
		return err
	}
	l.answer("GET /notes?limit=5", page)
	if !slices.Contains(page.Notes, made) {
		return errors.New("the new note is not in the list")
	}
	unsigned := *client
	unsigned.Credentials = aws.Credentials{}
	resp, err := unsigned.Do(ctx, "GET", "notes", nil)
	if err != nil {
		return err
	}
	if resp.Status != http.StatusForbidden {
		return fmt.Errorf("an unsigned request got status %d instead of 403", resp.Status)
	}
	l.say("GET /notes, unsigned\n  %s\n", resp.Body)
	return nil
}

func (l *local) answer(request string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		b = []byte(err.Error())
	}
	l.say("%s\n  %s", request, b)
}
