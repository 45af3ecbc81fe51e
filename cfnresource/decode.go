package cfnresource

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// decodeProperties reads properties into a struct. With strict, a property without a field is a problem.
func decodeProperties(text json.RawMessage, into any, strict bool) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value map[string]any
	if err := d.Decode(&value); err != nil {
		return fmt.Errorf("cannot read the properties: %w", err)
	}
	// These two are CloudFormation's.
	delete(value, "ServiceToken")
	delete(value, "ServiceTimeout")
	p := &problems{strict: strict}
	p.decode("", value, reflect.ValueOf(into).Elem())
	return p.err()
}

// problems decodes values and collects what is wrong with them.
type problems struct {
	strict bool
	found  []string
}

func (p *problems) err() error {
	if len(p.found) == 0 {
		return nil
	}
	return errors.New("invalid properties: " + strings.Join(p.found, "; "))
}

func (p *problems) add(path, format string, args ...any) {
	p.found = append(p.found, strings.TrimPrefix(path, ".")+": "+fmt.Sprintf(format, args...))
}

var duration = reflect.TypeFor[time.Duration]()

func (p *problems) decode(path string, value any, into reflect.Value) {
	if value == nil {
		return
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		p.decode(path, value, into.Elem())
		return
	}
	if u, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok {
		text, ok := scalar(value)
		if !ok {
			p.add(path, "must be text")
		} else if err := u.UnmarshalText([]byte(text)); err != nil {
			p.add(path, "%v", err)
		}
		return
	}
	switch into.Kind() {
	case reflect.Struct:
		p.decodeStruct(path, value, into)
	case reflect.Map:
		object, ok := value.(map[string]any)
		if !ok {
			p.add(path, "must be an object")
			return
		}
		into.Set(reflect.MakeMapWithSize(into.Type(), len(object)))
		for _, key := range slices.Sorted(maps.Keys(object)) {
			element := reflect.New(into.Type().Elem()).Elem()
			p.decode(path+"."+key, object[key], element)
			into.SetMapIndex(reflect.ValueOf(key).Convert(into.Type().Key()), element)
		}
	case reflect.Slice:
		list, ok := value.([]any)
		if !ok {
			p.add(path, "must be a list")
			return
		}
		into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
		for i, v := range list {
			p.decode(fmt.Sprintf("%s[%d]", path, i), v, into.Index(i))
		}
	case reflect.Interface:
		into.Set(reflect.ValueOf(value))
	default:
		p.decodeScalar(path, value, into)
	}
}

func (p *problems) decodeStruct(path string, value any, into reflect.Value) {
	object, ok := value.(map[string]any)
	if !ok {
		p.add(path, "must be an object")
		return
	}
	fields := map[string]reflect.Value{}
	for i := range into.NumField() {
		f := into.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		fields[name] = into.Field(i)
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if field, ok := fields[key]; ok {
			p.decode(path+"."+key, object[key], field)
		} else if p.strict {
			p.add(path+"."+key, "is no property; there are %s", strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		}
	}
}

func (p *problems) decodeScalar(path string, value any, into reflect.Value) {
	text, ok := scalar(value)
	if !ok {
		p.add(path, "must be a single value")
		return
	}
	switch {
	case into.Type() == duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			p.add(path, "must be a duration such as 90s, got %q", text)
		}
		into.SetInt(int64(d))
	case into.Kind() == reflect.String:
		into.SetString(text)
	case into.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			p.add(path, "must be true or false, got %q", text)
		}
		into.SetBool(b)
	case into.CanInt():
		n, err := strconv.ParseInt(text, 10, into.Type().Bits())
		if err != nil {
			p.add(path, "must be a whole number, got %q", text)
		}
		into.SetInt(n)
	case into.CanUint():
		n, err := strconv.ParseUint(text, 10, into.Type().Bits())
		if err != nil {
			p.add(path, "must be a whole number of 0 or more, got %q", text)
		}
		into.SetUint(n)
	case into.CanFloat():
		n, err := strconv.ParseFloat(text, into.Type().Bits())
		if err != nil {
			p.add(path, "must be a number, got %q", text)
		}
		into.SetFloat(n)
	default:
		p.add(path, "cannot be a %s", into.Type())
	}
}

// scalar gives the text of a single value. CloudFormation sends all as strings; the other kinds are for what does not.
func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		return v.String(), true
	default:
		return "", false
	}
}
