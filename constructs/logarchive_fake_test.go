package constructs_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/strata-cdk/strata/internal/asl"
)

// exportTask is a task of the fake CloudWatch Logs.
type exportTask struct {
	id, name, group, prefix string
	from, to                int64
	created, visible, ends  time.Time
	end                     string // its status from then on
}

func (x *exportTask) status(now time.Time) string {
	switch {
	case !now.Before(x.ends):
		return x.end
	case now.Before(x.created.Add(30 * time.Second)):
		return "PENDING"
	default:
		return "RUNNING"
	}
}

// exportWorld has the services that the state machine asks, and the time. Everything in it follows from the seed.
type exportWorld struct {
	rng      *rand.Rand
	now      time.Time
	flaky    float64       // how often a request fails, half of the times after it took effect
	longest  time.Duration // how long a task takes, of the archive
	groups   map[string]time.Time
	item     map[string]any // the checkpoint
	tasks    []*exportTask
	late     []func(time.Time) bool // requests that are still on their way; true when done
	objects  map[string]any
	runs     map[string]*asl.Execution
	running  []*asl.Execution // of runs, in their order
	measured []float64
	problems []string
	// delay says which request is not answered; held has its effect.
	delay func(api string, args map[string]any) bool
	held  func()
}

func (w *exportWorld) chance(p float64) bool { return w.rng.Float64() < p }

// upTo is a time of up to d, mostly a short one.
func (w *exportWorld) upTo(d time.Duration) time.Duration {
	f := w.rng.Float64()
	return time.Duration(f * f * float64(d)).Truncate(time.Millisecond)
}

func (w *exportWorld) problem(format string, args ...any) {
	w.problems = append(w.problems, w.now.UTC().Format(time.RFC3339)+" "+fmt.Sprintf(format, args...))
}

// service answers a request at a time: at once, not at all, or without an answer although it took effect, at once or within 150 s.
func (w *exportWorld) service(resource string, arguments any) (any, time.Duration, *asl.Failure) {
	api, ok := strings.CutPrefix(resource, "arn:aws:states:::aws-sdk:")
	if !ok {
		w.problem("resource %s", resource)
	}
	args := arguments.(map[string]any)
	took := w.upTo(10 * time.Second)
	if w.delay != nil && w.held == nil && w.delay(api, args) {
		w.held = func() { _, _ = w.answer(api, args) }
		return nil, time.Minute, &asl.Failure{Error: "States.Timeout"}
	}
	if w.chance(w.flaky) {
		switch w.rng.IntN(5) {
		case 0:
			return nil, took, &asl.Failure{Error: "X.ThrottlingException"}
		case 1:
			return nil, took, &asl.Failure{Error: "X.InternalServerException"}
		case 2:
			at := w.now.Add(time.Duration(w.rng.Int64N(int64(150 * time.Second))))
			w.late = append(w.late, func(now time.Time) bool {
				if now.Before(at) {
					return false
				}
				_, _ = w.answer(api, args)
				return true
			})
			return nil, time.Minute, &asl.Failure{Error: "States.Timeout"}
		default:
			_, _ = w.answer(api, args)
			return nil, took, &asl.Failure{Error: "X.SdkClientException"}
		}
	}
	result, failure := w.answer(api, args)
	return result, took, failure
}

