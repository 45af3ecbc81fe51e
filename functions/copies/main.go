// Command copies is a CloudFormation macro: a resource with "Copies": 3 becomes three, with %d in its text replaced by their numbers.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/strata-cdk/strata/cfnmacro"
)

func main() { cfnmacro.Start(process) }

type params struct{}

func process(_ context.Context, r *cfnmacro.Request[params]) (any, error) {
	resources, _ := r.Fragment["Resources"].(map[string]any)
	out := map[string]any{}
	for id, value := range resources {
		resource, _ := value.(map[string]any)
		number, ok := resource["Copies"].(json.Number)
		if !ok {
			out[id] = value
			continue
		}
		n, err := number.Int64()
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s.Copies: must be a number from 1, got %s", id, number)
		}
		delete(resource, "Copies")
		text, err := json.Marshal(resource)
		if err != nil {
			return nil, err
		}
		for i := int64(1); i <= n; i++ {
			copied := strconv.FormatInt(i, 10)
			out[id+copied] = json.RawMessage(strings.ReplaceAll(string(text), "%d", copied))
		}
	}
	r.Fragment["Resources"] = out
	return r.Fragment, nil
}
