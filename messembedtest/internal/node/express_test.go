package node_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

func request(method string, header ...string) *http.Request {
	r := httptest.NewRequest(method, "/", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func TestSend(t *testing.T) {
	const tag = `W/"1a-mD7rKsjGc7KBh+/NvDiYbunPMl4"`
	list := js.NewObject("totalCount", 0.0, "data", &js.Array{})
	for _, tc := range []struct {
		name, method string
		header       []string
		want         int
	}{
		{"unconditionally", "GET", nil, 200},
		{"the same", "GET", []string{"If-None-Match", tag}, 304},
		{"among others", "GET", []string{"If-None-Match", `"a" , ` + tag}, 304},
		{"in another line", "GET", []string{"If-None-Match", `"a"`, "If-None-Match", tag}, 304},
		{"strong", "GET", []string{"If-None-Match", tag[2:]}, 304},
		{"any", "GET", []string{"If-None-Match", "*"}, 304},
		{"HEAD", "HEAD", []string{"If-None-Match", tag}, 304},
		{"another", "GET", []string{"If-None-Match", `W/"1a-x"`}, 200},
		{"by date as well", "GET", []string{"If-None-Match", tag, "If-Modified-Since", "Sat, 21 Nov 2026 00:00:00 GMT"}, 200},
		{"by date", "GET", []string{"If-Modified-Since", "Sat, 21 Nov 2099 00:00:00 GMT"}, 200},
		{"no cache", "GET", []string{"If-None-Match", tag, "Cache-Control", "max-age=0, no-cache"}, 200},
		{"not a read", "POST", []string{"If-None-Match", "*"}, 200},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()

			node.SendJSON(w, request(tc.method, tc.header...), 0, http.StatusOK, list)

			assert.Equal(t, tc.want, w.Code)
			assert.Equal(t, tag, w.Header().Get("ETag"))
			assert.Equal(t, "Thu, 01 Jan 1970 00:00:00 GMT", w.Header().Get("Date"))
			assert.Equal(t, "Express", w.Header().Get("X-Powered-By"))
			if tc.want == http.StatusNotModified {
				assert.Empty(t, w.Body.String())
				assert.Empty(t, w.Header().Get("Content-Type"))
				return
			}
			assert.Equal(t, `{"totalCount":0,"data":[]}`, w.Body.String())
			assert.Equal(t, "application/json; charset=utf-8", w.Header().Get("Content-Type"))
		})
	}

	w := httptest.NewRecorder()
	node.SendJSON(w, request("GET", "If-None-Match", "*"), 0, http.StatusNotFound, list)
	assert.Equal(t, http.StatusNotFound, w.Code, "a failure is never fresh")
}

func TestPreflight(t *testing.T) {
	w := httptest.NewRecorder()
	node.Preflight(w, request("OPTIONS", "Access-Control-Request-Headers", "authorization,x-a"), 0)
	assert.Equal(t, http.StatusNoContent, w.Code)
	assert.Empty(t, w.Body.String())
	assert.Equal(t, "GET,HEAD,PUT,PATCH,POST,DELETE", w.Header().Get("Access-Control-Allow-Methods"))
	assert.Equal(t, "authorization,x-a", w.Header().Get("Access-Control-Allow-Headers"))
	assert.Equal(t, "Access-Control-Request-Headers", w.Header().Get("Vary"))
	assert.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"))

	w = httptest.NewRecorder()
	node.Preflight(w, request("OPTIONS"), 0)
	assert.NotContains(t, w.Header(), "Access-Control-Allow-Headers")
}
