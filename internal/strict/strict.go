// Package strict decodes settings and reports every one that is unknown or of the wrong type.
package strict

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/strata-cdk/strata/check"
)

// Decode sets the fields of the struct into from value: an object as the CDK's context gives it, or its JSON text, as the
// option --context gives it. The fields of into are named by their json tags. A value of nil leaves into as it is.
func Decode[T any](c *check.List, value any, into *T) {
	if text, ok := value.(string); ok {
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			c.Add("", "must be a JSON object, got %q", text)
			return
		}
	}
	if value == nil {
		return
	}
	settings, ok := value.(map[string]any)
	if !ok {
		c.Add("", "must be an object, got %v", value)
		return
	}
	fields, names := map[string]reflect.Value{}, []string(nil)
	v := reflect.ValueOf(into).Elem()
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fields[name], names = v.Field(i), append(names, name)
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		field, known := fields[name]
		if !known {
			c.Add(name, "is unknown; known are %s", strings.Join(names, ", "))
			continue
		}
		text, err := json.Marshal(settings[name])
		if err == nil {
			err = json.Unmarshal(text, field.Addr().Interface())
		}
		c.That(err == nil, name, "must be a %s, got %s", field.Kind(), text)
	}
}
