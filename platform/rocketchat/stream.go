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
	for failures := 1; ; failures++ {
		stood, err := p.listen(ctx, call, ids, in)
		if stood {
			failures = 1
		}
		wait := call.Backoff(failures)
		if isRefused(err) {
			wait = retryRefused
		}
		if !sleep(ctx, wait) {
			return
		}
	}
}

// listen connects once and listens until the connection ends. stood tells whether
// it came so far that changes could be heard.
func (p *platform) listen(ctx context.Context, call *messembed.Caller, ids []string, in *inbox) (stood bool, err error) {
	conn, err := ddp.Dial(ctx, ddp.Config{
		URL: p.base.JoinPath(opPresenceStream.Route).String(), Transport: call.Transport(),
		Token: p.cred.AuthToken, UserIDs: ids, HandshakeTimeout: call.AttemptTimeout(),
	})
	if err != nil {
		return false, err
	}
	defer conn.Close()
	in.put(news{kind: begun})
	defer in.put(news{kind: broken})
	for {
		change, err := conn.Receive()
		if err != nil {
			return true, err
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

// sleep waits unless ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
