package js_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// A nodeCase is the result of Node 14.21.3 for a text, in UTC: a date (kind d)
// of new Date, a value (j, n) of JSON.parse as JSON.stringify writes it, or the
// message of its error.
type nodeCase struct {
	Kind   string `json:"k"`
	Text   string `json:"s"`
	Result string `json:"r"`
	Error  string `json:"e"`
}

func TestNode14(t *testing.T) {
	file, err := os.Open("testdata/node14.jsonl")
	require.NoError(t, err)
	defer file.Close()
	lines := bufio.NewScanner(file)
	number := 0
	for ; lines.Scan(); number++ {
		var c nodeCase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		if c.Kind == "d" {
			assert.Equal(t, c.Result, dateText(c.Text), "%q", c.Text)
			continue
		}
		v, err := js.ParseJSON(c.Text)
		if c.Error != "" {
			require.IsType(t, js.SyntaxError(""), err, "%q", c.Text)
			assert.Equal(t, c.Error, js.ToWellFormed(err.Error()), "%q", c.Text)
			continue
		}
		require.NoError(t, err, "%q", c.Text)
		assert.Equal(t, c.Result, string(js.AppendJSON(nil, v)), "%q", c.Text)
	}
	require.NoError(t, lines.Err())
	assert.Equal(t, 348, number)
}

// dateText returns new Date(s).toISOString(), or "" if the date is invalid.
func dateText(s string) string {
	date, ok := js.ParseDate(s)
	if !ok {
		return ""
	}
	quoted := js.AppendJSON(nil, date)
	return string(quoted[1 : len(quoted)-1])
}