func (w *exportWorld) answer(api string, args map[string]any) (any, *asl.Failure) {
	switch api {
	case "dynamodb:getItem":
		w.known(api, args, "TableName", "Key", "ConsistentRead")
		if args["ConsistentRead"] != true {
			w.problem("%s may be stale", api)
		}
		if w.item == nil {
			return map[string]any{}, nil
		}
		return map[string]any{"Item": clone(w.item)}, nil
	case "dynamodb:updateItem":
		return w.update(args)
	case "cloudwatch:putMetricData":
		w.known(api, args, "Namespace", "MetricData")
		w.measured = append(w.measured, args["MetricData"].([]any)[0].(map[string]any)["Value"].(float64))
		return map[string]any{}, nil
	case "sfn:describeExecution":
		w.known(api, args, "ExecutionArn")
		run := w.runs[args["ExecutionArn"].(string)]
		if run == nil {
			return nil, &asl.Failure{Error: "Sfn.ExecutionDoesNotExistException"}
		}
		return map[string]any{"Status": run.Status}, nil
	case "s3:putObject":
		w.known(api, args, "Bucket", "Key", "ContentType", "Body")
		key := args["Key"].(string)
		if old, ok := w.objects[key]; ok && fmt.Sprint(old) != fmt.Sprint(args["Body"]) {
			w.problem("the manifest %s changes from %v to %v", key, old, args["Body"])
		}
		w.objects[key] = args["Body"]
		return map[string]any{}, nil
	case "cloudwatchlogs:describeLogGroups":
		w.known(api, args, "LogGroupNamePrefix")
		found := []any{}
		for _, name := range []string{"/app/a", "/app/a2", "/app/b"} {
			if created, ok := w.groups[name]; ok && strings.HasPrefix(name, args["LogGroupNamePrefix"].(string)) {
				found = append(found, map[string]any{"LogGroupName": name, "CreationTime": float64(created.UnixMilli())})
			}
		}
		return map[string]any{"LogGroups": found}, nil
	case "cloudwatchlogs:describeExportTasks":
		return w.describe(args), nil
	case "cloudwatchlogs:createExportTask":
		return w.create(args)
	}
	w.problem("request of %s", api)
	return nil, &asl.Failure{Error: "States.Runtime"}
}

func (w *exportWorld) known(api string, args map[string]any, names ...string) {
	for k := range args {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+k+" ") {
			w.problem("%s has no %s", api, k)
		}
	}
}

// active is the one task at work in the account, of anybody.
func (w *exportWorld) active() *exportTask {
	for _, x := range w.tasks {
		if w.now.Before(x.ends) {
			return x
		}
	}
	return nil
}

func (w *exportWorld) create(args map[string]any) (any, *asl.Failure) {
	w.known("createExportTask", args, "TaskName", "LogGroupName", "From", "To", "Destination", "DestinationPrefix")
	if w.active() != nil {
		return nil, &asl.Failure{Error: "CloudWatchLogs.LimitExceededException"}
	}
	x := &exportTask{
		name: args["TaskName"].(string), group: args["LogGroupName"].(string), prefix: args["DestinationPrefix"].(string),
		from: int64(args["From"].(float64)), to: int64(args["To"].(float64)),
	}
	created, ok := w.groups[x.group]
	if !ok {
		return nil, &asl.Failure{Error: "CloudWatchLogs.ResourceNotFoundException"}
	}
	if x.from > x.to || x.to < created.UnixMilli() {
		w.problem("a range that CloudWatch Logs refuses: %+v", x)
		return nil, &asl.Failure{Error: "CloudWatchLogs.InvalidParameterException"}
	}
	for _, y := range w.tasks {
		if y.name == x.name && y.end == "COMPLETED" {
			w.problem("a second task for %s", x.name)
		}
	}
	w.add(x, w.longest)
	if w.flaky > 0 && w.chance(.05) {
		x.ends = w.now.Add(13 * time.Hour) // longer than the state machine waits
	}
	return map[string]any{"TaskId": x.id}, nil
}

// add begins a task that takes up to a time.
func (w *exportWorld) add(x *exportTask, most time.Duration) {
	x.id, x.created, x.end = fmt.Sprintf("task-%d", len(w.tasks)), w.now, "COMPLETED"
	x.visible, x.ends = w.now.Add(time.Duration(w.rng.Int64N(int64(2*time.Minute)))), w.now.Add(time.Second+w.upTo(most))
	if w.chance(w.flaky) {
		x.end = []string{"FAILED", "CANCELLED"}[w.rng.IntN(2)]
	}
	w.tasks = append(w.tasks, x)
}

// describe shows pages of two tasks, new ones late.
func (w *exportWorld) describe(args map[string]any) any {
	w.known("describeExportTasks", args, "TaskId", "Limit", "NextToken")
	var all []any
	for _, x := range w.tasks {
		if id, ok := args["TaskId"]; !w.now.Before(x.visible) && (!ok || id == x.id) {
			all = append(all, map[string]any{"TaskId": x.id, "TaskName": x.name, "Status": map[string]any{"Code": x.status(w.now)}})
		}
	}
	page := max(2, len(all)/3)
	first := 0
	if token, ok := args["NextToken"]; ok {
		first, _ = strconv.Atoi(token.(string))
	}
	last := min(first+page, len(all))
	out := map[string]any{"ExportTasks": append([]any{}, all[first:last]...)}
	if last < len(all) {
		out["NextToken"] = strconv.Itoa(last)
	}
	return out
}

