package node_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

var properties = []node.Property{
	{Name: "text", Optional: true, Check: node.IsString},
	{Name: "flag", Optional: true, Convert: node.ToBoolean, Check: node.IsBoolean},
	{Name: "plain", Optional: true, Check: node.IsObject},
	{Name: "list", Optional: true, Check: node.IsArrayOfObjects},
	{Name: "at", Optional: true, Convert: node.ToDate, Check: node.IsDate},
	{Name: "n", Optional: true, Convert: node.ToInt, Check: node.IsInt},
}

func TestValidate(t *testing.T) {
	for body, want := range map[string]string{
		`{}`:                                 `{}`,
		`[]`:                                 `{}`,
		`{"n":"12x","unknown":1,"text":"x"}`: `{"n":12,"text":"x"}`,
		`{"text":null,"n":""}`:               `{"text":null}`,
		`{"n":["7","8"]}`:                    `{"n":7}`,
		`{"flag":"false"}`:                   `{"flag":true}`,
		`{"flag":""}`:                        `{"flag":false}`,
		`{"at":"2026"}`:                      `{"at":"2026-01-01T00:00:00.000Z"}`,
		`{"plain":{"a":1,"toString":2,"constructor":0}}`: `{"plain":{"a":1}}`,
	} {
		known, problems, err := node.Validate(parse(t, body), properties)
		require.NoError(t, err)
		assert.Empty(t, problems, body)
		assert.Equal(t, want, string(js.AppendJSON(nil, known)), body)
	}
}

func TestValidate_problems(t *testing.T) {
	for body, want := range map[string][]string{
		`{"n":"x","text":1}`: {"text must be a string", "n must be an integer number"},
		`{"flag":[]}`:        {"flag must be a boolean value"},
		`{"plain":[]}`:       {"plain must be an object"},
		`{"list":{}}`:        {"list must be an array"},
		`{"list":[1]}`:       {"each value in list must be an object"},
		`{"list":1}`:         {"list must be an array", "each value in list must be an object"},
		`{"at":"yesterday"}`: {"at must be a Date instance"},
	} {
		_, problems, err := node.Validate(parse(t, body), properties)
		require.NoError(t, err)
		assert.Equal(t, want, problems, body)
	}
	_, problems, err := node.Validate(parse(t, `{}`), []node.Property{{Name: "text", Check: node.IsString}})
	require.NoError(t, err)
	assert.Equal(t, []string{"text must be a string"}, problems)
	_, _, err = node.Validate(parse(t, `{"plain":{"a":[{"constructor":1}]}}`), properties)
	require.Error(t, err)
}

func parse(t *testing.T, text string) js.Value {
	t.Helper()
	v, err := js.ParseJSON(text)
	require.NoError(t, err)
	return v
}
