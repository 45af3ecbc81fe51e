package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/strata-cdk/strata/internal/sorted"
)

// board is a dashboard of a template.
type board struct {
	// Name is its logical id, without the hash of the CDK.
	Name string
	// File is the name of its picture.
	File    string
	Widgets []widget
	// Alarms are the names of the alarms of the template by logical id.
	Alarms map[string]string
}

// stack is what is read of a CloudFormation template.
type stack struct {
	Resources map[string]struct {
		Type       string
		Properties struct {
			AlarmName, DashboardBody any
		}
	}
}

// ends are how the files of templates end: those in cdk.out, and snapshots.
var ends = regexp.MustCompile(`(\.nested)?\.template\.json$|_\d+\.snap\.json$|\.json$`)

// read gives the dashboards of a template, in the order of their logical ids.
func read(path string) ([]board, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var t stack
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	alarms := map[string]string{}
	for id, r := range t.Resources {
		if strings.HasPrefix(r.Type, "AWS::CloudWatch::") && strings.HasSuffix(r.Type, "Alarm") {
			alarms[id] = short(id)
			if r.Properties.AlarmName != nil {
				alarms[id] = resolve(r.Properties.AlarmName)
			}
		}
	}
	var boards []board
	for id, r := range sorted.All(t.Resources) {
		if r.Type != "AWS::CloudWatch::Dashboard" {
			continue
		}
		b := board{Name: short(id), Alarms: alarms}
		b.File = origin(path) + "_" + strings.ToLower(b.Name) + ".svg"
		var body struct{ Widgets []widget }
		if err := json.Unmarshal([]byte(resolve(r.Properties.DashboardBody)), &body); err != nil {
			return nil, fmt.Errorf("%s: the body of dashboard %s: %w", path, id, err)
		}
		b.Widgets = body.Widgets
		boards = append(boards, b)
	}
	return boards, nil
}

// origin names a template by its file, and the snapshot of a pattern by its folder too.
func origin(path string) string {
	name := ends.ReplaceAllString(filepath.Base(path), "")
	if folder := filepath.Dir(path); filepath.Base(filepath.Dir(folder)) == "testdata" {
		return filepath.Base(folder) + "_" + name
	}
	return name
}

var hash = regexp.MustCompile(`[0-9A-F]{8}$`)

// short is a logical id without the hash of the CDK.
func short(id string) string { return hash.ReplaceAllString(id, "") }

var placeholder = regexp.MustCompile(`\$\{(!?)([^}]*)\}`)

// resolve gives a value of a template as text, with the logical name for what only the deployment knows.
func resolve(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		for function, argument := range v { // it has one
			return call(function, argument)
		}
	}
	return fmt.Sprint(value)
}

// call gives the text of a function of CloudFormation.
func call(function string, argument any) string {
	list, _ := argument.([]any)
	switch {
	case function == "Ref":
		return short(resolve(argument))
	case function == "Fn::GetAtt" && len(list) == 2:
		return short(resolve(list[0])) + "." + resolve(list[1])
	case function == "Fn::Join" && len(list) == 2:
		parts, ok := list[1].([]any)
		if !ok {
			return resolve(list[1])
		}
		texts := make([]string, len(parts))
		for i, part := range parts {
			texts[i] = resolve(part)
		}
		return strings.Join(texts, resolve(list[0]))
	case function == "Fn::Select" && len(list) == 2:
		return resolve(list[1]) + "[" + resolve(list[0]) + "]"
	case function == "Fn::Split" && len(list) == 2:
		return resolve(list[1])
	case function == "Fn::GetStackOutput":
		output, _ := argument.(map[string]any)
		return resolve(output["StackName"]) + "." + short(exported.ReplaceAllString(resolve(output["OutputName"]), "$1"))
	case function == "Fn::Sub":
		return substitute(argument, list)
	}
	return strings.TrimPrefix(function, "Fn::")
}

// exported is the name that the CDK gives to an output for another stack, with the logical id and the attribute in it.
var exported = regexp.MustCompile(`^(?:Exports|Publish)Output(?:Ref|FnGetAtt)(.*?[0-9A-F]{8}).*$`)

// substitute gives the text of Fn::Sub, whose argument is a text, or a list of a text and its variables.
func substitute(argument any, list []any) string {
	variables := map[string]any{}
	if len(list) == 2 {
		argument = list[0]
		variables, _ = list[1].(map[string]any)
	}
	return placeholder.ReplaceAllStringFunc(resolve(argument), func(p string) string {
		m := placeholder.FindStringSubmatch(p)
		if m[1] != "" {
			return "${" + m[2] + "}"
		}
		if value, ok := variables[m[2]]; ok {
			return resolve(value)
		}
		id, attribute, found := strings.Cut(m[2], ".")
		if found {
			return short(id) + "." + attribute
		}
		return short(id)
	})
}
