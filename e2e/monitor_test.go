//go:build e2e && unix

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/cdkcli"
	"github.com/strata-cdk/strata/e2e/emulator"
)

// A value of a metric sets off the alarm of a Monitor, which tells its topic, which tells a queue: each alarm by itself, or the composite
// alarm of all.
func TestMonitor(t *testing.T) {
	e := startEmulator(t)
	c := newCLI(t, e, root, "")
	c.Config, c.App = cdkcli.Config{}, program(t, "./e2e/internal/monitored")
	cdk, pruned := synth(t, e, c)
	require.Equal(t, map[string][]string{"Composed": {"AWS::CloudWatch::CompositeAlarm"}}, pruned, "the rest is deployed")
	require.NoError(t, cdk.Bootstrap(t.Context()))

	each, composed := deployStack(t, cdk, "Each"), deployStack(t, cdk, "Composed")
	putComposites(t, e, c)
	require.Empty(t, told(t, e, each["ToldOutput"], 0), "all is well")
	require.Empty(t, told(t, e, composed["ToldOutput"], 0))

	// The emulator looks at the name of the metric only, so both alarms are set off.
	arrives(t, e, each["FailedOutput"], 1)
	got := told(t, e, each["ToldOutput"], 1)
	require.Contains(t, got[0], `"NewStateValue": "ALARM"`)
	require.Contains(t, got[0], "Messages are in the dead-letter queue")
	require.Contains(t, got[0], "https://example.com/runbook#aws-sqs-queue-deadletters")
	got = told(t, e, composed["ToldOutput"], 1)
	require.Len(t, got, 1)
	require.Contains(t, got[0], `"NewStateValue": "ALARM"`)
	require.Contains(t, got[0], "alarms of Composed are on", "not the alarm of the queue itself")
}

// arrives says as SQS does that messages are in a queue.
func arrives(t *testing.T, e *emulator.Emulator, queue string, messages float64) {
	t.Helper()
	_, err := cloudwatch.NewFromConfig(e.Config()).PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{
		Namespace: aws.String("AWS/SQS"), MetricData: []types.MetricDatum{{
			MetricName: aws.String("ApproximateNumberOfMessagesVisible"), Dimensions: []types.Dimension{{Name: aws.String("QueueName"), Value: &queue}}, Value: &messages,
		}},
	})
	require.NoError(t, err)
}

// told waits for at least so many messages of a queue, or, where it is none, looks once.
func told(t *testing.T, e *emulator.Emulator, queue string, atLeast int) (messages []string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		resp, err := e.Do(t.Context(), emulator.Request{
			Method: "POST", URL: e.Endpoint() + "/", Service: "sqs", Credentials: emulator.Root, Body: []byte(`{"QueueUrl": "` + queue + `", "MaxNumberOfMessages": 10}`),
			Header: map[string][]string{"Content-Type": {"application/x-amz-json-1.0"}, "X-Amz-Target": {"AmazonSQS.ReceiveMessage"}},
		})
		require.NoError(t, err)
		require.Equal(t, 200, resp.Status, "%s", resp.Body)
		var got struct{ Messages []struct{ Body string } }
		require.NoError(t, json.Unmarshal(resp.Body, &got))
		for _, m := range got.Messages {
			messages = append(messages, m.Body)
		}
		if len(messages) >= atLeast {
			return messages
		}
		require.True(t, time.Now().Before(end), "nobody was told")
		time.Sleep(500 * time.Millisecond)
	}
}

// putComposites makes the composite alarms of the stack Composed as they are in the template, for CloudFormation of the emulator has none.
func putComposites(t *testing.T, e *emulator.Emulator, c *cdkcli.CLI) {
	t.Helper()
	found, err := cloudformation.NewFromConfig(e.Config()).DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: aws.String("Composed")})
	require.NoError(t, err)
	physical := map[string]string{}
	for _, r := range found.StackResources {
		physical[*r.LogicalResourceId] = aws.ToString(r.PhysicalResourceId)
	}
	whole := filepath.Join(t.TempDir(), "cdk.out")
	_, err = c.Synth(t.Context(), whole)
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(whole, "Composed.template.json"))
	require.NoError(t, err)
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				AlarmDescription string
				AlarmActions     []any
				AlarmRule        any
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &template))
	made := 0
	for id, r := range template.Resources {
		if r.Type != "AWS::CloudWatch::CompositeAlarm" {
			continue
		}
		made++
		_, err := cloudwatch.NewFromConfig(e.Config()).PutCompositeAlarm(t.Context(), &cloudwatch.PutCompositeAlarmInput{
			AlarmName: &id, AlarmDescription: &r.Properties.AlarmDescription, ActionsEnabled: aws.Bool(true),
			AlarmRule: aws.String(resolve(r.Properties.AlarmRule, physical)), AlarmActions: []string{resolve(r.Properties.AlarmActions[0], physical)},
		})
		require.NoError(t, err)
	}
	require.Positive(t, made)
}

// resolve gives the text of a value of a template.
func resolve(value any, physical map[string]string) string {
	switch v := value.(type) {
	case string:
		return v
	case map[string]any:
		if ref, ok := v["Ref"].(string); ok {
			return physical[ref]
		}
		var b strings.Builder
		for _, item := range v["Fn::Join"].([]any)[1].([]any) {
			b.WriteString(resolve(item, physical))
		}
		return b.String()
	}
	return ""
}
