package lossless_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/platform/internal/lossless"
)

// thing is the type that a service's object is decoded into.
type thing struct {
	ID    int64     `json:"id"`
	Name  string    `json:"name"`
	Tags  []string  `json:"tags,omitempty"`
	When  time.Time `json:"when"`
	Inner *thing    `json:"inner"`
	Own   string    // no tag: not the service's
	None  string    `json:"-"`

	came, extra lossless.Fields
}

var form = lossless.Form{
	Aliases: map[string]string{"the_name": "name"},
	Readers: map[string]func([]byte) (any, error){
		"id": func(data []byte) (any, error) { return strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64) },
	},
}

func (v *thing) UnmarshalJSON(data []byte) error { return form.Decode(data, v, &v.came, &v.extra) }

func (v thing) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.extra) }

func TestEncode(t *testing.T) {
	nothing := func(*thing) {}
	for name, c := range map[string]struct {
		came   string
		change func(*thing)
		want   string // "": as it came
	}{
		"nothing":                   {`{}`, nothing, ``},
		"zeros and nulls":           {`{"id":0,"name":"","tags":[],"when":null,"inner":null,"x":null}`, nothing, ``},
		"what it does not know":     {`{"a":{"b":[1,null]},"-":1,"Own":2,"None":3,"ID":4}`, nothing, ``},
		"other types":               {`{"id":{},"name":1,"tags":{"a":1},"when":"soon","inner":[]}`, nothing, ``},
		"digits and forms":          {`{"id":9007199254740993,"when":"2026-01-02T03:04:05.000+01:00","x":1.50}`, nothing, ``},
		"an alias":                  {`{"the_name":"a"}`, nothing, ``},
		"both spellings":            {`{"the_name":"a","name":"b"}`, func(v *thing) { v.Name = "c" }, `{"the_name":"a","name":"c"}`},
		"what a reader reads":       {`{"id":"7"}`, func(v *thing) { v.Name = "a" }, `{"id":"7","name":"a"}`},
		"an alias changed":          {`{"the_name":"a"}`, func(v *thing) { v.Name = "b" }, `{"the_name":"b"}`},
		"an alias of another type":  {`{"the_name":1}`, func(v *thing) { v.Name = "b" }, `{"the_name":"b"}`},
		"set back":                  {`{"id":1,"name":"a","tags":["a"]}`, func(v *thing) { v.ID, v.Name, v.Tags = 0, "", nil }, `{"id":0,"name":"","tags":null}`},
		"put in place of a type":    {`{"name":1,"x":2}`, func(v *thing) { v.Name = "a" }, `{"name":"a","x":2}`},
		"of the unknown taken out":  {`{"name":1,"x":2}`, func(v *thing) { delete(v.extra, "x"); delete(v.extra, "name") }, `{}`},
		"to the unknown put in":     {`{"id":1}`, func(v *thing) { v.extra = lossless.Fields{"x": json.RawMessage(`2`)} }, `{"id":1,"x":2}`},
		"inside":                    {`{"inner":{"id":"1","x":2}}`, func(v *thing) { v.Inner.Name = "a" }, `{"inner":{"id":"1","name":"a","x":2}}`},
		"inside, in another object": {`{"inner":{"id":"1","x":2}}`, func(v *thing) { v.Inner = &thing{ID: 1} }, `{"inner":{"id":1}}`},
	} {
		t.Run(name, func(t *testing.T) {
			var v thing
			require.NoError(t, json.Unmarshal([]byte(c.came), &v))
			c.change(&v)
			data, err := json.Marshal(v)
			require.NoError(t, err)
			if c.want == "" {
				c.want = c.came
			}
			assert.Equal(t, fields(t, c.want), fields(t, string(data)))
		})
	}
}

// fields decodes an object without losing digits.
func fields(t *testing.T, data string) (object lossless.Fields) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(data), &object))
	return object
}

func TestDecode(t *testing.T) {
	v := thing{ID: 5, Name: "before", Own: "kept"}
	require.NoError(t, json.Unmarshal([]byte(`{"name":7,"tags":["a"],"x":1}`), &v))
	assert.Equal(t, thing{
		Tags: []string{"a"}, Own: "kept",
		came:  lossless.Fields{"tags": json.RawMessage(`["a"]`)},
		extra: lossless.Fields{"name": json.RawMessage(`7`), "x": json.RawMessage(`1`)},
	}, v)
	for _, data := range []string{``, `{`, `[]`, `1`} {
		assert.Error(t, new(thing).UnmarshalJSON([]byte(data)), "%q", data)
	}
}

func TestEncode_whatCannotBe(t *testing.T) {
	type bad struct {
		F any `json:"f"`
	}
	_, err := lossless.Form{}.Encode(bad{func() {}}, nil, nil)
	var unsupported *json.UnsupportedTypeError
	assert.True(t, errors.As(err, &unsupported))
}
