package asl

import (
	"fmt"
	"reflect"

	"github.com/blues/jsonata-go"
)

// compiled keeps expressions: a machine evaluates the same ones all the time.
var compiled = map[string]*jsonata.Expr{}

// query evaluates an expression. One without a value is an error, as for Step Functions.
func query(text string, variables, states map[string]any) (any, error) {
	expr := compiled[text]
	if expr == nil {
		var err error
		if expr, err = jsonata.Compile(text); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		compiled[text] = expr
	}
	if err := expr.RegisterVars(variables); err != nil {
		return nil, err
	}
	if err := expr.RegisterVars(map[string]any{"states": states}); err != nil {
		return nil, err
	}
	v, err := expr.Eval(nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return plain(v), nil
}

// plain gives values of JSON for those of the library: every number as a float64, every list as []any.
func plain(v any) any {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return float64(r.Int())
	case reflect.Slice:
		out := make([]any, r.Len())
		for i := range out {
			out[i] = plain(r.Index(i).Interface())
		}
		return out
	case reflect.Map:
		out := make(map[string]any, r.Len())
		for _, k := range r.MapKeys() {
			out[k.String()] = plain(r.MapIndex(k).Interface())
		}
		return out
	default:
		return v
	}
}
