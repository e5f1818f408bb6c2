package messembedtest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest"
)

// The fake understands the query of a list of messages as the real server does.
func TestListMessages_query(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time { return now }))
	chat := newChat(fake, "ada", "bob")
	for i := range 4 {
		now = now.Add(time.Hour * 24 * 30) // further apart than 32 bits of milliseconds
		resp, _ := send(t, fake, "POST", "/admin-api/chats/"+chat+"/messages", fmt.Sprintf(`{"userId":"ada","content":"%d"}`, i))
		require.Equal(t, 201, resp.StatusCode)
	}
	at := func(i int) string { return fake.Messages(chat)[i].CreatedAt.Format("2006-01-02T15:04:05.000Z") }
	for query, want := range map[string]string{
		"":                                   "0123",
		"limit=0":                            "0123",
		"limit=-1":                           "0",
		"limit=2.7":                          "01",
		"limit=2x":                           "01",
		"limit=4294967295":                   "0123",
		"limit=4294967297":                   "0123",
		"offset=1&limit=2":                   "12",
		"offset=4":                           "",
		"offset=2147483648":                  "",
		"offset=4294967295":                  "",
		"offset=4294967297":                  "",
		"after=" + url.QueryEscape(at(1)):    "123",
		"before=" + url.QueryEscape(at(1)):   "0",
		"read=false":                         "", // which means true
		"read=0":                             "",
		"read=":                              "0123",
		"after=2026-12-21&before=2027-01-21": "01",
	} {
		resp, body := send(t, fake, "GET", "/admin-api/chats/"+chat+"/messages?"+query, "")
		assert.Equal(t, 200, resp.StatusCode, query)
		assert.Equal(t, want, contents(body), query)
	}
	for query, want := range map[string]int{"limit=abc": 400, "offset=-1": 500, "after=x": 400, "after=Sat,+21+Nov+2026": 400} {
		resp, _ := send(t, fake, "GET", "/admin-api/messages?"+query, "")
		assert.Equal(t, want, resp.StatusCode, query)
	}
}

// contents joins the contents of the messages in a response.
func contents(body string) string {
	var out strings.Builder
	for _, part := range strings.Split(body, `"content":"`)[1:] {
		content, _, _ := strings.Cut(part, `"`)
		out.WriteString(content)
	}
	return out.String()
}
