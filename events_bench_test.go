package messembed_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

// BenchmarkMessageEvents takes 50,000 events from a server on loopback, each with a message and its chat as the real
// server announces them (1.6 kB), and counts how many come through in a second. It wants 25,000.
func BenchmarkMessageEvents(b *testing.B) {
	const events = 50_000
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/admin-api/messages" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"messages":[]}`))
			return
		}
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer ws.CloseNow()
		ctx := context.Background()
		_ = ws.Write(ctx, websocket.MessageText, []byte(`0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":5000}`))
		_ = ws.Write(ctx, websocket.MessageText, []byte(`40`))
		start := time.Now()
		for i := range events {
			if ws.Write(ctx, websocket.MessageText, announcement(i, start.Add(time.Duration(i)*40*time.Microsecond))) != nil {
				return
			}
		}
		for err == nil {
			_, _, err = ws.Read(ctx)
		}
	}))
	defer server.Close()
	client, err := messembed.New(server.URL, messembed.WithBasicAuth("admin", "secret"))
	require.NoError(b, err)
	defer client.CloseIdleConnections()
	b.ReportAllocs()
	b.SetBytes(int64(events * len(announcement(0, time.Now()))))
	for b.Loop() {
		ctx, cancel := context.WithCancel(b.Context())
		count, live := 0, 0
		for event, err := range client.MessageEvents(ctx, messembed.EventOptions{Buffer: events}) {
			require.NoError(b, err)
			if !event.Replayed {
				live++
			}
			if count++; count == events {
				break
			}
		}
		cancel()
		require.Equal(b, events, live)
	}
	b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "events/s")
}

// announcement is the frame of one new message.
func announcement(i int, at time.Time) []byte {
	const user = `{"_id":"%s","createdAt":"2026-11-21T19:52:34.374Z","updatedAt":null,"deletedAt":null,"externalMetadata":{"firstName":"Ada","lastName":"Lovelace","avatar":"https://cdn.example.com/ada.png"},"privateExternalMetadata":{"email":"ada@example.com"},"blockStatus":null,"blockStatusUpdatedAt":null,"__v":0}`
	const message = `{"deletedFor":[],"_id":"%024x","createdAt":"%s","chat":"5f0000000000000000000001","user":"ada","content":"Good morning! Is the bicycle still for sale?","read":false,"attachments":[],"externalMetadata":{"source":"web"},"privateExternalMetadata":{},"__v":0}`
	stamp := at.UTC().Format("2006-01-02T15:04:05.000Z")
	return fmt.Appendf(nil, `42["admin__new_message",{"message":`+message+`,"chat":{"notReadBySecondCompanionMessagesCount":3,"notReadByFirstCompanionMessagesCount":0,"_id":"5f0000000000000000000001","createdAt":"2026-11-21T19:52:34.374Z","active":true,"firstCompanion":`+user+`,"secondCompanion":`+user+`,"externalMetadata":{},"privateExternalMetadata":{},"__v":0,"lastMessage":`+message+`}}]`,
		i+1, stamp, "ada", "bob", i, stamp)
}
