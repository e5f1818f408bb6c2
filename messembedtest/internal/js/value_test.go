package js_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

func parse(t *testing.T, text string) js.Value {
	t.Helper()
	v, err := js.ParseJSON(text)
	require.NoError(t, err)
	return v
}

func TestObject_order(t *testing.T) {
	for text, want := range map[string]string{
		`{"b":1,"a":2}`: `{"b":1,"a":2}`,
		`{"b":1,"a":2,"10":3,"9":4,"0":5,"-1":6,"01":7}`:                      `{"0":5,"9":4,"10":3,"b":1,"a":2,"-1":6,"01":7}`,
		`{"4294967295":1,"4294967294":2,"2147483648":3,"2147483647":4,"2":5}`: `{"2":5,"2147483647":4,"2147483648":3,"4294967294":2,"4294967295":1}`,
		`{"a":1,"b":2,"a":3}`: `{"a":3,"b":2}`,
		`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1,"r":1,"7":1,"q":2}`: `{"7":1,"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":2,"r":1}`,
	} {
		assert.Equal(t, want, string(js.AppendJSON(nil, parse(t, text))))
	}
}

func TestObject_With(t *testing.T) {
	before := js.NewObject("a", 1.0, "b", js.Undefined{})
	after := before.With("a", js.String("x")).With("c", nil)
	assert.Equal(t, `{"a":1}`, string(js.AppendJSON(nil, before)))
	assert.Equal(t, `{"a":"x","c":null}`, string(js.AppendJSON(nil, after)))
	assert.True(t, after.Has("b"))
	assert.False(t, after.Has("d"))
	assert.Equal(t, js.Undefined{}, after.Get("d"))
	assert.Equal(t, "x", after.Text("a"))
	assert.Empty(t, after.Text("c"))
}

func TestTruthy(t *testing.T) {
	for _, v := range []js.Value{nil, js.Undefined{}, false, 0.0, math.NaN(), js.String("")} {
		assert.False(t, js.Truthy(v), "%#v", v)
	}
	for _, v := range []js.Value{true, -1.0, js.String("0"), js.Date(0), &js.Array{}, &js.Object{}} {
		assert.True(t, js.Truthy(v), "%#v", v)
	}
}

func TestToNumber(t *testing.T) {
	for s, want := range map[string]float64{
		"": 0, " ": 0, "\ufeff1\u00a0": 1, "01": 1, "+1.": 1, ".5": .5, "1e2": 100, "0x1F": 31, "0b11": 3, "0o17": 15,
		"-Infinity": math.Inf(-1), "1e999": math.Inf(1),
	} {
		assert.Equal(t, want, js.ToNumber(s), "%q", s)
	}
	for _, s := range []string{"x", "1_000", "-0x1", "1,5", "infinity", "\u00851", "--1"} {
		assert.True(t, math.IsNaN(js.ToNumber(s)), "%q", s)
	}
}

func TestParseInt(t *testing.T) {
	for s, want := range map[string]float64{"12": 12, " -7x": -7, "2.7": 2, "+3e9": 3, "4294967295": 4294967295, "0x10": 0} {
		assert.Equal(t, want, js.ParseInt(s), "%q", s)
	}
	for _, s := range []string{"", "x1", "-", "."} {
		assert.True(t, math.IsNaN(js.ParseInt(s)), "%q", s)
	}
}

func TestNumberToString(t *testing.T) {
	for want, f := range map[string]float64{
		"0": math.Copysign(0, -1), "1.5": 1.5, "100000000000000000000": 1e20, "1e+21": 1e21, "0.000001": 1e-6, "1e-7": 1e-7,
		"Infinity": math.Inf(1), "-Infinity": math.Inf(-1),
	} {
		assert.Equal(t, want, js.NumberToString(f))
	}
}

// Half of a character beyond the first plane is a string too.
func TestString_surrogates(t *testing.T) {
	for _, text := range []string{`"\ud83d"`, `"a\ude00b"`, `"\ude00\ud83d"`} {
		assert.Equal(t, text, string(js.AppendJSON(nil, parse(t, text))))
	}
	whole := parse(t, `"\ud83d\ude00"`)
	assert.Equal(t, js.String("😀"), whole)
	assert.Equal(t, 2, js.Length("😀"))
	assert.Equal(t, "a\uFFFDb😀", js.ToWellFormed(string(parse(t, `"a\ud83db😀"`).(js.String))))
}

func TestDecode(t *testing.T) {
	for s, want := range map[string]string{"a%20b": "a b", "%C3%A9": "é", "%F0%9F%98%80+": "😀+", "": ""} {
		got, ok := js.DecodeURIComponent(s)
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
	for _, s := range []string{"%", "%z1", "%C3", "%ff", "%ED%A0%80"} {
		_, ok := js.DecodeURIComponent(s)
		assert.False(t, ok, "%q", s)
	}
	for s, want := range map[string]string{
		"é":                "é",
		"\xE2\x82x":        "\uFFFDx",            // one character, cut short
		"\xF0\x9F\x98":     "\uFFFD",             //
		"\xC0\x80":         "\uFFFD\uFFFD",       // bytes that begin none
		"\xED\xA0\x80":     "\uFFFD\uFFFD\uFFFD", // a surrogate
		"\xF4\x90\x80":     "\uFFFD\uFFFD\uFFFD", // beyond the last plane
		"\xE0\x9F\x80\xE9": "\uFFFD\uFFFD\uFFFD\uFFFD",
	} {
		assert.Equal(t, want, js.DecodeUTF8([]byte(s)), "%q", s)
	}
}
