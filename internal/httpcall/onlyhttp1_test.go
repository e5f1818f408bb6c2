package httpcall

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Whatever is not certain is in doubt.
func TestOnlyHTTP1(t *testing.T) {
	speaking := func(set ...func(*http.Protocols, bool)) *http.Transport {
		rt := &http.Transport{Protocols: new(http.Protocols)}
		for _, s := range set {
			s(rt.Protocols, true)
		}
		return rt
	}
	one, two, plainTwo := (*http.Protocols).SetHTTP1, (*http.Protocols).SetHTTP2, (*http.Protocols).SetUnencryptedHTTP2
	for name, test := range map[string]struct {
		transport http.RoundTripper
		want      bool
	}{
		"the SDK's":            {NewTransport(1, time.Second), true},
		"HTTP/1.1":             {speaking(one), true},
		"HTTP/2 too":           {speaking(one, two), false},
		"HTTP/2 without TLS":   {speaking(one, plainTwo), false},
		"by net/http's choice": {&http.Transport{}, false},
		"one of another type":  {http.NewFileTransport(http.Dir(".")), false},
	} {
		assert.Equal(t, test.want, onlyHTTP1(test.transport), name)
	}
}
