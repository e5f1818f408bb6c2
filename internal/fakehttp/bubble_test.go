package fakehttp_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

const madeOutside = "countertest: the fake was made outside the synctest bubble that uses it, where it would wait for ever: call New inside the bubble"

// What would hang in a bubble fails instead; what does not wait still works.
func TestServer_madeOutsideTheBubble(t *testing.T) {
	for name, test := range map[string]struct {
		fault fakeserver.Fault
		path  string
		want  []string
	}{
		"no waiting":         {path: "/count"},
		"a delay":            {fault: fakeserver.Fault{Delay: soon}, path: "/count"},
		"a live connection":  {path: "/live", want: []string{madeOutside}},
		"a stalled response": {fault: fakeserver.Fault{Stall: true}, path: "/count", want: []string{madeOutside}},
		"a stalled body":     {fault: fakeserver.Fault{Stall: true, Truncate: 1}, path: "/count", want: []string{madeOutside}},
	} {
		t.Run(name, func(t *testing.T) {
			tb := &failing{}
			c := newCounter(t, fakehttp.Config{TB: tb})
			c.FailNext(test.fault)
			synctest.Test(t, func(t *testing.T) {
				client := &client{transport: c, base: c.BaseURL()}
				err := client.do(client.request(t, http.MethodGet, test.path, "")).err
				if test.want == nil {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, "made outside")
				}
			})
			assert.Equal(t, test.want, tb.problems)
		})
	}
}
