package logs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
)

// subscriptionPolicy is the type of the policies of an account that subscribe to its log groups.
const subscriptionPolicy = "SUBSCRIPTION_FILTER_POLICY"

// inspected marks an app, or a stage, that has an inspector.
const inspected = "strata:logs:inspected"

// inspect has the app, or the stage of it, of scope looked through when it is synthesised, once for all constructs of this package.
func inspect(scope constructs.Construct) {
	stage := awscdk.Stage_Of(scope)
	if stage == nil {
		return // a construct without an app is synthesised by nobody
	}
	for _, m := range *stage.Node().Metadata() {
		if *m.Type == inspected {
			return
		}
	}
	stage.Node().AddMetadata(jsii.String(inspected), true, nil)
	i := &inspector{
		groups: map[string]group{}, consumers: map[string]consumer{}, versions: map[string]address{}, filters: map[string]filter{},
		policies: map[string]policy{},
	}
	// After those that change resources.
	awscdk.Aspects_Of(stage).Add(i, &awscdk.AspectOptions{Priority: jsii.Number(900)})
	stage.Node().AddValidation(i)
}

// address is what a property says of a resource: the path of one in the app, the logical id of one that is probably in the same stack, or
// the text of a name or an ARN.
type address struct{ path, logicalID, text string }

// group is a log group of the app.
type group struct{ name, class, logicalID, stack string }

// consumer is a function or a delivery stream of the app.
type consumer struct {
	what, logicalID, stack, env string
	// name is that of a function, when it is known.
	name string
	// logs is the log group that it writes to. Nothing stands for the one that Lambda makes.
	logs address
}

// filter is a subscription filter.
type filter struct {
	env, path   string
	source, arn address
}

// policy is an account-level policy, with the texts of its properties as they are in the template.
type policy struct{ env, stack, document, criteria string }

// inspector collects what subscriptions are about, each of a certain path, while aspects are applied, and validates it afterwards. Each
// construct is asked for itself as it is visited: jsii nests the calls that one callback makes.
type inspector struct {
	groups    map[string]group
	consumers map[string]consumer
	versions  map[string]address // of functions, and aliases
	filters   map[string]filter
	policies  map[string]policy
}

// Visit looks at a construct.
func (i *inspector) Visit(node constructs.IConstruct) {
	switch r := node.(type) {
	case awslogs.CfnLogGroup:
		i.groups[*r.Node().Path()] = group{
			name: literal(r.LogGroupName()), class: deref(r.LogGroupClass()), logicalID: logicalID(r), stack: *r.Stack().Node().Path(),
		}
	case awslambda.CfnFunction:
		i.consumers[*r.Node().Path()] = consumer{
			what: "function", env: env(r), name: literal(r.FunctionName()), logs: addressIn(r.LoggingConfig(), r, "logGroup"),
			logicalID: logicalID(r), stack: *r.Stack().Node().Path(),
		}
	case awslambda.CfnAlias:
		i.versions[*r.Node().Path()] = addressOf(r.FunctionName())
	case awslambda.CfnVersion:
		i.versions[*r.Node().Path()] = addressOf(r.FunctionName())
	case awskinesisfirehose.CfnDeliveryStream:
		i.consumers[*r.Node().Path()] = consumer{
			what: "delivery stream", logs: addressIn(r.ExtendedS3DestinationConfiguration(), r, "cloudWatchLoggingOptions", "logGroupName"),
			logicalID: logicalID(r), stack: *r.Stack().Node().Path(),
		}
	case awslogs.CfnSubscriptionFilter:
		path := *r.Node().Path()
		i.filters[path] = filter{env: env(r), path: path, source: addressOf(r.LogGroupName()), arn: addressOf(r.DestinationArn())}
	case awslogs.CfnAccountPolicy:
		if *r.PolicyType() == subscriptionPolicy {
			i.policies[*r.Node().Path()] = policy{
				env: env(r), stack: *r.Stack().Node().Path(), document: resolved(r.Stack(), r.PolicyDocument()), criteria: resolved(r.Stack(), r.SelectionCriteria()),
			}
		}
	}
}

