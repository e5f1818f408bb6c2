package messembed

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"github.com/messembed/messembed-go/internal/engineio"
	"github.com/messembed/messembed-go/internal/httpcall"
	"github.com/messembed/messembed-go/internal/jsonstream"
)

// newMessageEvent is the only event sent to administrators.
const newMessageEvent = "admin__new_message"

// MessageEvents is one range; see eventStream for how it works.
func (a *adminAPI) MessageEvents(ctx context.Context, call *Call, o EventOptions, yield func(*MessageEvent) bool) error {
	if o.Buffer == 0 {
		o.Buffer = defaultEventBuffer
	}
	s := &eventStream{
		api: a, call: call, options: o, yield: yield, queue: newEventQueue(o.Buffer), parser: jsonstream.NewListParser(), page: eventPage,
		state: &eventState{tell: o.OnState, logger: call.client.cfg.logger},
	}
	if o.Position != "" {
		var problem string
		if s.position, problem = decodePosition(o.Position, o.Buffer); problem != "" {
			return call.Invalid(problem)
		}
	}
	if err := s.begin(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	listening, stop := context.WithCancel(ctx)
	var crash httpcall.Crash // in OnState or in a transport
	var listener sync.WaitGroup
	listener.Go(func() {
		defer stop()
		crash.Guard(func() { s.listen(listening) })
	})
	defer crash.GoOn()
	defer listener.Wait()
	defer stop()
	return s.run(listening)
}

func (s *eventStream) dial(ctx context.Context) (*engineio.Conn, error) {
	c := s.call.client
	username, password := c.cfg.basic()
	return engineio.Dial(ctx, engineio.Config{
		URL:              c.base,
		Query:            url.Values{"username": {username}, "password": {password}},
		Header:           http.Header{"User-Agent": {c.cfg.userAgent()}, "X-Request-Id": {newRequestID()}},
		HTTPClient:       &http.Client{Transport: s.call.Transport()},
		HandshakeTimeout: s.call.AttemptTimeout(),
		MaxMessageBytes:  c.cfg.maxResponseBytes,
	})
}

// readMessageEvent reads the arguments of the service's event and skips what it
// does not know.
func readMessageEvent(p *jsonstream.Parser) (*MessageEvent, error) {
	event, first := new(MessageEvent), true
	err := p.Array(func() error {
		if !first {
			return p.Skip()
		}
		first = false
		return p.Object(func(name []byte) error {
			switch string(name) {
			case "message":
				return readNested(p, "message", &event.Message, readMessage)
			case "chat":
				return readNested(p, "chat", &event.Chat, readChat)
			}
			return p.Skip()
		})
	})
	if err == nil && (event.Message == nil || event.Message.ID == "" || event.Message.CreatedAt.IsZero()) {
		err = BadField("message", "missing from the event")
	}
	return event, err
}
