package socketio_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPolling_compression(t *testing.T) {
	long := strings.Repeat("x", 1024-len(`1017:42["e",""]`))
	event := `1019:42["e","` + long + `"]`
	for accept, want := range map[string]string{
		"":                          "",
		"gzip":                      "gzip",
		"GZIP":                      "gzip",
		"deflate":                   "deflate",
		"deflate, gzip":             "deflate",
		"gzip, deflate, br":         "gzip",
		"gzip;q=0.5, deflate":       "deflate",
		"gzip;q=0.5, deflate;q=0.5": "gzip",
		"gzip;q=0":                  "",
		"gzip;q=0, *":               "deflate",
		"*":                         "gzip",
		"deflate;q=0.1, *":          "gzip",
		"deflate;q=0.5, *;q=0.5":    "deflate",
		"br, identity":              "",
	} {
		t.Run(accept, func(t *testing.T) {
			fake := newFake(t)
			client := openPoll(t, fake, "")
			fake.Emit("e", `"`+long+`"`)

			got := client.request(http.MethodGet, "sid="+client.sid, "", http.Header{"Accept-Encoding": {accept}})

			assert.Equal(t, want, got.header.Get("Content-Encoding"))
			assert.Equal(t, strconv.Itoa(len(got.body)), got.header.Get("Content-Length"))
			assert.Equal(t, event, inflated(t, want, got.body))

			fake.Emit("e", `"`+long[1:]+`"`)
			got = client.request(http.MethodGet, "sid="+client.sid, "", http.Header{"Accept-Encoding": {accept}})
			assert.Empty(t, got.header.Get("Content-Encoding"), "too short")
		})
	}
}

func inflated(t *testing.T, encoding, body string) string {
	t.Helper()
	var plain io.Reader = strings.NewReader(body)
	var err error
	switch encoding {
	case "gzip":
		plain, err = gzip.NewReader(bytes.NewReader([]byte(body)))
	case "deflate":
		plain, err = zlib.NewReader(bytes.NewReader([]byte(body)))
	}
	require.NoError(t, err)
	data, err := io.ReadAll(plain)
	require.NoError(t, err)
	return string(data)
}
