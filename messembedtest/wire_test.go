package messembedtest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest"
)

// A wireRecording is the response of a server built from the real one's
// libraries (as in TestLibraries, with nestjs-pino 1.4.0, socket.io 2.4.1,
// engine.io 3.5.0 and ws 7.4.6) to raw requests, each over a connection of its
// own. The bytes of a request are written as characters. "SID" stands for the
// id of a polling session that was opened before, "LONG" for a long text.
type wireRecording struct {
	Section, Title string
	Session        *string // added to the query of the session's handshake
	Exchanges      []wireExchange
}

type wireExchange struct {
	Send   string   `json:"send,omitempty"`
	Status string   `json:"status"` // the status line; empty: the connection was closed without a response
	Header []string `json:"header,omitempty"`
	Body   string   `json:"body,omitempty"`
}

func TestWire(t *testing.T) {
	file, err := os.Open("testdata/wire-exchanges.jsonl")
	require.NoError(t, err)
	defer file.Close()
	fake := messembedtest.New(t, messembedtest.WithCredentials("svc", "password"))
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var x wireRecording
		require.NoError(t, json.Unmarshal(lines.Bytes(), &x))
		t.Run(x.Section+"/"+x.Title, func(t *testing.T) {
			t.Parallel()
			sid := ""
			if x.Session != nil {
				opened := wire(t, fake, "GET /socket.io/?EIO=3&transport=polling"+*x.Session+" HTTP/1.1\r\nHost: x\r\n\r\n", "")
				sid = sidInOpen.FindStringSubmatch(strings.ReplaceAll(opened.Body, `\"`, `"`))[1]
			}
			for _, want := range x.Exchanges {
				got := wire(t, fake, want.Send, sid)
				want.Send = ""
				if strings.Contains(want.Status, " 204 ") { // net/http omits the length
					want.Header = slices.DeleteFunc(want.Header, func(line string) bool { return line == "content-length: 0" })
				}
				assert.Equal(t, want, got.withoutSID())
			}
		})
	}
	require.NoError(t, lines.Err())
}

var sidInOpen = regexp.MustCompile(`"sid":"([^"]*)"`)

var madeSID = regexp.MustCompile(`(io=|\\?"sid\\?":\\?")[\w-]+`)

func (x wireExchange) withoutSID() wireExchange {
	for i, line := range x.Header {
		x.Header[i] = madeSID.ReplaceAllString(line, "${1}SID")
	}
	x.Body = madeSID.ReplaceAllString(x.Body, "${1}SID")
	return x
}

// wire sends bytes over a connection and returns the response in the form of
// the recordings.
func wire(t *testing.T, fake *messembedtest.Server, send, sid string) wireExchange {
	t.Helper()
	address, err := url.Parse(fake.URL())
	require.NoError(t, err)
	conn, err := net.Dial("tcp", address.Host)
	require.NoError(t, err)
	defer conn.Close()
	if sid != "" {
		send = strings.ReplaceAll(send, "SID", sid)
	}
	send = strings.Replace(send, "LONG", strings.Repeat("x", 17_000), 1)
	_, err = conn.Write(latin1Bytes(send))
	require.NoError(t, err)
	return readWire(t, conn, send)
}

func readWire(t *testing.T, conn net.Conn, send string) wireExchange {
	t.Helper()
	var raw bytes.Buffer
	answer := bufio.NewReader(io.TeeReader(conn, &raw))
	if start, _ := answer.Peek(1); len(start) == 0 {
		return wireExchange{}
	}
	method, _, _ := strings.Cut(send, " ")
	resp, err := http.ReadResponse(answer, &http.Request{Method: method})
	require.NoError(t, err)
	defer resp.Body.Close()
	var body []byte
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, err = io.ReadAll(resp.Body)
		require.NoError(t, err)
	}
	head, _, _ := strings.Cut(raw.String(), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	for i, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Date" {
			value = "now"
		}
		lines[1+i] = strings.ToLower(name) + ": " + value
	}
	slices.Sort(lines[1:])
	return wireExchange{"", lines[0], lines[1:], string(body)}
}

func latin1Bytes(s string) []byte {
	var out []byte
	for _, r := range s {
		out = append(out, byte(r))
	}
	return out
}
