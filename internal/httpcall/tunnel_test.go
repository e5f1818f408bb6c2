package httpcall

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// limitedConn tells whether a deadline applies to it.
type limitedConn struct {
	net.Conn
	limited bool
	set     int
}

func (c *limitedConn) SetDeadline(t time.Time) error {
	c.limited = !t.IsZero()
	c.set++
	return nil
}

func (*limitedConn) Write(p []byte) (int, error) { return len(p), nil }

// A deadline applies from the first word to a proxy to the first one past it, and
// to nothing that was written without a proxy.
func TestTunnelled(t *testing.T) {
	type step struct {
		written string
		limited bool
	}
	for name, steps := range map[string][]step{
		"CONNECT":               {{"CONNECT chat.example.com:443 HTTP/1.1\r\n\r\n", true}, {"\x16\x03\x01", false}, {"\x05\x01", false}, {"CONNECT ", false}},
		"SOCKS, with TLS":       {{"\x05\x02\x00\x02", true}, {"\x01\x05admin\x06secret", true}, {"\x05\x01\x00", true}, {"\x16\x03\x01", false}, {"\x17\x03\x03", false}},
		"SOCKS, without TLS":    {{"\x05\x01\x00", true}, {"\x05\x01\x00", true}, {"POST /messages HTTP/1.1\r\n", false}, {"\x01", false}},
		"no proxy":              {{"\x16\x03\x01", false}, {"\x05", false}},
		"no proxy, without TLS": {{"", false}, {"GET /users HTTP/1.1\r\n", false}, {"CONNECT ", false}},
	} {
		t.Run(name, func(t *testing.T) {
			below := &limitedConn{}
			conn := &tunnelled{Conn: below, timeout: time.Minute}
			for _, step := range steps {
				n, err := conn.Write([]byte(step.written))
				require.NoError(t, err)
				assert.Equal(t, len(step.written), n)
				assert.Equal(t, step.limited, below.limited, "%q", step.written)
			}
			if steps[0].limited {
				assert.Equal(t, 2, below.set, "set once, and cleared once")
			} else {
				assert.Zero(t, below.set)
			}
		})
	}
}
