package messembedtest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// A nodeCase is the result of Node 14.21.3 for a text, in UTC: a date (kind d) of new Date, a value
// (j, n) of JSON.parse as JSON.stringify writes it, or the message of its error.
type nodeCase struct {
	Kind   string `json:"k"`
	Text   string `json:"s"`
	Result string `json:"r"`
	Error  string `json:"e"`
}

func TestNode(t *testing.T) {
	fake := messembedtest.New(t)
	for _, id := range []string{"a", "b"} {
		fake.AddUser(messembed.User{ID: id})
	}
	file, err := os.Open("testdata/node14.jsonl")
	require.NoError(t, err)
	defer file.Close()
	lines := bufio.NewScanner(file)
	number := 0
	for ; lines.Scan(); number++ {
		var c nodeCase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		switch {
		case c.Kind == "d":
			resp, body := send(t, fake, "GET", "/admin-api/messages?after="+url.QueryEscape(c.Text), "")
			if c.Result == "" {
				assert.Equal(t, 400, resp.StatusCode, "%q", c.Text)
				continue
			}
			assert.Equal(t, `{"after":"`+c.Result+`","messages":[]}`, body, "%q", c.Text)
		case c.Error != "":
			_, body := send(t, fake, "POST", "/ping", c.Text)
			var failure struct{ Message string }
			require.NoError(t, json.Unmarshal([]byte(body), &failure))
			assert.Equal(t, c.Error, failure.Message, "%q", c.Text)
		default:
			id := fmt.Sprintf("u%d", number)
			resp, body := send(t, fake, "POST", "/admin-api/users", `{"id":"`+id+`","externalMetadata":`+c.Text+`}`)
			if resp.StatusCode == http.StatusInternalServerError {
				continue // it cannot be stored
			}
			require.Equal(t, 201, resp.StatusCode)
			assert.Contains(t, body, `"externalMetadata":`+c.Result+`,"blockStatus"`)
		}
	}
	require.NoError(t, lines.Err())
	assert.Equal(t, 348, number)
}
