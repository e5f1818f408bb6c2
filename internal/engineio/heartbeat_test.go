package engineio_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/engineio"
)

func TestHeartbeat_keepsAnIdleConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, err := engineio.Dial(t.Context(), config(script(func(ctx context.Context, t *testing.T, ws *websocket.Conn) {
			say(ctx, ws, openFrame, "40")
			last := time.Now()
			for range 100 {
				_, frame, err := ws.Read(ctx)
				if !assert.NoError(t, err) {
					return
				}
				assert.Equal(t, "2", string(frame))
				assert.Equal(t, 25*time.Second, time.Since(last), "as often as the server asked")
				last = time.Now()
				time.Sleep(time.Second) // a slow way back does not matter
				say(ctx, ws, "3")
			}
			say(ctx, ws, `42["done"]`)
			answerPings(ctx, ws)
		}).transport(t)))
		require.NoError(t, err)
		defer conn.Close()

		event, err := conn.Receive()

		require.NoError(t, err)
		assert.Equal(t, "done", event.Name)
	})
}

func TestHeartbeat_noticesADeadServer(t *testing.T) {
	const week = 7 * 24 * time.Hour
	for name, tc := range map[string]struct {
		interval, timeout string
		within            time.Duration
	}{
		"as announced":       {"25000", "5000", 30 * time.Second},
		"timeout above":      {"3000", "20000", 23 * time.Second},
		"milliseconds":       {"20", "30", 50 * time.Millisecond},
		"nothing announced":  {"null", "null", 30 * time.Second},
		"zero":               {"0", "0", 30 * time.Second},
		"negative":           {"-5", "-5", 30 * time.Second},
		"tiny":               {"0.0001", "0.0001", 20 * time.Millisecond},
		"a week":             {fmt.Sprint(week.Milliseconds()), fmt.Sprint(week.Milliseconds()), 2 * time.Minute},
		"beyond all numbers": {"1e999", "1e999", 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var pings atomic.Int32
				conn, err := engineio.Dial(t.Context(), config(script(func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
					say(ctx, ws, fmt.Sprintf(`0{"sid":"s","pingInterval":%s,"pingTimeout":%s}`, tc.interval, tc.timeout), "40")
					for {
						if _, _, err := ws.Read(ctx); err != nil {
							return
						}
						pings.Add(1)
					}
				}).transport(t)))
				require.NoError(t, err)
				start := time.Now()

				_, err = conn.Receive()

				require.ErrorIs(t, err, engineio.ErrSilent)
				assert.Equal(t, tc.within, time.Since(start))
				conn.Close()
				assert.InDelta(t, 4, pings.Load(), 3.5, "at least one, and no storm of them")
				_, err = conn.Receive()
				assert.ErrorIs(t, err, engineio.ErrSilent, "and it stays so")
			})
		})
	}
}

// A peer whose socket is open but takes nothing more: a ping cannot be written.
func TestHeartbeat_noticesAServerThatDoesNotRead(t *testing.T) {
	for name, tc := range map[string]struct {
		interval, timeout time.Duration
		pingsRead         int
	}{
		"the first ping":  {25 * time.Second, 5 * time.Second, 0},
		"the second ping": {3 * time.Second, 20 * time.Second, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, err := engineio.Dial(t.Context(), config(script(func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
					say(ctx, ws, fmt.Sprintf(`0{"sid":"s","pingInterval":%d,"pingTimeout":%d}`, tc.interval.Milliseconds(), tc.timeout.Milliseconds()), "40")
					for range tc.pingsRead {
						_, _, _ = ws.Read(ctx)
					}
					<-ctx.Done()
				}).transport(t)))
				require.NoError(t, err)
				defer conn.Close()
				start := time.Now()

				_, err = conn.Receive()

				require.ErrorIs(t, err, engineio.ErrSilent)
				assert.Equal(t, tc.interval+tc.timeout, time.Since(start))
			})
		})
	}
}

// Events are signs of life too: engine.io's client counts every packet.
func TestHeartbeat_anyFrameCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, err := engineio.Dial(t.Context(), config(script(func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
			go func() {
				for ctx.Err() == nil {
					if _, _, err := ws.Read(ctx); err != nil {
						return
					}
				}
			}()
			say(ctx, ws, openFrame, "40")
			for range 10 {
				time.Sleep(20 * time.Second)
				say(ctx, ws, `42["tick"]`)
			}
			<-ctx.Done()
		}).transport(t)))
		require.NoError(t, err)
		defer conn.Close()
		start := time.Now()

		for range 10 {
			_, err := conn.Receive()
			require.NoError(t, err)
		}
		_, err = conn.Receive()

		require.ErrorIs(t, err, engineio.ErrSilent)
		assert.Equal(t, 230*time.Second, time.Since(start))
	})
}
