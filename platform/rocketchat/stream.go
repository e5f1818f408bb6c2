package rocketchat

import (
	"context"
	"errors"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rocketchat/internal/ddp"
)

// retryRefused is when a websocket that was refused is tried again.
const retryRefused = time.Minute

// stream keeps the websocket connected for as long as ctx lives, and puts what it
// hears into the inbox. Whether the credentials are good it leaves to the reads
// over REST: a server may refuse a token here and take it there.
func (p *platform) stream(ctx context.Context, call *messembed.Caller, ids []string, in *inbox) {
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

// listen connects once and listens until the connection ends. stood is for how
// long changes could be heard.
func (p *platform) listen(ctx context.Context, call *messembed.Caller, ids []string, in *inbox) (stood time.Duration, err error) {
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

// isRefused tells a server that does not serve this from one that is not well.
func isRefused(err error) bool {
	if answered, ok := errors.AsType[*ddp.StatusError](err); ok {
		return answered.StatusCode < 500
	}
	return errors.Is(err, ddp.ErrRefused)
}
