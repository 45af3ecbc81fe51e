//go:build unix

package emulator

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// listing is one question about what exists: an API call, and the field of its answer that names each resource.
type listing struct {
	kind, service string
	// One of: the path of a REST API, the target of a JSON API, the form of a query API.
	path, target, form string
	body               string
	name               string
	// ignore tells which names belong to the emulator or to cdk bootstrap.
	ignore func(name string) bool
}

var bootstrapped = prefix("cdk-hnb659fds-", "CDKToolkit", "/cdk-bootstrap/")

// late tells the log groups of functions that work while their stack is deleted: the emulator writes their last lines after it has
// deleted the group, and so has it again. The roles of functions could not do that on AWS.
func late(name string) bool { return strings.Contains(name, "EmptierProviderLogs") }

// The kinds that the local stacks are made of. What AWS makes for every account is left out by its filter or its name.
var listings = []listing{
	{kind: "stack", service: "cloudformation", form: "Action=DescribeStacks&Version=2010-05-15", name: "StackName", ignore: bootstrapped},
	{kind: "Lambda function", service: "lambda", path: "/2015-03-31/functions/", name: "FunctionName"},
	{kind: "REST API", service: "apigateway", path: "/restapis", name: "id"},
	{kind: "HTTP API", service: "apigateway", path: "/v2/apis", name: "apiId"},
	{kind: "DynamoDB table", service: "dynamodb", target: "DynamoDB_20120810.ListTables", name: "TableNames"},
	{kind: "alarm", service: "monitoring", form: "Action=DescribeAlarms&Version=2010-08-01", name: "AlarmName"},
	{kind: "dashboard", service: "monitoring", form: "Action=ListDashboards&Version=2010-08-01", name: "DashboardName"},
	{kind: "log group", service: "logs", target: "Logs_20140328.DescribeLogGroups", name: "logGroupName", ignore: late},
	{kind: "role", service: "iam", form: "Action=ListRoles&Version=2010-05-08", name: "RoleName", ignore: bootstrapped},
	{kind: "bucket", service: "s3", path: "/", name: "Name", ignore: bootstrapped},
	{kind: "parameter", service: "ssm", target: "AmazonSSM.DescribeParameters", name: "Name", ignore: bootstrapped},
	{kind: "secret", service: "secretsmanager", target: "secretsmanager.ListSecrets", name: "Name"},
	{kind: "SQS queue", service: "sqs", target: "AmazonSQS.ListQueues", name: "QueueUrls"},
	{kind: "SNS topic", service: "sns", form: "Action=ListTopics&Version=2010-03-31", name: "TopicArn"},
	{kind: "key alias", service: "kms", target: "TrentService.ListAliases", name: "AliasName", ignore: prefix("alias/aws/")},
	{kind: "web ACL", service: "wafv2", target: "AWSWAF_20190729.ListWebACLs", body: `{"Scope":"REGIONAL"}`, name: "Name"},
	{kind: "load balancer", service: "elasticloadbalancing", form: "Action=DescribeLoadBalancers&Version=2015-12-01", name: "LoadBalancerName"},
	{kind: "target group", service: "elasticloadbalancing", form: "Action=DescribeTargetGroups&Version=2015-12-01", name: "TargetGroupName"},
	{kind: "ECS cluster", service: "ecs", target: "AmazonEC2ContainerServiceV20141113.ListClusters", name: "clusterArns"},
	{kind: "EFS file system", service: "elasticfilesystem", path: "/2015-02-01/file-systems", name: "FileSystemId"},
	{kind: "VPC", service: "ec2", form: "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=is-default&Filter.1.Value.1=false", name: "vpcId"},
	{kind: "VPC endpoint", service: "ec2", form: "Action=DescribeVpcEndpoints&Version=2016-11-15", name: "vpcEndpointId"},
	{kind: "security group", service: "ec2", form: "Action=DescribeSecurityGroups&Version=2016-11-15", name: "groupName", ignore: prefix("default")},
}

// Inventory lists what exists in the account, as "kind name", apart from what AWS and cdk bootstrap put there.
func (e *Emulator) Inventory(ctx context.Context) ([]string, error) {
	var found []string
	for _, l := range listings {
		names, err := e.list(ctx, l)
		if err != nil {
			return nil, fmt.Errorf("cannot list what is left (%s): %w", l.kind, err)
		}
		for _, n := range names {
			if l.ignore == nil || !l.ignore(n) {
				found = append(found, l.kind+" "+n)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// Stacks lists the names of the stacks, without the one that cdk bootstrap makes.
func (e *Emulator) Stacks(ctx context.Context) ([]string, error) {
	names, err := e.list(ctx, listings[0])
	return slices.DeleteFunc(names, bootstrapped), err
}

func (e *Emulator) list(ctx context.Context, l listing) ([]string, error) {
	r := Request{Method: http.MethodPost, URL: e.Endpoint() + "/", Service: l.service, Credentials: Root, Header: http.Header{}}
	switch {
	case l.path != "":
		r.Method, r.URL = http.MethodGet, e.Endpoint()+l.path
	case l.target != "":
		r.Header.Set("X-Amz-Target", l.target)
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Body = []byte(cmp.Or(l.body, "{}"))
	default:
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body = []byte(l.form)
	}
	resp, err := e.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	if resp.Status != http.StatusOK {
		return nil, fmt.Errorf("status %d: %s", resp.Status, resp.Body)
	}
	if bytes.HasPrefix(bytes.TrimSpace(resp.Body), []byte("<")) {
		return xmlValues(resp.Body, l.name)
	}
	var v any
	if err := json.Unmarshal(resp.Body, &v); err != nil {
		return nil, err
	}
	return jsonValues(v, l.name, false), nil
}

// xmlValues returns the text of every element with the name.
func xmlValues(doc []byte, name string) ([]string, error) {
	var values []string
	d := xml.NewDecoder(bytes.NewReader(doc))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err != nil {
			return nil, err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == name {
			var text string
			if err := d.DecodeElement(&text, &start); err != nil {
				return nil, err
			}
			values = append(values, text)
		}
	}
}

// jsonValues returns the strings under every key with the name, at any depth.
func jsonValues(v any, name string, below bool) []string {
	var values []string
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			values = append(values, jsonValues(child, name, k == name)...)
		}
	case []any:
		for _, child := range v {
			values = append(values, jsonValues(child, name, below)...)
		}
	case string:
		if below {
			values = append(values, v)
		}
	}
	return values
}

func prefix(prefixes ...string) func(string) bool {
	return func(name string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	}
}
