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
// option --context gives it. The fields of into are named by their json tags; those that are pointers to structs are decoded as strictly. A value of nil
// leaves into as it is.
func Decode[T any](c *check.List, value any, into *T) {
	if text, ok := value.(string); ok {
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			c.Add("", "must be a JSON object, got %q", text)
			return
		}
	}
	decode(c, value, reflect.ValueOf(into).Elem())
}

// decode sets the fields of the struct v.
func decode(c *check.List, value any, v reflect.Value) {
	if value == nil {
		return
	}
	settings, ok := value.(map[string]any)
	if !ok {
		c.Add("", "must be an object, got %v", value)
		return
	}
	fields, names := map[string]reflect.Value{}, []string(nil)
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
		if t := field.Type(); t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct {
			if settings[name] != nil {
				field.Set(reflect.New(t.Elem()))
				decode(c.At(name), settings[name], field.Elem())
			}
			continue
		}
		text, err := json.Marshal(settings[name])
		if err == nil {
			err = json.Unmarshal(text, field.Addr().Interface())
		}
		c.That(err == nil, name, "must be a %s, got %s", field.Kind(), text)
	}
}
