package socketio_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest/internal/node"
	"github.com/messembed/messembed-go/messembedtest/internal/socketio"
)

// How node parses a handshake's query.
func TestServer_query(t *testing.T) {
	for query, hears := range map[string]bool{
		"username=u&password=pass+word":               true,
		"username=u&password=pass%20word":             true,
		"username=u&password=pass+word&password=x":    false,
		"username=u&password=pass+word&password=":     false,
		"username=u&username=&password=pass+word":     true,
		"username=&password=pass+word":                false,
		"username&password=pass+word":                 false,
		"Username=u&password=pass+word":               false,
		"username=a;b&password=pass+word":             true,
		"username=%zz&password=pass+word":             true,
		"username=%&password=pass%zzword":             false,
		"username=u&x=%zz&password=%70%61ss+word":     true,
		"user%6Eame=u&password=pass+word":             true,
		"username=u&password=pass+word#x":             true,
		"username=u&password=pass+word#x&password=no": true,
		"username=u&&=&password=pass+word=":           false,
	} {
		t.Run(query, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := newFake(t, func(c *socketio.Config) {
					c.Listens = func(q node.Query) bool { return q.Has("username") && q.Text("password") == "pass word" }
				})
				ws, _, err := websocket.Dial(t.Context(), fake.BaseURL()+"/socket.io/", &websocket.DialOptions{
					HTTPClient: &http.Client{Transport: rawQuery{fake, "EIO=3&transport=websocket&" + query}},
				})
				require.NoError(t, err)
				client := listen(t, ws)
				client.hears()

				fake.Emit("e", `1`)

				assert.Equal(t, hears, len(client.hears()) > 0)
			})
		})
	}
}

// rawQuery sends a query unchanged.
type rawQuery struct {
	fake  http.RoundTripper
	query string
}

func (q rawQuery) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Opaque = r.URL.Path + "?" + q.query
	return q.fake.RoundTrip(r)
}
