package logarchive

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// What the state machine keeps to, besides Export.
const (
	// settle is how long after the last try to create a task DescribeExportTasks is asked whether there is one. A request
	// without an answer has had its effect by then, and the list shows it.
	settle = 5 * time.Minute
	// slowest is how long a task may take. The log then has to wait for the next run.
	slowest = 12 * time.Hour
	// longest is how long a run may take before it leaves the rest to the next one.
	longest = 12 * time.Hour
	// budget is the number of requests in loops before a run leaves the rest to the next one: a history has at most 25,000 events.
	budget = 750
	// tries is how often a run tries to export a window.
	tries = 3
	// timeout ends a run in any case. A holder that is older runs no more, also when Step Functions does not know it any longer.
	timeout = 24 * time.Hour
	// backlog is how much older than its log group an event can be: CloudWatch Logs takes none that is older than 14 days.
	backlog = 14 * 24 * time.Hour
)

// Folders of the bucket.
const (
	exports   = "exports"
	manifests = "manifests"
)

// machine is what the definition of the state machine depends on.
type machine struct {
	groups                   []string
	partition, table, bucket string
	// archive is the value of the dimension Archive of the metric.
	archive     string
	window, lag time.Duration
	// from is where new log groups start; zero for their creation.
	from time.Time
}

type state = map[string]any

// now is when the state was entered, in ms. It stays the same when a task is tried again.
const now = "$toMillis($states.context.State.EnteredTime)"

// me is the execution, as it is written in the checkpoint.
const me = "$states.context.Execution.Id"

// lost are the names of the error of a condition that does not hold: the documentation has the first, and the
// integration made for DynamoDB the second.
var lost = []string{"DynamoDb.ConditionalCheckFailedException", "DynamoDB.ConditionalCheckFailedException"}

// expr is an expression of JSONata, in a line: validators know no others.
func expr(format string, args ...any) string {
	return "{% " + strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ") + " %}"
}

// task is a state that makes a request, and repeats it: all but CreateExportTask can be repeated.
func (m *machine) task(api string, arguments any, next string) state {
	return state{
		"Type": "Task", "Resource": "arn:" + m.partition + ":states:::aws-sdk:" + api, "Arguments": arguments, "Next": next, "TimeoutSeconds": 60,
		"Retry": []state{
			{"ErrorEquals": lost, "MaxAttempts": 0},
			{"ErrorEquals": []string{"States.ALL"}, "IntervalSeconds": 2, "BackoffRate": 2, "MaxDelaySeconds": 60, "MaxAttempts": 6, "JitterStrategy": "FULL"},
		},
	}
}

// with sets fields of a state.
func with(s, fields state) state {
	for k, v := range fields {
		s[k] = v
	}
	return s
}

func catch(next string, assign state, errors ...string) []state {
	c := state{"ErrorEquals": errors, "Next": next}
	if assign != nil {
		c["Assign"] = assign
	}
	return []state{c}
}

// choice is a state that goes where the first condition that holds says; rules are pairs of a condition and a state.
func choice(otherwise string, rules ...string) state {
	var choices []state
	for i := 0; i < len(rules); i += 2 {
		choices = append(choices, state{"Condition": expr("%s", rules[i]), "Next": rules[i+1]})
	}
	return state{"Type": "Choice", "Choices": choices, "Default": otherwise}
}

// update is a write of the checkpoint under a condition. #h is its holder, #l its logs, #g the log group in hand.
func (m *machine) update(write, condition string, names []string, values state, next string) state {
	all := map[string]string{"#h": "holder", "#s": "since", "#l": "logs", "#f": "from", "#a": "at", "#g": expr("$todo.group")}
	used := map[string]string{}
	for _, n := range names {
		used[n] = all[n]
	}
	return m.task("dynamodb:updateItem", state{
		"TableName": m.table, "Key": state{"id": state{"S": "archive"}}, "UpdateExpression": write, "ConditionExpression": condition,
		"ExpressionAttributeNames": used, "ExpressionAttributeValues": values,
	}, next)
}

// entry is what the checkpoint has of a log group: the next window, and when a task for it was last tried to create, or 0.
func entry(from, to string) state {
	return state{"M": state{
		"from": state{"N": expr("$string(%s)", from)}, "to": state{"N": expr("$string(%s)", to)}, "at": state{"N": "0"},
	}}
}

