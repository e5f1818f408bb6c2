package ddp

import "time"

// A Meteor server says something at least every 15 seconds or so. After quietFor
// without a word the client asks, and if nothing comes for answerWithin, it gives
// up.
const (
	quietFor     = 20 * time.Second
	answerWithin = 10 * time.Second
)

// tend keeps the connection until its life ends: it asks a quiet server for a sign
// and ends the life when none comes. It is also what closes the websocket, whoever
// ended the life.
func (c *Conn) tend() {
	defer c.ws.CloseNow() //nolint:errcheck // there is nobody left to tell

	for {
		last := c.heard.Load()
		if quiet := time.Since(c.began) - time.Duration(last); quiet < quietFor {
			if !c.wait(quietFor - quiet) {
				return
			}
			continue
		}
		// A peer that takes no bytes is as dead as one that sends none.
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

// wait tells whether the life has lasted for d.
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
