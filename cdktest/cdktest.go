// Package cdktest tests stacks of the AWS CDK from Go.
//
// A stack is synthesised once and its template is read as JSON in Go: assertions then cost microseconds instead of a
// round trip to the CDK's JavaScript each, and a failed one reports through testing.T, where the CDK's own assertions
// panic and end the whole test binary.
//
//	func TestMain(m *testing.M) { cdktest.Main(m) }
//
//	func TestQueueIsEncrypted(t *testing.T) {
//		stack := cdktest.Stack(t)
//		workqueue.NewQueue(stack, "Orders", nil)
//		cdktest.Synth(t, stack).Has("AWS::SQS::Queue", cdktest.Object{"SqsManagedSseEnabled": true})
//	}
//
// The jsii runtime below the CDK is not safe for concurrent use: don't define or synthesise constructs in parallel
// tests. A Template is plain data, so assertions on it may run in parallel.
package cdktest

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/gkampitakis/go-snaps/snaps"
)

// Account and Region are the environment of the stacks that Stack makes.
const (
	Account = "111111111111"
	Region  = "us-east-1"
)

// Main runs the tests of a package that uses the CDK, and exits. Call it from TestMain.
//
// It turns the CDK's template validation off unless CDK_VALIDATION is set (validation is about three quarters of the
// time of a synth), keeps what jsii leaves behind in a temporary folder that it removes, and fails when a snapshot is
// obsolete. UPDATE_SNAPS=true removes it. With -run or -skip, snapshots of tests that do not run are left alone.
func Main(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	jsii.Close() // package init of awscdk made a client with the environment of then; the next one sees ours
	tmp, err := os.MkdirTemp("", "cdktest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "cdktest:", err)
		return 1
	}
	defer os.RemoveAll(tmp)
	setenv("TMPDIR", tmp)
	if os.Getenv("CDK_VALIDATION") == "" {
		setenv("CDK_VALIDATION", "false")
	}
	code := m.Run()
	if selected() {
		return code
	}
	obsolete, err := snaps.Clean(m)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "cdktest: looking for obsolete snapshots:", err)
		return 1
	case obsolete && code == 0 && os.Getenv("UPDATE_SNAPS") == "":
		fmt.Fprintln(os.Stderr, "cdktest: obsolete snapshots, see above; remove them with UPDATE_SNAPS=true go test")
		return 1
	}
	return code
}

// selected tells whether flags choose among the tests: nobody knows then which snapshots are obsolete.
func selected() bool {
	return flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.skip").Value.String() != ""
}

func setenv(key, value string) {
	if err := os.Setenv(key, value); err != nil {
		panic(err) // only for a malformed key
	}
}

// App returns an app whose cloud assembly goes to a temporary folder of the test. Analytics are off, so that templates
// hold nothing but what the test defines. The context is that of a new CDK app: no feature flag is set.
func App(t testing.TB, context map[string]any) awscdk.App {
	t.Helper()
	return awscdk.NewApp(&awscdk.AppProps{
		Outdir:             jsii.String(t.TempDir()),
		AnalyticsReporting: jsii.Bool(false),
		Context:            &context,
	})
}

// Stack returns an empty stack named Test in an app of its own, in the environment Account and Region.
func Stack(t testing.TB) awscdk.Stack {
	t.Helper()
	return StackIn(App(t, nil), "Test")
}

// StackIn returns an empty stack in app, in the environment Account and Region. Its template has no bootstrap rule and
// no parameter for it.
func StackIn(app awscdk.App, name string) awscdk.Stack {
	return awscdk.NewStack(app, &name, &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(Account), Region: jsii.String(Region)},
		Synthesizer: awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{
			GenerateBootstrapVersionRule: jsii.Bool(false),
		}),
	})
}

// Panic runs f and returns the error that it panics with, or nil when it does not panic. A panic with something that is
// no error is returned as one with its text.
func Panic(f func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = p
		default:
			err = fmt.Errorf("%v", p)
		}
	}()
	f()
	return nil
}
