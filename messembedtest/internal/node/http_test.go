package node_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

func TestRefused(t *testing.T) {
	assert.Zero(t, node.Refused(request("PROPFIND"), "/"))
	assert.Equal(t, http.StatusBadRequest, node.Refused(request("FOO"), "/"))
	assert.Equal(t, http.StatusBadRequest, node.Refused(request("get"), "/"))
	assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, node.Refused(request("GET"), "/"+strings.Repeat("x", 17_000)))
	assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, node.Refused(request("GET", "X-Long", strings.Repeat("x", 17_000)), "/"))
}

func TestOriginForm(t *testing.T) {
	for target, want := range map[string]string{
		"/a?b": "/a?b", "//a": "//a", "http://h/a?b": "/a?b", "http://h?b": "?b", "http://h": "/", "*": "/", "h:443": "/",
	} {
		assert.Equal(t, want, node.OriginForm(target))
	}
}

func TestLatin1(t *testing.T) {
	assert.Equal(t, "/a", node.Latin1("/a"))
	assert.Equal(t, "/Ã©", node.Latin1("/é"))
}

func TestIsUpgrade(t *testing.T) {
	assert.True(t, node.IsUpgrade(request("GET", "Connection", "keep-alive, Upgrade", "Upgrade", "h2c")))
	assert.False(t, node.IsUpgrade(request("GET", "Connection", "Upgrade")))
	assert.False(t, node.IsUpgrade(request("GET", "Upgrade", "websocket")))
}

func TestDecodeBase64(t *testing.T) {
	for s, want := range map[string]string{"YTpi": "a:b", "YTo_": "a:?", "Y T\tp*i": "a:b", "YQ": "a", "YQ==YQ": "a", "YWJjZ": "abc", "": ""} {
		assert.Equal(t, want, string(node.DecodeBase64(s)), s)
	}
}
