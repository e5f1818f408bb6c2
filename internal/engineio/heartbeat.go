package engineio

import (
	"time"

	"github.com/coder/websocket"
)

// What the server announces is kept within these bounds: an absurd number must
// neither disable the heartbeat nor make it spin. Pinging more often than asked
// is always allowed. The defaults are engine.io's.
const (
	defaultPingInterval, defaultPingTimeout = 25 * time.Second, 5 * time.Second
	shortestPing, longestPing               = 10 * time.Millisecond, time.Minute
)

// rhythm is how often the client pings, and how long after an interval it waits
// for a sign of life.
type rhythm struct {
	interval, timeout time.Duration
}

func rhythmOf(open Packet) rhythm {
	return rhythm{
		interval: within(open.PingInterval, defaultPingInterval),
		timeout:  within(open.PingTimeout, defaultPingTimeout),
	}
}

func within(announced, fallback time.Duration) time.Duration {
	if announced == 0 {
		return fallback
	}
	return min(max(announced, shortestPing), longestPing)
}

// tend keeps the connection until its life ends: it pings at the server's
// rhythm and ends the life if nothing was received for interval plus timeout.
// It also closes the websocket, whoever ended the life.
func (c *Conn) tend() {
	defer c.ws.CloseNow() //nolint:errcheck // nobody is left to report it to

	var beat rhythm
	select {
	case <-c.life.Done():
		return
	case beat = <-c.opened:
	}

	ping := time.Now().Add(beat.interval)
	timer := time.NewTimer(beat.interval)
	for {
		select {
		case <-c.life.Done():
			return
		case <-timer.C:
		}
		now := time.Now()
		dead := c.lastHeard().Add(beat.interval + beat.timeout)
		if !now.Before(dead) {
			c.end(ErrSilent)
			return
		}
		if !now.Before(ping) {
			if c.ping(dead.Sub(now)) != nil {
				return
			}
			ping = now.Add(beat.interval)
		}
		timer.Reset(max(time.Until(earlier(ping, dead)), time.Millisecond))
	}
}

// ping sends one heartbeat. A peer that accepts no bytes until timeout is as
// dead as one that sends none. The life is ended first, so that the reader,
// whose websocket is closed by that, knows why.
func (c *Conn) ping(timeout time.Duration) error {
	silent := time.AfterFunc(timeout, func() { c.end(ErrSilent) })
	defer silent.Stop()
	if err := c.ws.Write(c.life, websocket.MessageText, []byte{enginePing}); err != nil {
		return c.failed(brokenError(err, c.secrets))
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