// clone copies values of JSON.
func clone(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for k, x := range m {
		out[k] = clone(x)
	}
	return out
}

// update is UpdateItem, with as much of its expressions as the state machine uses.
func (w *exportWorld) update(args map[string]any) (any, *asl.Failure) {
	w.known("updateItem", args, "TableName", "Key", "UpdateExpression", "ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues")
	names, values := args["ExpressionAttributeNames"].(map[string]any), args["ExpressionAttributeValues"].(map[string]any)
	write, condition := args["UpdateExpression"].(string), args["ConditionExpression"].(string)
	for k := range names {
		if !strings.Contains(write+condition, k) {
			w.problem("%s is not used", k)
		}
	}
	for k := range values {
		if !strings.Contains(write+condition, k) {
			w.problem("%s is not used", k)
		}
	}
	path := func(text string) []string {
		var out []string
		for part := range strings.SplitSeq(text, ".") {
			name, ok := names[part].(string)
			if !ok {
				w.problem("no name %q", part)
			}
			if len(out) > 0 {
				out = append(out, "M")
			}
			out = append(out, name)
		}
		return out
	}
	get := func(text string) any {
		var v any = w.item
		for _, part := range path(text) {
			m, _ := v.(map[string]any)
			v = m[part]
		}
		return v
	}
	value := func(text string) any {
		v, ok := values[text]
		if !ok {
			w.problem("no value %q", text)
		}
		return v
	}
	c := conditions{text: strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(condition)), get: get, value: value}
	if holds := c.or(); len(c.text) > 0 {
		w.problem("condition %q at %v", condition, c.text)
	} else if !holds {
		return nil, &asl.Failure{Error: "DynamoDb.ConditionalCheckFailedException"}
	}
	if w.item == nil {
		w.item = map[string]any{"id": map[string]any{"S": "archive"}}
	}
	if name, ok := strings.CutPrefix(write, "REMOVE "); ok {
		delete(w.item, path(name)[0])
		return map[string]any{}, nil
	}
	next := map[string]any{}
	for part := range strings.SplitSeq(strings.ReplaceAll(strings.TrimPrefix(write, "SET "), "if_not_exists(#l, ", "if_not_exists(#l;"), ", ") {
		to, from, _ := strings.Cut(part, " = ")
		if old, ok := strings.CutPrefix(from, "if_not_exists(#l;"); ok {
			if next[to] = get("#l"); next[to] == nil {
				next[to] = value(strings.TrimSuffix(old, ")"))
			}
			continue
		}
		next[to] = value(from)
	}
	for to, v := range next {
		at := w.item
		parts := path(to)
		for _, part := range parts[:len(parts)-1] {
			at = at[part].(map[string]any)
		}
		at[parts[len(parts)-1]] = clone(v)
	}
	return map[string]any{}, nil
}

// conditions reads a condition expression.
type conditions struct {
	text  []string
	get   func(string) any
	value func(string) any
}

func (c *conditions) next() string {
	if len(c.text) == 0 {
		return ""
	}
	first := c.text[0]
	c.text = c.text[1:]
	return first
}

func (c *conditions) or() bool {
	holds := c.and()
	for len(c.text) > 0 && c.text[0] == "OR" {
		c.next()
		more := c.and()
		holds = holds || more
	}
	return holds
}

func (c *conditions) and() bool {
	holds := c.term()
	for len(c.text) > 0 && c.text[0] == "AND" {
		c.next()
		more := c.term()
		holds = holds && more
	}
	return holds
}

func (c *conditions) term() bool {
	switch first := c.next(); first {
	case "(":
		holds := c.or()
		c.next()
		return holds
	case "attribute_not_exists":
		c.next()
		missing := c.get(c.next()) == nil
		c.next()
		return missing
	default:
		operator, want := c.next(), c.value(c.next())
		got := c.get(first)
		if got == nil {
			return false
		}
		if operator == "<=" {
			x, _ := strconv.ParseInt(got.(map[string]any)["N"].(string), 10, 64)
			y, _ := strconv.ParseInt(want.(map[string]any)["N"].(string), 10, 64)
			return x <= y
		}
		return operator == "=" && fmt.Sprint(got) == fmt.Sprint(want)
	}
}
