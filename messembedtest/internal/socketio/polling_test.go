package socketio_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPolling_handshake(t *testing.T) {
	fake := newFake(t)
	client := openPoll(t, fake, "")

	open := `0{"sid":"` + client.sid + `","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":5000}`
	assert.Len(t, client.sid, 20, "as long as the real server's")
	assert.Equal(t, "96:"+open+"2:40", client.hand.body)
	assert.Equal(t, "text/plain; charset=UTF-8", client.hand.header.Get("Content-Type"))
	assert.Equal(t, "io="+client.sid+"; Path=/; HttpOnly; SameSite=Strict", client.hand.header.Get("Set-Cookie"))
	assert.Equal(t, "*", client.hand.header.Get("Access-Control-Allow-Origin"))

	other := openPoll(t, fake, "&b64=1")
	assert.NotEqual(t, client.sid, other.sid)
}

func TestPolling_talk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)
		client := openPoll(t, fake, "")

		said := client.post(`1:237:42["send_message",{"content":"hé😀"}]`)
		assert.Equal(t, "ok", said.body)
		assert.Equal(t, "text/html", said.header.Get("Content-Type"))
		assert.Equal(t, `1:368:42["exception",{"status":"error","message":"Internal server error"}]`, client.poll().body)

		pending := client.pollLater()
		fake.Emit("e", `"hé😀"`)
		assert.Equal(t, `14:42["e","hé😀"]`, (<-pending).body, "lengths in UTF-16 code units")

		fake.Emit("e", `1`)
		fake.Emit("e", `2`)
		assert.Equal(t, `9:42["e",1]9:42["e",2]`, client.poll().body)
	})
}

func TestPolling_refusals(t *testing.T) {
	const (
		unknownTransport = `{"code":0,"message":"Transport unknown"}`
		unknownSession   = `{"code":1,"message":"Session ID unknown"}`
		badMethod        = `{"code":2,"message":"Bad handshake method"}`
		badRequest       = `{"code":3,"message":"Bad request"}`
	)
	fake := newFake(t)
	client := openPoll(t, fake, "")
	for name, tc := range map[string]struct{ method, target, want string }{
		"no transport":               {"GET", "/socket.io/?EIO=3", unknownTransport},
		"unknown transport":          {"GET", "/socket.io/?transport=nope", unknownTransport},
		"unknown transport, POST":    {"POST", "/socket.io/?transport=nope", unknownTransport},
		"unknown session":            {"GET", "/socket.io/?transport=polling&sid=x", unknownSession},
		"unknown session, POST":      {"POST", "/socket.io/?transport=polling&sid=x", unknownSession},
		"handshake by POST":          {"POST", "/socket.io/?transport=polling", badMethod},
		"handshake by OPTIONS":       {"OPTIONS", "/socket.io/?transport=polling", badMethod},
		"websocket without upgrade":  {"GET", "/socket.io/?transport=websocket", badRequest},
		"session on other transport": {"GET", "/socket.io/?transport=websocket&sid=" + client.sid, badRequest},
	} {
		t.Run(name, func(t *testing.T) {
			got := client.raw(tc.method, tc.target, "", nil)

			assert.Equal(t, http.StatusBadRequest, got.status)
			assert.Equal(t, tc.want, got.body)
			assert.Equal(t, "application/json", got.header.Get("Content-Type"))
			assert.Equal(t, "*", got.header.Get("Access-Control-Allow-Origin"))
			assert.NotContains(t, got.header, "Content-Length")
			assert.NotContains(t, got.header, "Connection", "there is no connection in memory")
			assert.Contains(t, got.header, "Date")

			got = client.raw(tc.method, tc.target, "", http.Header{"Origin": {"https://o.test"}})
			assert.Equal(t, "https://o.test", got.header.Get("Access-Control-Allow-Origin"))
			assert.Equal(t, "true", got.header.Get("Access-Control-Allow-Credentials"))
		})
	}
	t.Run("method not used by polling", func(t *testing.T) {
		assert.Equal(t, http.StatusInternalServerError, client.request("PUT", "sid="+client.sid, "", nil).status)
	})
	t.Run("preflight", func(t *testing.T) {
		got := client.request("OPTIONS", "sid="+client.sid, "", http.Header{"Origin": {"https://o.test"}})
		assert.Equal(t, http.StatusOK, got.status)
		assert.Equal(t, "Content-Type", got.header.Get("Access-Control-Allow-Headers"))
		assert.Equal(t, "https://o.test", got.header.Get("Access-Control-Allow-Origin"))
	})
	t.Run("upgrade", func(t *testing.T) {
		for query, want := range map[string]string{"transport=nope": "Transport unknown", "transport=websocket&sid=x": "Session ID unknown"} {
			got := client.raw("GET", "/socket.io/?"+query, "", http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}})
			assert.Equal(t, http.StatusBadRequest, got.status)
			assert.Equal(t, want, got.body)
			assert.Equal(t, "text/html", got.header.Get("Content-Type"))
		}
	})
}

