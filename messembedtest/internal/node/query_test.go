package node_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

// What qs makes of queries, as recorded from the real server's libraries or read
// in its documentation.
func TestParseQuery(t *testing.T) {
	for query, want := range map[string]string{
		"":                           `{}`,
		"a=1&b=%C3%A9+x":             `{"a":"1","b":"é x"}`,
		"a":                          `{"a":""}`,
		"a=%zz":                      `{"a":"%zz"}`,
		"a=1&a=2":                    `{"a":["1","2"]}`,
		"a[]=1&a[]=2":                `{"a":["1","2"]}`,
		"a[b][c]=1":                  `{"a":{"b":{"c":"1"}}}`,
		"a[1]=x&a[0]=y":              `{"a":["y","x"]}`,
		"a[20]=x":                    `{"a":["x"]}`,
		"a[21]=x":                    `{"a":{"21":"x"}}`,
		"a[4294967294]=x":            `{"a":{"4294967294":"x"}}`,
		"a[b]=1&a=2":                 `{"a":{"2":true,"b":"1"}}`,
		"a[b][c][d][e][f][g]=1":      `{"a":{"b":{"c":{"d":{"e":{"f":{"[g]":"1"}}}}}}}`,
		"__proto__=1&a[__proto__]=2": `{"a":{}}`,
	} {
		assert.Equal(t, want, string(js.AppendJSON(nil, node.ParseQuery(query))), query)
	}
}

func TestQueryOf(t *testing.T) {
	q := node.QueryOf("/x?a=1&b=2&b=3&c=%zz+%41;d&e#f=1")
	assert.Equal(t, node.Query{"a": {"1"}, "b": {"2", "3"}, "c": {"%zz A;d"}, "e": {""}}, q)
	assert.Equal(t, "1", q.Text("a"))
	assert.Empty(t, q.Text("b"), "a list is not a string")
	assert.True(t, q.Has("b"))
	assert.False(t, q.Has("e"))
}
