package cfnresource

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type everything struct {
	Text     string
	Flag     bool
	Int      int
	Small    int8
	Uint     uint16
	Float    float64
	Every    time.Duration
	Address  netip.Addr
	Pointer  *int
	List     []int
	Map      map[string]bool
	Nested   struct{ Deep []struct{ N int } }
	Anything any
	Renamed  string `json:"other-name,omitempty"`
	hidden   string
}

func TestDecode_StringsToTypes(t *testing.T) {
	var got everything
	require.NoError(t, decodeProperties(json.RawMessage(`{
		"ServiceToken": "arn", "ServiceTimeout": "60",
		"Text": "a", "Flag": "true", "Int": "-7", "Small": 127, "Uint": "65535", "Float": "1.5", "Every": "90s", "Address": "10.0.0.1",
		"Pointer": "0", "List": ["1", 2], "Map": {"a": "false", "b": true}, "Nested": {"Deep": [{"N": "3"}]},
		"Anything": {"x": ["1"]}, "other-name": "r"
	}`), &got, true))
	want := everything{
		Text: "a", Flag: true, Int: -7, Small: 127, Uint: 65535, Float: 1.5, Every: 90 * time.Second, Address: netip.MustParseAddr("10.0.0.1"),
		Pointer: new(0), List: []int{1, 2}, Map: map[string]bool{"a": false, "b": true},
		Anything: map[string]any{"x": []any{"1"}}, Renamed: "r", hidden: "",
	}
	want.Nested.Deep = []struct{ N int }{{3}}
	assert.Equal(t, want, got)
}

func TestDecode_LeavesOutWhatIsNotThere(t *testing.T) {
	var got everything
	require.NoError(t, decodeProperties(json.RawMessage(`{"Pointer": null}`), &got, true))
	assert.Equal(t, everything{}, got)
}

func TestDecode_ReportsEveryProblem(t *testing.T) {
	for text, want := range map[string]string{
		`{"Text": ["a"]}`:  `Text: must be a single value`,
		`{"Flag": "yes"}`:  `Flag: must be true or false, got "yes"`,
		`{"Int": "1.5"}`:   `Int: must be a whole number, got "1.5"`,
		`{"Small": "128"}`: `Small: must be a whole number, got "128"`,
		`{"Uint": "-1"}`:   `Uint: must be a whole number of 0 or more, got "-1"`,
		`{"Float": "x"}`:   `Float: must be a number, got "x"`,
		`{"Every": "90"}`:  `Every: must be a duration such as 90s, got "90"`,
		`{"Address": "x"}`: `Address: ParseAddr("x"): unable to parse IP`,
		`{"Address": []}`:  `Address: must be text`,
		`{"Pointer": "x"}`: `Pointer: must be a whole number, got "x"`,
		`{"List": "1"}`:    `List: must be a list`,
		`{"Map": "1"}`:     `Map: must be an object`,
		`{"Nested": "1"}`:  `Nested: must be an object`,
		`{"hidden": "1"}`:  `hidden: is no property; there are Address, Anything, Every, Flag, Float, Int, List, Map, Nested, Pointer, Small, Text, Uint, other-name`,
		`{"Int": "x", "List": ["1", "y"], "Map": {"k": "z"}, "Nested": {"Deep": [{"N": "n"}]}}`: `Int: must be a whole number, got "x"; ` +
			`List[1]: must be a whole number, got "y"; Map.k: must be true or false, got "z"; Nested.Deep[0].N: must be a whole number, got "n"`,
	} {
		assert.EqualError(t, decodeProperties(json.RawMessage(text), &everything{}, true), "invalid properties: "+want, text)
	}
	assert.ErrorContains(t, decodeProperties(json.RawMessage(`[]`), &everything{}, true), "cannot read the properties: ")
	assert.EqualError(t, decodeProperties(json.RawMessage(`{"C": "1"}`), &struct{ C complex64 }{}, true), "invalid properties: C: cannot be a complex64")
}

func TestDecode_UnknownPropertiesUnlessStrict(t *testing.T) {
	var got everything
	require.NoError(t, decodeProperties(json.RawMessage(`{"Text": "a", "Nested": {"New": "1"}, "Newer": "2"}`), &got, false))
	assert.Equal(t, "a", got.Text)
}