func TestPolling_oddPayloads(t *testing.T) {
	const unknownSession = `{"code":1,"message":"Session ID unknown"}`
	const cutOff = "" // no response at all
	for payload, want := range map[string]struct{ answer, next string }{
		"":           {cutOff, unknownSession},
		"x":          {cutOff, unknownSession},
		"3:2":        {cutOff, unknownSession},
		"5:2":        {cutOff, unknownSession},
		"-1:2":       {cutOff, unknownSession},
		"1:":         {cutOff, unknownSession},
		"1:7":        {cutOff, unknownSession},
		"1:2x":       {cutOff, unknownSession},
		"3:42{":      {cutOff, "1:61:1"}, // Socket.IO cannot decode it: an orderly close, announced by the next poll
		"3:42{x":     {cutOff, "1:61:1"},
		"6:b4AAEC":   {cutOff, "1:61:1"},
		"3:42{1:1":   {cutOff, unknownSession},
		"1:23:42{":   {"ok", "1:3"}, // the close waits until earlier packets are fetched
		"1:21:2":     {"ok", "1:31:3"},
		"01:2":       {"ok", "1:3"}, // numbers are JavaScript's
		"+1:2":       {"ok", "1:3"},
		" 1:2":       {"ok", "1:3"},
		"1.0:2":      {"ok", "1:3"},
		"1e0:2":      {"ok", "1:3"},
		"0x1:2":      {"ok", "1:3"},
		" :1:2":      {"ok", "1:3"},
		"1.5:2":      {cutOff, unknownSession},
		"Infinity:2": {cutOff, unknownSession},
		"0:1:2":      {"ok", "1:3"},
		"1:1":        {"ok", unknownSession}, // a close packet
		"2:1x":       {"ok", unknownSession},
		"4:b1AA":     {"ok", unknownSession},
		"1:21:1x":    {"ok", unknownSession},
		"1:13:42{":   {"ok", unknownSession},
	} {
		t.Run(payload, func(t *testing.T) {
			client := openPoll(t, newFake(t), "")

			got := client.post(payload)

			assert.Equal(t, want.answer, got.body)
			assert.Equal(t, want.answer == cutOff, got.err != nil)
			assert.Equal(t, want.next, client.poll().body)
		})
	}
}

func TestPolling_binaryPayload(t *testing.T) {
	client := openPoll(t, newFake(t), "")
	post := func(payload string) string {
		return client.request("POST", "sid="+client.sid, payload, http.Header{"Content-Type": {"application/octet-stream"}}).body
	}
	assert.Equal(t, "ok", post("\x00\x01\xff2\x01\x01\xff\x02"))
	assert.Equal(t, "1:31:3", client.poll().body)
	assert.Empty(t, post("\x00\x01\xff2\x00\x01"))
	assert.Equal(t, `{"code":1,"message":"Session ID unknown"}`, client.poll().body)
}

func TestPolling_endings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)

		client := openPoll(t, fake, "")
		pending := client.pollLater()
		assert.Equal(t, http.StatusInternalServerError, client.poll().status, "two polls at the same time")
		assert.Equal(t, "1:1", (<-pending).body)

		client = openPoll(t, fake, "")
		pending = client.pollLater()
		client.post("1:1")
		assert.Equal(t, "1:6", (<-pending).body, "a client that sends a close packet gets a noop")

		client = openPoll(t, fake, "")
		pending = client.pollLater()
		start := time.Now()
		assert.Equal(t, "1:1", (<-pending).body, "a silent client")
		assert.Equal(t, 30*time.Second, time.Since(start))

		client = openPoll(t, fake, "")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("gave up")) })
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, fake.BaseURL()+"/socket.io/?transport=polling&sid="+client.sid, nil)
		require.NoError(t, err)
		_, err = fake.RoundTrip(r)
		require.Error(t, err)
		synctest.Wait()
		assert.Contains(t, client.poll().body, "Session ID unknown", "the client went away while waiting")

		client = openPoll(t, fake, "")
		client.post("3:42{")
		time.Sleep(31 * time.Second)
		assert.Contains(t, client.poll().body, "Session ID unknown", "the client does not fetch its close packet")
	})
}
