package ddp

import "time"

// A Meteor server says something at least every 15 seconds or so. After quietFor
// without a word the client asks, and after deadAfter it gives up.
const (
	quietFor  = 20 * time.Second
	deadAfter = 30 * time.Second
)

// tend keeps the connection until its life ends: it asks a quiet server for a sign
// and ends the life when none comes. It is also what closes the websocket, whoever
// ended the life.
func (c *Conn) tend() {
	defer c.ws.CloseNow() //nolint:errcheck // there is nobody left to tell

	timer := time.NewTimer(quietFor)
	defer timer.Stop()
	asked := false
	for {
		select {
		case <-c.life.Done():
			return
		case <-timer.C:
		}
		quiet := time.Since(c.began) - time.Duration(c.heard.Load())
		switch {
		case quiet >= deadAfter:
			c.end(ErrSilent)
			return
		case quiet < quietFor:
			asked = false
			timer.Reset(quietFor - quiet)
			continue
		case !asked:
			asked = true
			// A peer that takes no bytes is as dead as one that sends none.
			stuck := time.AfterFunc(deadAfter-quiet, func() { c.end(ErrSilent) })
			err := c.send(map[string]any{"msg": "ping"})
			stuck.Stop()
			if err != nil {
				return
			}
		}
		timer.Reset(max(deadAfter-(time.Since(c.began)-time.Duration(c.heard.Load())), time.Millisecond))
	}
}