// Validate reports what CloudWatch Logs would refuse, or would send in a circle.
func (i *inspector) Validate() *[]*string {
	for path, c := range i.consumers {
		c.logs.path = i.groupIn(c.stack, c.logs.logicalID)
		i.consumers[path] = c
	}
	var problems []string
	filters := map[string][]string{} // their paths, by their log groups
	for _, path := range slices.Sorted(maps.Keys(i.filters)) {
		f := i.filters[path]
		source := i.groupKey(f.env, f.source)
		filters[source] = append(filters[source], path)
		if g, ok := i.groups[f.source.path]; ok && g.class != "" && g.class != string(Standard) {
			problems = append(problems, fmt.Sprintf("%s: the log group %s is of class %s, which has no subscription filters", path, f.source.path, g.class))
		}
		if of, c, ok := i.consumer(f.env, f.arn); ok && i.groupKey(f.env, i.logsOf(of, c)) == source {
			problems = append(problems, fmt.Sprintf("%s: would send to the %s %s the logs of itself, without an end", path, c.what, of))
		} else if name, ok := functionIn(f.arn.text); !f.arn.known() && ok && f.source.text == "/aws/lambda/"+name {
			problems = append(problems, fmt.Sprintf("%s: would send to the function %s the logs of itself, without an end", path, name))
		}
	}
	for _, source := range slices.Sorted(maps.Keys(filters)) {
		if paths := filters[source]; len(paths) > MaxFilters {
			problems = append(problems, fmt.Sprintf("%s: a log group has at most %d subscription filters, and %s has %d: %s",
				paths[0], MaxFilters, strings.TrimSpace(source), len(paths), strings.Join(paths, ", ")))
		}
	}
	return jsii.Strings(append(problems, i.policyProblems()...)...)
}

func (i *inspector) policyProblems() []string {
	var problems []string
	first := map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(i.policies)) {
		p := i.policies[path]
		if other, ok := first[p.env]; ok {
			problems = append(problems, fmt.Sprintf("%s: an account and region has one account-level subscription, and %s is another one", path, other))
		} else {
			first[p.env] = path
		}
		for _, of := range slices.Sorted(maps.Keys(i.consumers)) {
			if c := i.consumers[of]; c.stack == p.stack && strings.Contains(p.document, `["`+c.logicalID+`","Arn"]`) && !i.excluded(p.criteria, c) {
				problems = append(problems, fmt.Sprintf(
					"%s: would send to the %s %s the logs of itself, without an end: its log group must be in SelectionCriteria", path, c.what, of))
			}
		}
	}
	return problems
}

// excluded tells whether the criteria name the log group of a consumer.
func (i *inspector) excluded(criteria string, c consumer) bool {
	g := i.groups[c.logs.path]
	var names []string
	switch {
	case g.name != "":
		names = []string{`\"` + g.name + `\"`, `{"Ref":"` + g.logicalID + `"}`}
	case g.logicalID != "":
		names = []string{`{"Ref":"` + g.logicalID + `"}`}
	case c.logs.text != "":
		names = []string{`\"` + c.logs.text + `\"`}
	case c.what == "function":
		names = []string{`\"/aws/lambda/",{"Ref":"` + c.logicalID + `"}`, `\"/aws/lambda/` + c.name + `\"`}
	default:
		return true // it keeps no logs
	}
	return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(criteria, name) })
}

func (a address) known() bool { return a.path != "" }

// groupIn is the path of the log group of a logical id, in the given stack or else in another one.
func (i *inspector) groupIn(stack, logicalID string) string {
	found := ""
	for _, path := range slices.Sorted(maps.Keys(i.groups)) {
		if g := i.groups[path]; logicalID != "" && g.logicalID == logicalID {
			if g.stack == stack {
				return path
			}
			found = path
		}
	}
	return found
}

