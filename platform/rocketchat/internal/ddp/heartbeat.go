package ddp

import "time"

// A Meteor server sends something at least every 15 seconds or so. After
// quietFor without a message the client sends a ping, and if nothing arrives
// within answerWithin, it gives up.
const (
	quietFor     = 20 * time.Second
	answerWithin = 10 * time.Second
)

// tend watches the connection until its life ends: it pings a quiet server and
// ends the life if there is no response. It also closes the websocket, whoever
// ended the life.
func (c *Conn) tend() {
	defer c.ws.CloseNow() //nolint:errcheck // nobody is left to report it to

	for {
		last := c.heard.Load()
		if quiet := time.Since(c.began) - time.Duration(last); quiet < quietFor {
			if !c.wait(quietFor - quiet) {
				return
			}
			continue
		}
		// A peer that accepts no bytes is as dead as one that sends none.
		stuck := time.AfterFunc(answerWithin, func() { c.end(ErrSilent) })
		err := c.send(map[string]any{"msg": "ping"})
		stuck.Stop()
		if err != nil || !c.wait(answerWithin) {
			return
		}
		if c.heard.Load() == last {
			c.end(ErrSilent)
			return
		}
	}
}

// wait reports whether the life lasted for d.
func (c *Conn) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.life.Done():
		return false
	}
}
