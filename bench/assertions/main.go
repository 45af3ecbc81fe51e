// Command assertions makes 100 assertions on the template of one stack, in turn on the synthesised JSON with package
// cdktest and through jsii with the CDK's own assertions, and prints the seconds of each round as JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/cdktest"
)

const (
	queue = "AWS::SQS::Queue"
	topic = "AWS::SNS::Topic"
	pairs = 50 // a queue and a topic, with an assertion each
)

// tb is a testing.TB outside of a test: a failed assertion ends the program.
type tb struct{ testing.TB }

func (tb) Helper()                           {}
func (tb) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (tb) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func main() {
	rounds := flag.Int("n", 5, "rounds, after one that is not counted")
	flag.Parse()
	if err := run(*rounds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(rounds int) error {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Test"), nil)
	for i := range pairs {
		awssqs.NewQueue(stack, jsii.Sprintf("Queue%d", i), &awssqs.QueueProps{DeliveryDelay: awscdk.Duration_Seconds(jsii.Number(i))})
		awssns.NewTopic(stack, jsii.Sprintf("Topic%d", i), &awssns.TopicProps{DisplayName: jsii.Sprintf("Topic %d", i)})
	}
	path := filepath.Join(*app.Synth(nil).Directory(), *stack.TemplateFile())

	seconds := map[string][]float64{}
	for round := range rounds + 1 {
		inGo, throughJsii := timed(func() { assertInGo(path) }), timed(func() { assertThroughJsii(stack) })
		if round > 0 {
			seconds["go"] = append(seconds["go"], inGo)
			seconds["jsii"] = append(seconds["jsii"], throughJsii)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(seconds)
}

func assertInGo(path string) {
	template := cdktest.Read(tb{}, path)
	for i := range pairs {
		template.Has(queue, cdktest.Object{"DelaySeconds": i})
		template.Has(topic, cdktest.Object{"DisplayName": fmt.Sprintf("Topic %d", i)})
	}
}

func assertThroughJsii(stack awscdk.Stack) {
	template := assertions.Template_FromStack(stack, nil)
	for i := range pairs {
		template.HasResourceProperties(jsii.String(queue), map[string]any{"DelaySeconds": i})
		template.HasResourceProperties(jsii.String(topic), map[string]any{"DisplayName": fmt.Sprintf("Topic %d", i)})
	}
}

func timed(f func()) float64 {
	start := time.Now()
	f()
	return time.Since(start).Seconds()
}