// consumer gives the function or delivery stream of the app that an ARN in a filter stands for.
func (i *inspector) consumer(env string, arn address) (path string, c consumer, ok bool) {
	if of, is := i.versions[arn.path]; is {
		arn = of
	}
	if c, ok = i.consumers[arn.path]; ok {
		return arn.path, c, true
	}
	name, ok := functionIn(arn.text)
	if !ok {
		return "", c, false
	}
	for path, c := range i.consumers {
		if c.name == name && c.env == env { // there is one
			return path, c, true
		}
	}
	return "", c, false
}

// logsOf is the log group that a consumer writes to.
func (i *inspector) logsOf(path string, c consumer) address {
	if c.what != "function" || c.logs != (address{}) {
		return c.logs
	}
	if c.name != "" {
		return address{text: lambdaGroup + c.name}
	}
	return address{path: path, text: lambdaGroup}
}

const lambdaGroup = "/aws/lambda/"

// groupKey is the same for all ways to name a log group.
func (i *inspector) groupKey(env string, a address) string {
	if g, ok := i.groups[a.path]; ok && a.text == "" {
		if g.name == "" {
			return a.path
		}
		a.text, a.path = g.name, ""
	}
	if c, ok := i.consumers[a.path]; ok && a.text == lambdaGroup && c.name != "" {
		a.text, a.path = lambdaGroup+c.name, ""
	}
	return env + " " + a.text + a.path
}

// functionIn is the name of the function in its ARN, with or without a qualifier.
func functionIn(arn string) (string, bool) {
	parts := strings.Split(arn, ":")
	if len(parts) < 7 || parts[2] != "lambda" || parts[5] != "function" {
		return "", false
	}
	return parts[6], true
}

// env is account and region of a resource, as far as they are known.
func env(r awscdk.CfnResource) string {
	stack := r.Stack()
	of := func(s *string) string {
		if check.IsToken(*s) {
			return "?"
		}
		return *s
	}
	return of(stack.Account()) + "/" + of(stack.Region())
}

// addressOf reads a property: a token that stands for a resource, such a token with text before it, or text.
func addressOf(value *string) address {
	if value == nil || !check.IsToken(*value) {
		return address{text: deref(value)}
	}
	parts := awscdk.Tokenization_ReverseString(value)
	tokens := *parts.Tokens()
	text, _, _ := strings.Cut(*value, "${Token[")
	if r, ok := tokens[0].(awscdk.Reference); ok && len(tokens) == 1 && strings.HasSuffix(*value, "]}") {
		return address{path: *r.Target().Node().Path(), text: text}
	}
	return address{text: *value}
}

// addressIn reads a property within one of a resource, such as a struct or a token that gives one.
func addressIn(value any, of awscdk.CfnResource, fields ...string) address {
	if value == nil {
		return address{}
	}
	value = of.Stack().Resolve(value)
	for _, f := range fields {
		object, _ := value.(map[string]any)
		value = object[f]
	}
	switch v := value.(type) {
	case string:
		return address{text: v}
	case map[string]any:
		id, _ := v["Ref"].(string)
		return address{logicalID: id}
	}
	return address{}
}

// resolved is the text of a value in the template of a stack.
func resolved(stack awscdk.Stack, value *string) string {
	if value == nil {
		return ""
	}
	text, err := json.Marshal(stack.Resolve(value))
	if err != nil {
		return ""
	}
	return string(text)
}

func logicalID(r awscdk.CfnResource) string {
	id, _ := r.Stack().Resolve(r.LogicalId()).(string)
	return id
}

// literal is text, or nothing where it has tokens.
func literal(s *string) string {
	if s == nil || check.IsToken(*s) {
		return ""
	}
	return *s
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
