package socketio_test

import (
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Frames as sent on the wire, and the responses after the greeting.
func TestServer_oddFrames(t *testing.T) {
	const masked = "\x80\x00\x00\x00\x00" // an empty payload, masked
	const mask = "\x00\x00\x00\x00"
	for name, tc := range map[string]struct{ sends, hears string }{
		"goodbye":                   {"\x88\x82" + mask + "\x03\xe8", "\x88\x02\x03\xe8"},
		"goodbye without a code":    {"\x88" + masked, "\x88\x00"},
		"goodbye with a complaint":  {"\x88\x84" + mask + "\x03\xeahm", "\x88\x04\x03\xeahm"},
		"half a code":               {"\x88\x81" + mask + "\x03", ""},
		"code that nobody may send": {"\x88\x82" + mask + "\x03\xed", ""},
		"unmasked":                  {"\x81\x012", ""},
		"reserved bit":              {"\xc1\x81" + mask + "2", ""},
		"unknown kind":              {"\x83\x81" + mask + "2", ""},
		"text that is no UTF-8":     {"\x81\x81" + mask + "\xff", ""},
		"continuation of nothing":   {"\x80\x81" + mask + "2", ""},
		"message amid a message":    {"\x01\x81" + mask + "2\x81\x81" + mask + "2", ""},
		"long ping":                 {"\x89\xfe\x00\x7e" + mask + strings.Repeat("x", 126), ""},
		"ping of the protocol":      {"\x89\x82" + mask + "hi\x88" + masked, "\x8a\x02hi\x88\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := newFake(t)
			address, err := url.Parse(fake.URL())
			require.NoError(t, err)
			conn, err := net.Dial("tcp", address.Host)
			require.NoError(t, err)
			defer conn.Close()
			_, err = io.WriteString(conn, "GET /socket.io/?EIO=3&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
				"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
			require.NoError(t, err)
			const greeted = "\x81\x0240"
			head, err := readUntil(conn, greeted)
			require.NoError(t, err, head)

			_, err = io.WriteString(conn, tc.sends)
			require.NoError(t, err)

			require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
			got, _ := io.ReadAll(conn) // it may end with a reset
			assert.Equal(t, tc.hears, string(got))
		})
	}
}

func readUntil(r io.Reader, end string) (string, error) {
	var got []byte
	for one := make([]byte, 1); !strings.HasSuffix(string(got), end); {
		if _, err := io.ReadFull(r, one); err != nil {
			return string(got), err
		}
		got = append(got, one[0])
	}
	return string(got), nil
}
