package rocketchat

import (
	"context"
	"errors"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rocketchat/internal/ddp"
)

// retryRefused is the pause before a refused websocket is tried again.
const retryRefused = time.Minute

// stream keeps the websocket connected until ctx ends and puts what it receives
// into the inbox. It does not judge the credentials: a server may refuse a
// token here and accept it over REST.
func (p *platform) stream(ctx context.Context, call *messembed.Call, ids []string, in *inbox) {
	backoff := call.Backoff()
	for {
		stood, err := p.listen(ctx, call, ids, in)
		backoff.Lasted(stood)
		pause := time.Duration(0)
		if isRefused(err) {
			pause = retryRefused
		}
		if !backoff.Wait(ctx, pause) {
			return
		}
	}
}

// listen connects once and listens until the connection ends. stood is how long
// the subscription lasted.
func (p *platform) listen(ctx context.Context, call *messembed.Call, ids []string, in *inbox) (stood time.Duration, err error) {
	conn, err := ddp.Dial(ctx, ddp.Config{
		URL: p.root + "/" + opPresenceStream.Route, Transport: call.Transport(),
		Token: p.cred.AuthToken, UserIDs: ids, HandshakeTimeout: call.AttemptTimeout(),
	})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	in.put(news{kind: begun})
	began := time.Now()
	defer in.put(news{kind: broken})
	for {
		change, err := conn.Receive()
		if err != nil {
			return time.Since(began), err
		}
		in.put(news{changed, change})
	}
}

// isRefused reports whether the server refuses websockets, rather than failing
// temporarily.
func isRefused(err error) bool {
	if answered, ok := errors.AsType[*ddp.StatusError](err); ok {
		return answered.StatusCode < 500
	}
	return errors.Is(err, ddp.ErrRefused)
}
