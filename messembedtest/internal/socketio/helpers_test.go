package socketio_test

import (
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
	"github.com/messembed/messembed-go/messembedtest/internal/socketio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The expected results in this package were recorded from socket.io 2.4.1 with an
// application like newFake's.

// A fakeServer is a Server inside a fake service.
type fakeServer struct {
	*fakehttp.Server
	io *socketio.Server
}

// password is what a client must send, with any username, to hear events.
const password = "secret"

const exception = `["exception",{"status":"error","message":"Internal server error"}]`

// newFake returns a fake whose application answers two events with an exception
// and takes the event "disconnect" for the packet.
func newFake(t *testing.T, options ...func(*socketio.Config)) *fakeServer {
	f := &fakeServer{}
	f.Server = fakehttp.New(fakehttp.Config{
		TB: t, Package: "socketio", Host: "fake.test", Operations: []string{"Connect"},
		Route: func(*http.Request) fakehttp.Operation {
			return fakehttp.Operation{Name: "Connect", Takeover: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
				f.io.ServeHTTP(w, r)
			}}
		},
	})
	t.Cleanup(f.Close)
	cfg := socketio.Config{
		Interval: 25 * time.Second,
		Timeout:  5 * time.Second,
		Listens:  func(q node.Query) bool { return q.Has("username") && q.Text("password") == password },
		Receive: func(event string) (reply string, leaves bool) {
			if event == "send_message" || event == "send_writing" {
				return exception, false
			}
			return "", event == "disconnect"
		},
		Done:    f.Done(),
		Changed: func() {},
	}
	for _, option := range options {
		option(&cfg)
	}
	f.io = socketio.New(cfg)
	return f
}

// Emit sends an event, and waits as the response to its cause does.
func (f *fakeServer) Emit(event, data string) {
	f.io.Emit(event, []byte(data))
	f.io.Settle()
}
