package main

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// In a pipe there is a line every ten seconds, with the rate and the time left.
func TestProgress_piped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := startProgress(&out, false, 1000, 5000, new(waiting))
		time.Sleep(9 * time.Second)
		p.set(2000, 3)
		time.Sleep(12 * time.Second)
		p.end()
		assert.Equal(t, "2000/5000 rows, 3 failed, 100/s, 30s left\n2000/5000 rows, 3 failed, 50/s, 1m0s left\n", out.String())
	})
}

// On a terminal there is a bar; after it a new line begins.
func TestProgress_terminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, total := range map[string]int{"of a file": 5000, "of standard input": 0} {
			var out bytes.Buffer
			p := startProgress(&out, true, 0, total, new(waiting))
			time.Sleep(time.Second)
			p.set(500, 0)
			time.Sleep(time.Second)
			p.println(&out, "line 7: broken")
			p.set(1000, 1)
			time.Sleep(2 * time.Second)
			p.end()
			assert.Contains(t, out.String(), "rows", name)
			assert.Contains(t, out.String(), "\rline 7: broken\n", name)
			assert.Contains(t, out.String(), ", 1 failed, ", name)
			assert.True(t, strings.HasSuffix(out.String(), "\n"), name)
			for line := range strings.SplitSeq(out.String(), "\r") {
				assert.Less(t, len([]rune(line)), 80, name)
			}
		}
	})
}

// While the service makes the client wait, the lines go on and say why.
func TestProgress_waiting(t *testing.T) {
	tests := []struct {
		name     string
		fault    messembedtest.Fault
		terminal bool
		want     string
	}{
		{"a rate limit", messembedtest.Fault{Status: 429, RetryAfter: "45"}, false, "0/10 rows; waiting up to 35s: the service allows no more calls for now (status 429)\n"},
		{"a restart", messembedtest.Fault{Status: 503, RetryAfter: "45"}, false, "0/10 rows; waiting up to 35s: the service is not ready (status 503)\n"},
		{"on a terminal", messembedtest.Fault{Status: 429, RetryAfter: "45"}, true, "\rwaiting up to 35s: the service allows no more calls for now (status 429)\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake, waits := messembedtest.New(t), new(waiting)
				client := fake.Client(t, messembed.WithLogger(slog.New(waits)), messembed.WithTimeout(0),
					messembed.WithRetry(messembed.RetryPolicy{MinBackoff: 45 * time.Second, MaxBackoff: time.Minute}))
				fake.FailNext(test.fault)
				var out bytes.Buffer
				p := startProgress(&out, test.terminal, 0, 10, waits)
				err := client.Ping(t.Context())
				p.end()
				assert.NoError(t, err)
				assert.Contains(t, out.String(), test.want)

				out.Reset()
				time.Sleep(time.Minute)
				p = startProgress(&out, false, 0, 10, waits)
				time.Sleep(11 * time.Second)
				p.end()
				assert.Equal(t, "0/10 rows\n", out.String(), "nothing waits any more")
			})
		})
	}
	assert.False(t, isTerminal(io.Discard))
}

func TestProgress_noResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, waits := messembedtest.New(t), new(waiting)
		fake.FailRandomly(1, 1, messembedtest.Fault{Refuse: true})
		assert.Error(t, fake.Client(t, messembed.WithLogger(slog.New(waits))).Ping(t.Context()))
		var out bytes.Buffer
		p := startProgress(&out, false, 0, 10, waits)
		time.Sleep(11 * time.Second)
		p.end()
		assert.Equal(t, "0/10 rows; waiting up to 50s: the service does not respond (dial tcp: connect: connection refused)\n", out.String())
	})
}
