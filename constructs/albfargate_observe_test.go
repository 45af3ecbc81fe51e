package constructs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/ecsservice"
)

func TestFargateService_Alarms(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Deployment.Strategy = ecsservice.BlueGreen
		p.Alarms = ecsservice.Alarms{ServerErrorPercent: 5, Latency: 500 * time.Millisecond, CPUPercent: 70, MemoryPercent: 80}
	})
	tpl.Count("AWS::CloudWatch::Alarm", 6)
	// metric is one of a target group or of the service, which an expression refers to by an id.
	metric := func(id, namespace, name, stat string, dimensions ...any) o {
		return o{"Id": id, "ReturnData": false, "MetricStat": o{"Period": 60, "Stat": stat, "Metric": o{"Namespace": namespace, "MetricName": name, "Dimensions": cdktest.ArrayWith(dimensions...)}}}
	}
	group := func(id, name, stat, group string) o {
		return metric(id, "AWS/ApplicationELB", name, stat, o{"Name": "TargetGroup", "Value": o{"Fn::GetAtt": a{cdktest.Text(group), "TargetGroupFullName"}}}, o{"Name": "LoadBalancer", "Value": cdktest.Any})
	}
	tasks := func(id, name string) o {
		return metric(id, "ECS/ContainerInsights", name, "Average", o{"Name": "ClusterName", "Value": o{"Ref": cdktest.Text("^ShopCluster")}}, o{"Name": "ServiceName", "Value": o{"Fn::GetAtt": a{cdktest.Text("^ShopService"), "Name"}}})
	}
	const now, next = "^ShopTargetGroup", "^ShopAlternateTargetGroup"
	alarm := func(text string, threshold float64, minutes, of int, expression, label string, metrics ...any) {
		tpl.Has("AWS::CloudWatch::Alarm", o{
			"AlarmDescription": cdktest.Text(text), "Threshold": threshold, "DatapointsToAlarm": minutes, "EvaluationPeriods": of, "ComparisonOperator": "GreaterThanThreshold",
			"Metrics": cdktest.ArrayWith(append(metrics, o{"Expression": expression, "Label": label, "ReturnData": true})...),
		})
	}
	alarm("^More than 5 % of the answers of the tasks are 5xx", 5, 3, 5, "100*(FILL(m00,0)+FILL(m01,0))/(FILL(m10,0)+FILL(m11,0))", "5xx answers, %",
		group("m00", "HTTPCode_Target_5XX_Count", "Sum", now), group("m01", "HTTPCode_Target_5XX_Count", "Sum", next), group("m10", "RequestCount", "Sum", now), group("m11", "RequestCount", "Sum", next))
	alarm("^1 % of the requests take longer than 500ms", 0.5, 3, 5, "MAX([m0,m1])", "p99, s", group("m0", "TargetResponseTime", "p99", now), group("m1", "TargetResponseTime", "p99", next))
	alarm("^The load balancer finds tasks unhealthy", 0, 5, 5, "MAX([m0,m1])", "unhealthy tasks", group("m0", "UnHealthyHostCount", "Maximum", now), group("m1", "UnHealthyHostCount", "Maximum", next))
	alarm("^Fewer tasks run than are wanted", 0, 10, 10, "wanted-running", "missing tasks", tasks("wanted", "DesiredTaskCount"), tasks("running", "RunningTaskCount"))
	for name, percent := range map[string]int{"CPU": 70, "memory": 80} {
		tpl.Has("AWS::CloudWatch::Alarm", o{
			"AlarmDescription": cdktest.Text(fmt.Sprintf("^Tasks use more than %d %% of their %s", percent, name)), "Threshold": percent, "DatapointsToAlarm": 10, "EvaluationPeriods": 10,
			"MetricName": map[string]string{"CPU": "CPUUtilization", "memory": "MemoryUtilization"}[name], "Statistic": "Average",
		})
	}
}

// graphs gives the metrics of each graph of a dashboard, with their statistics, by the titles of the graphs.
func graphs(t *testing.T, tpl *cdktest.Template) map[string][]string {
	t.Helper()
	var text strings.Builder
	for _, part := range tpl.All("AWS::CloudWatch::Dashboard")[0].Properties["DashboardBody"].(o)["Fn::Join"].(a)[1].(a) {
		if s, ok := part.(string); ok {
			text.WriteString(s)
		}
	}
	var body struct {
		Widgets []struct {
			Properties struct {
				Title   string
				Metrics [][]any
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text.String()), &body))
	all := map[string][]string{}
	for _, w := range body.Widgets {
		all[w.Properties.Title] = nil
		for _, m := range w.Properties.Metrics {
			options := m[len(m)-1].(o)
			assert.InEpsilon(t, 60, options["period"], 0, m)
			stat, _ := options["stat"].(string)
			all[w.Properties.Title] = append(all[w.Properties.Title], strings.TrimSpace(m[1].(string)+" "+stat))
		}
	}
	return all
}

func TestFargateService_Dashboard(t *testing.T) {
	tasks := map[string][]string{
		"CPU of the tasks, %": {"CPUUtilization", "CPUUtilization Maximum"}, "Memory of the tasks, %": {"MemoryUtilization", "MemoryUtilization Maximum"},
		"Tasks": {"DesiredTaskCount", "RunningTaskCount"},
	}
	all := maps.Clone(tasks)
	all["Alarms"] = nil
	all["Requests a minute"] = []string{"RequestCount Sum", "RequestCount Sum"}
	all["Errors a minute"] = []string{"HTTPCode_Target_4XX_Count Sum", "HTTPCode_Target_5XX_Count Sum", "HTTPCode_Target_4XX_Count Sum", "HTTPCode_Target_5XX_Count Sum"}
	all["Time to answer, s"] = []string{"TargetResponseTime p50", "TargetResponseTime p99", "TargetResponseTime p50", "TargetResponseTime p99"}
	assert.Equal(t, all, graphs(t, synthShop(t, func(p *albfargate.ServiceProps) { p.Deployment.Strategy = ecsservice.BlueGreen })), "of both target groups")

	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1").CommonProps
	props.Alarms.Disable = true
	albfargate.NewWorker(stack, "Worker", &albfargate.WorkerProps{CommonProps: props})
	assert.Equal(t, tasks, graphs(t, cdktest.Synth(t, stack)), "of a worker without alarms")
}