// definition is the state machine, in the Amazon States Language. It holds the tokens of the CDK that m holds.
func (m *machine) definition() string {
	window, lag := m.window.Milliseconds(), m.lag.Milliseconds()
	own := state{"S": expr(me)}
	// end is the end of the window that has the time at: windows end at multiples of their length.
	end := func(at string) string { return fmt.Sprintf("($floor((%s) / %d) + 1) * %d", at, window, window) }
	read := func(next string) state {
		return m.task("dynamodb:getItem", state{"TableName": m.table, "Key": state{"id": state{"S": "archive"}}, "ConsistentRead": true}, next)
	}
	start := fmt.Sprintf("$created - %d", backlog.Milliseconds())
	if !m.from.IsZero() {
		start = strconv.FormatInt(m.from.UnixMilli(), 10)
	}
	states := map[string]state{
		"Begin": {
			"Type": "Pass", "Next": "Read",
			"Assign": state{
				"groups": m.groups, "started": expr(now), "budget": budget, "skip": []string{}, "tries": 0, "polls": 0,
				"behind": 0, "alive": false, "token": "none", "found": "none",
			},
		},
		// Who holds the archive, and how far behind is it? Every run measures that, also one that then has nothing to do.
		"Read": with(read("Measure"), state{"Assign": state{
			"holder": expr("$exists($states.result.Item.holder) ? $states.result.Item.holder.S : 'none'"),
			"since":  expr("$exists($states.result.Item.since) ? $number($states.result.Item.since.N) : 0"),
			"behind": expr(`( $logs := $exists($states.result.Item.logs) ? $states.result.Item.logs.M : {}; $now := %s;
$max($append([0], $map($groups, function($g) { $g in $keys($logs) ? $floor(($now - %d - $number($lookup($logs, $g).M.to.N)) / %d) + 1 : 0 }))) )`,
				now, lag, window),
		}}),
		"Measure": with(m.task("cloudwatch:putMetricData", state{
			"Namespace": namespace,
			"MetricData": []state{{
				"MetricName": behindMetric, "Dimensions": []state{{"Name": dimension, "Value": m.archive}}, "Value": expr("$behind"), "Unit": "Count",
			}},
		}, "Held"), state{"Catch": catch("Held", nil, "States.ALL")}),
		// One run at a time: a holder is asked for until it runs no more, without any clock.
		"Held": choice("AskHolder", fmt.Sprintf("$holder in ['none', %s]", me), "Acquire"),
		"AskHolder": with(m.task("sfn:describeExecution", state{"ExecutionArn": expr("$holder")}, "Free"), state{
			"Assign": state{"alive": expr("$states.result.Status in ['RUNNING', 'PENDING_REDRIVE']")},
			"Catch":  catch("Free", state{"alive": expr("%s - $since < %d", now, timeout.Milliseconds())}, "States.ALL"),
		}),
		"Free": choice("Acquire", "$alive", "Busy"),
		"Acquire": with(m.update("SET #h = :me, #s = :now, #l = if_not_exists(#l, :none)",
			"attribute_not_exists(#h) OR #h = :me OR #h = :dead", []string{"#h", "#s", "#l"},
			state{":me": own, ":dead": state{"S": expr("$holder")}, ":now": state{"N": expr("$string(%s)", now)}, ":none": state{"M": state{}}}, "Load"),
			state{"Catch": catch("Busy", nil, lost...)}),
		// What comes next: a log group that is not in the checkpoint, or the one whose window is due for longest.
		"Load": with(read("Choose"), state{"Assign": state{
			"budget": expr("$budget - 3"), "tries": 0,
			"todo": expr(`( $logs := $exists($states.result.Item.logs) ? $states.result.Item.logs.M : {}; $now := %s;
$open := $filter($groups, function($g) { $not($g in $skip) });
$new := $filter($open, function($g) { $not($g in $keys($logs)) });
$due := $filter($open, function($g) { $g in $keys($logs) and $number($lookup($logs, $g).M.to.N) + %d <= $now });
$oldest := $min($map($due, function($g) { $number($lookup($logs, $g).M.to.N) }));
$first := $filter($due, function($g) { $number($lookup($logs, $g).M.to.N) = $oldest })[0];
$e := $exists($first) ? $lookup($logs, $first).M : {};
$not($states.result.Item.holder.S = %s) ? {'kind': 'lost'} : $count($new) > 0 ? {'kind': 'new', 'group': $new[0]} : $count($due) > 0
? {'kind': 'due', 'group': $first, 'from': $number($e.from.N), 'to': $number($e.to.N), 'at': $number($e.at.N)} : {'kind': 'none'} )`, now, lag, me),
		}}),
		"Choose": choice("Release",
			fmt.Sprintf("$budget <= 0 or %s - $started > %d", now, longest.Milliseconds()), "Release",
			"$todo.kind = 'lost'", "Lost",
			"$todo.kind = 'new'", "Describe",
			"$todo.kind = 'due'", "Prepare"),
		"Describe": with(m.task("cloudwatchlogs:describeLogGroups", state{"LogGroupNamePrefix": expr("$todo.group")}, "Known"), state{
			// Log groups come in the order of their names: the one with the very name is first.
			"Assign": state{"created": expr("$exists($states.result.LogGroups[LogGroupName = $todo.group]) ? $states.result.LogGroups[LogGroupName = $todo.group][0].CreationTime : -1")},
			"Catch":  catch("Skip", nil, "States.ALL"),
		}),
		"Known": choice("Register", "$created < 0", "Skip"),
		// Writes hold once only, whenever they arrive: one that comes late must not undo what came after it. Load sees what became of them.
		"Register": with(m.update("SET #l.#g = :e", "#h = :me AND attribute_not_exists(#l.#g)", []string{"#h", "#l", "#g"},
			state{":me": own, ":e": entry(start, end(fmt.Sprintf("$max([%s, $created])", start)))}, "Load"),
			state{"Catch": catch("Load", nil, lost...)}),
		"Prepare": {
			"Type": "Pass", "Next": "Tried",
			"Assign": state{
				"at":   expr("$todo.at"),
				"name": expr("$todo.group & '@' & $string($todo.from) & '-' & $string($todo.to)"),
				"path": expr("$replace($todo.group, /^\\/+/, '') & '/' & $fromMillis($todo.from, '[Y0001]/[M01]/[D01]') & '/' & $string($todo.from) & '-' & $string($todo.to)"),
			},
		},
		"Tried": choice("Intend", "$at > 0", "Settle"),
		// The intent is written before a task is created, so that whoever comes after a crash looks for the task.
		"Intend": with(m.update("SET #l.#g.#a = :now", "#h = :me AND #l.#g.#f = :from AND #l.#g.#a <= :now", []string{"#h", "#l", "#g", "#f", "#a"},
			state{":me": own, ":now": state{"N": expr("$string(%s)", now)}, ":from": state{"N": expr("$string($todo.from)")}}, "Create"),
			state{"Assign": state{"at": expr(now)}}),
		// Never repeated blindly: after any error, "our own task is the one that is active" among them, the tasks are looked through.
		"Create": {
			"Type": "Task", "Resource": "arn:" + m.partition + ":states:::aws-sdk:cloudwatchlogs:createExportTask", "TimeoutSeconds": 60, "Next": "Pause",
			// Both ends of the range of a task belong to it; that of a window does not.
			"Arguments": state{
				"TaskName": expr("$name"), "LogGroupName": expr("$todo.group"), "From": expr("$todo.from"), "To": expr("$todo.to - 1"),
				"Destination": m.bucket, "DestinationPrefix": expr("'%s/' & $path", exports),
			},
			"Assign": state{"found": expr("$states.result.TaskId"), "polls": 0},
			"Catch": catch("NotCreated", state{
				"budget": expr("$budget - 2"),
				"tries":  expr("$contains($states.errorOutput.Error, /LimitExceeded|Throttling/) ? $tries : $tries + 1"),
			}, "States.ALL"),
		},
		"NotCreated": choice("Settle", fmt.Sprintf("$tries >= %d", tries), "Skip", "$budget <= 0", "Release"),
		"Settle": {
			"Type": "Wait", "Timestamp": expr("$fromMillis($at + %d)", settle.Milliseconds()), "Next": "Look",
			"Assign": state{"token": "none"},
		},
		"Look": with(m.task("cloudwatchlogs:describeExportTasks", expr("$merge([{'Limit': 50}, $token != 'none' ? {'NextToken': $token} : {}])"), "Found"), state{
			"Assign": state{
				"budget": expr("$budget - 1"), "polls": 0,
				"token": expr("$exists($states.result.NextToken) ? $states.result.NextToken : 'none'"),
				"found": expr(`( $t := $states.result.ExportTasks[TaskName = $name and Status.Code in ['COMPLETED', 'PENDING', 'PENDING_CANCEL', 'RUNNING']];
$exists($t) ? $t[0].TaskId : 'none' )`),
			},
		}),
		"Found": choice("Intend", "$found != 'none'", "Poll", "$token != 'none'", "Look", "$budget <= 0", "Release"),
		"Pause": {"Type": "Wait", "Seconds": expr("$polls < 10 ? 60 : 300"), "Next": "Poll"},
		"Poll": with(m.task("cloudwatchlogs:describeExportTasks", state{"TaskId": expr("$found")}, "Polled"), state{
			"Assign": state{
				"budget": expr("$budget - 1"), "polls": expr("$polls + 1"),
				"status": expr("$exists($states.result.ExportTasks[0]) ? $states.result.ExportTasks[0].Status.Code : 'UNKNOWN'"),
			},
		}),
		"Polled": choice("Pause",
			"$status = 'COMPLETED'", "Manifest",
			"$status in ['FAILED', 'CANCELLED']", "Failed",
			fmt.Sprintf("%s - $at > %d", now, slowest.Milliseconds()), "Skip",
			"$budget <= 0", "Release"),
		"Failed":  {"Type": "Pass", "Next": "Enough", "Assign": state{"tries": expr("$tries + 1")}},
		"Enough":  choice("Backoff", fmt.Sprintf("$tries >= %d", tries), "Skip", "$budget <= 0", "Release"),
		"Backoff": {"Type": "Wait", "Seconds": expr("$tries = 1 ? 120 : 240"), "Next": "Intend"},
		// What readers go by: the one task that has the window. Folders of failed tasks have no manifest.
		"Manifest": with(m.task("s3:putObject", state{
			"Bucket": m.bucket, "Key": expr("'%s/' & $path & '.json'", manifests), "ContentType": "application/json",
			"Body": state{
				"logGroup": expr("$todo.group"), "from": expr("$todo.from"), "to": expr("$todo.to"),
				"taskId": expr("$found"), "prefix": expr("'%s/' & $path & '/' & $found & '/'", exports),
			},
		}, "Commit"), state{"Catch": catch("Skip", nil, "States.ALL")}),
		"Commit": with(m.update("SET #l.#g = :e", "#h = :me AND #l.#g.#f = :from", []string{"#h", "#l", "#g", "#f"}, state{
			":me": own, ":from": state{"N": expr("$string($todo.from)")}, ":e": entry("$todo.to", end("$todo.to")),
		}, "Load"), state{"Catch": catch("Load", nil, lost...)}),
		"Skip": {"Type": "Pass", "Next": "Load", "Assign": state{"skip": expr("$append($skip, [$todo.group])")}},
		"Release": with(m.update("REMOVE #h", "#h = :me", []string{"#h"}, state{":me": own}, "Outcome"),
			// A request that took effect but was not answered.
			state{"Catch": catch("Outcome", nil, lost...)}),
		"Outcome":    choice("Done", "$count($skip) > 0", "Incomplete"),
		"Incomplete": {"Type": "Fail", "Error": "Incomplete", "Cause": expr("'Not exported: ' & $join($skip, ', ')")},
		"Lost":       {"Type": "Fail", "Error": "Lost", "Cause": "Another run holds the archive"},
		"Done":       {"Type": "Succeed"},
		"Busy":       {"Type": "Succeed"},
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(state{
		"Comment": "Exports windows of log groups to S3, one after another", "QueryLanguage": "JSONata", "StartAt": "Begin",
		"TimeoutSeconds": int(timeout.Seconds()), "States": states,
	}); err != nil {
		panic(err) // it is maps, texts and numbers
	}
	return text.String()
}
