package messembedtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest"
)

// What is expected here was recorded against socket.io 2.4.1 with a gateway like Messembed's.

const openWebsocket = `0{"sid":"S","upgrades":[],"pingInterval":25000,"pingTimeout":5000}`

// socketClient is a websocket to the fake, in memory, that writes down what it hears.
type socketClient struct {
	t  *testing.T
	ws *websocket.Conn

	mu    sync.Mutex
	heard []string
	ended error
}

// openSocket connects with the fake's password.
func openSocket(t *testing.T, fake *messembedtest.Server) *socketClient {
	t.Helper()
	_, password := fake.Credentials()
	return openSocketWith(t, fake, url.Values{"username": {"admin"}, "password": {password}})
}

func openSocketWith(t *testing.T, fake *messembedtest.Server, query url.Values) *socketClient {
	t.Helper()
	ws, resp, err := dialSocket(t, fake, query)
	require.NoError(t, err)
	assert.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	c := &socketClient{t: t, ws: ws}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, data, err := ws.Read(context.Background())
			c.mu.Lock()
			if err != nil {
				c.ended = err
				c.mu.Unlock()
				return
			}
			c.heard = append(c.heard, withoutSID(string(data)))
			c.mu.Unlock()
		}
	}()
	t.Cleanup(func() { _ = ws.CloseNow(); <-done })
	synctest.Wait()
	return c
}

func dialSocket(t *testing.T, fake *messembedtest.Server, query url.Values) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	full := url.Values{"EIO": {"3"}, "transport": {"websocket"}}
	for key, values := range query {
		full[key] = values
	}
	return websocket.Dial(t.Context(), fake.BaseURL()+"/socket.io/?"+full.Encode(), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: fake},
	})
}

var sidInOpen = regexp.MustCompile(`"sid":"([^"]*)"`)

func withoutSID(s string) string { return sidInOpen.ReplaceAllString(s, `"sid":"S"`) }

// say sends each frame when everything before has been dealt with. A frame that begins with bin: is sent as bytes.
func (c *socketClient) say(frames ...string) {
	for _, frame := range frames {
		kind := websocket.MessageText
		if bytes, binary := strings.CutPrefix(frame, "bin:"); binary {
			kind, frame = websocket.MessageBinary, bytes
		}
		_ = c.ws.Write(context.Background(), kind, []byte(frame))
		synctest.Wait()
	}
}

// hears returns everything heard since the last call; "closed" at its end tells that the server closed the connection, "broken" that it broke.
func (c *socketClient) hears() []string {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	heard := c.heard
	c.heard = nil
	switch {
	case c.ended == nil:
	case websocket.CloseStatus(c.ended) == websocket.StatusNoStatusRcvd:
		heard = append(heard, "closed")
	default:
		heard = append(heard, "broken")
	}
	return heard
}

func TestSocketIO_frames(t *testing.T) {
	const exception = `42["exception",{"status":"error","message":"Internal server error"}]`
	type frames []string
	for name, tc := range map[string]struct{ says, hears frames }{
		"ping":                                 {frames{"2"}, frames{"3"}},
		"ping with data":                       {frames{"2x"}, frames{"3"}},
		"probe on a plain websocket":           {frames{"2probe"}, frames{"3"}},
		"upgrade on a plain websocket":         {frames{"5", "2"}, frames{"3"}},
		"close closes nothing":                 {frames{"1", "2"}, frames{"3"}},
		"open, pong, noop":                     {frames{"0", "3", "6", "2"}, frames{"3"}},
		"unknown Engine.IO packet":             {frames{"7", "2"}, frames{"closed"}},
		"no packet":                            {frames{"x", "2"}, frames{"closed"}},
		"empty frame":                          {frames{"", "2"}, frames{"closed"}},
		"empty message":                        {frames{"4", "2"}, frames{"closed"}},
		"unknown Socket.IO packet":             {frames{"49", "2"}, frames{"3"}},
		"broken JSON":                          {frames{"42{", "2"}, frames{"closed"}},
		"event without anything":               {frames{"42", "2"}, frames{"3"}},
		"event without a name":                 {frames{"42[]", "2"}, frames{"closed"}},
		"event named by a number":              {frames{"42[1]", "2"}, frames{"3"}},
		"event named null":                     {frames{"42[null]", "2"}, frames{"closed"}},
		"event that wants an acknowledgement":  {frames{`421["x"]`, "2"}, frames{"3"}},
		"disconnect with data":                 {frames{"41{}", "2"}, frames{"closed"}},
		"connect with data":                    {frames{"40{}", "2"}, frames{"3"}},
		"connect with text":                    {frames{`40"x"`, "2"}, frames{"closed"}},
		"error packet":                         {frames{`44"x"`, "441", "2"}, frames{"3"}},
		"acknowledgement":                      {frames{"431[]", "43", "2"}, frames{"3"}},
		"other namespace":                      {frames{"40/x", "2"}, frames{`44/x,"Invalid namespace"`, "3"}},
		"other namespace with a query":         {frames{"40/x?y=1,"}, frames{`44/x,"Invalid namespace"`}},
		"event of another namespace":           {frames{`42/x,["a"]`, "2"}, frames{"3"}},
		"unknown event":                        {frames{`42["nope",1]`, "2"}, frames{"3"}},
		"a user's event":                       {frames{`42["send_message",{}]`, "2"}, frames{exception, "3"}},
		"a user's event with acknowledgement":  {frames{`427["send_writing",{}]`, "2"}, frames{exception, "3"}},
		"a user's event after disconnect":      {frames{"41", `42["send_message",{}]`, "2"}, frames{"3"}},
		"a user's event after connecting anew": {frames{"41", "40", `42["send_message",{}]`}, frames{exception}},
		"bytes that nobody announced":          {frames{"bin:\x04\x01", "2"}, frames{"closed"}},
		"ping in bytes":                        {frames{"bin:\x02", "2"}, frames{"3", "3"}},
		"unknown packet in bytes":              {frames{"bin:\x09", "2"}, frames{"3"}},
		"base64 that nobody announced":         {frames{"b4AAEC", "2"}, frames{"closed"}},
		"ping in base64":                       {frames{"b2AAEC", "2"}, frames{"3", "3"}},
		"unknown packet in base64":             {frames{"b9AAEC", "2"}, frames{"3"}},
		"binary event":                         {frames{`451-["send_message",{"_placeholder":true,"num":0}]`, "bin:\x04\x01", "2"}, frames{exception, "3"}},
		"text amid a binary event":             {frames{`451-["send_message",{"_placeholder":true,"num":0}]`, "2", `42["x"]`, "2"}, frames{"3", "closed"}},
		"too many attachments":                 {frames{`4511-["send_message"]`, "2"}, frames{"closed"}},
		"attachments not told":                 {frames{"45", "2"}, frames{"closed"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := openSocket(t, messembedtest.New(t))
				require.Equal(t, []string{openWebsocket, "40"}, client.hears())

				client.say(tc.says...)

				assert.Equal(t, []string(tc.hears), client.hears())
			})
		})
	}
}

func TestSocketIO_silentClientIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := openSocket(t, messembedtest.New(t, messembedtest.WithPingInterval(3*time.Second, time.Second)))
		assert.Equal(t, []string{`0{"sid":"S","upgrades":[],"pingInterval":3000,"pingTimeout":1000}`, "40"}, client.hears())
		for range 5 {
			time.Sleep(3999 * time.Millisecond)
			client.say("6") // any packet is a sign of life
		}
		assert.Empty(t, client.hears())

		time.Sleep(3999 * time.Millisecond)
		assert.Empty(t, client.hears())
		time.Sleep(2 * time.Millisecond)
		assert.Equal(t, []string{"closed"}, client.hears())
	})
}

func TestSocketIO_whoHearsEvents(t *testing.T) {
	const data = `{"message":{"content":"hé😀"},"chat":{}}`
	const event = `42["admin__new_message",` + data + `]`
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t, messembedtest.WithCredentials("svc", "secret"))
		admin := openSocketWith(t, fake, url.Values{"username": {"svc"}, "password": {"secret"}})
		otherName := openSocketWith(t, fake, url.Values{"username": {"anything"}, "password": {"secret"}})
		wrong := openSocketWith(t, fake, url.Values{"username": {"svc"}, "password": {"nope"}})
		nameless := openSocketWith(t, fake, url.Values{"username": {""}, "password": {"secret"}})
		nobody := openSocketWith(t, fake, nil)
		gone := openSocketWith(t, fake, url.Values{"username": {"svc"}, "password": {"secret"}})
		twice := openSocketWith(t, fake, url.Values{"username": {"svc"}, "password": {"secret"}})
		gone.say("41")
		twice.say("40")
		all := []*socketClient{admin, otherName, wrong, nameless, nobody, gone, twice}
		for _, c := range all {
			require.Equal(t, []string{openWebsocket, "40"}, c.hears(), "everybody is let in")
		}

		fake.Emit("admin__new_message", data)

		assert.Equal(t, []string{event}, admin.hears())
		assert.Equal(t, []string{event}, otherName.hears())
		assert.Empty(t, wrong.hears())
		assert.Empty(t, nameless.hears())
		assert.Empty(t, nobody.hears())
		assert.Empty(t, gone.hears())
		assert.Equal(t, []string{event, event}, twice.hears())
	})
}

func TestSocketIO_eventsKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := openSocket(t, fake)
		client.hears()
		var want []string
		for i := range 500 {
			n := strings.Repeat("x", i)
			want = append(want, `42["e","`+n+`"]`)
			fake.Emit("e", `"`+n+`"`)
		}

		assert.Equal(t, want, client.hears())
	})
}

func TestSocketIO_dropConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := openSocket(t, fake)
		poller := openPoll(t, fake, "")
		pending := poller.pollLater()
		client.hears()

		fake.DropConnections()

		assert.Equal(t, []string{"broken"}, client.hears())
		assert.Error(t, (<-pending).err)
		assert.Equal(t, `{"code":1,"message":"Session ID unknown"}`, poller.poll().body)
		assert.Equal(t, []string{openWebsocket, "40"}, openSocket(t, fake).hears(), "what comes after is not concerned")
	})
}

func TestSocketIO_stallConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := openSocket(t, fake)
		poller := openPoll(t, fake, "")
		pending := poller.pollLater()
		client.hears()

		fake.StallConnections()
		fake.Emit("e", `1`)
		client.say("2")
		time.Sleep(time.Hour)

		assert.Empty(t, client.hears(), "neither a word nor an end")
		select {
		case got := <-pending:
			t.Errorf("the poll was answered: %+v", got)
		default:
		}
		later := openSocket(t, fake)
		fake.Emit("e", `2`)
		assert.Equal(t, []string{openWebsocket, "40", `42["e",2]`}, later.hears())
	})
}

func TestSocketIO_refuseWebsockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		before := openSocket(t, fake)
		before.hears()

		fake.RefuseWebsockets(true)
		_, resp, err := dialSocket(t, fake, nil)
		require.Error(t, err)
		assert.Equal(t, http.StatusForbidden, resp.StatusCode)
		fake.Emit("e", `1`)
		assert.Equal(t, []string{`42["e",1]`}, before.hears())
		openPoll(t, fake, "")

		fake.RefuseWebsockets(false)
		openSocket(t, fake)
	})
}

func TestSocketIO_faultsOfTheHandshake(t *testing.T) {
	fake := messembedtest.New(t)
	fake.FailNext(messembedtest.Fault{Op: "MessageEvents", Status: http.StatusBadGateway})
	_, resp, err := dialSocket(t, fake, nil)
	require.Error(t, err)
	assert.Equal(t, http.StatusBadGateway, resp.StatusCode)

	fake.FailNext(messembedtest.Fault{Op: "MessageEvents", Refuse: true})
	_, resp, err = dialSocket(t, fake, nil)
	require.Error(t, err)
	assert.Nil(t, resp)
}

func TestSocketIO_overASocketUnderABasePath(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithBasePath("/api/messembed"))
	_, password := fake.Credentials()
	ws, _, err := websocket.Dial(t.Context(), fake.URL()+"/socket.io/?EIO=3&transport=websocket&username=a&password="+password, nil)
	require.NoError(t, err)
	defer ws.CloseNow()
	hear := func() string {
		_, data, err := ws.Read(t.Context())
		require.NoError(t, err)
		return withoutSID(string(data))
	}
	assert.Equal(t, openWebsocket, hear())
	assert.Equal(t, "40", hear())

	fake.Emit("e", `1`)
	assert.Equal(t, `42["e",1]`, hear())

	fake.DropConnections()
	_, _, err = ws.Read(t.Context())
	require.ErrorIs(t, err, syscall.ECONNRESET, "it broke; nobody said goodbye")
}

func TestSocketIO_endsWithTheFake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := openSocket(t, fake)
		poller := openPoll(t, fake, "")
		pending := poller.pollLater()
		client.hears()

		fake.Close()

		assert.Equal(t, []string{"broken"}, client.hears())
		assert.Error(t, (<-pending).err)
	})
}

// pollClient is a client of the polling transport, in memory.
type pollClient struct {
	t    *testing.T
	fake *messembedtest.Server
	sid  string
	hand polled // the handshake's answer
}

type polled struct {
	status int
	header http.Header
	body   string
	err    error
}

func openPoll(t *testing.T, fake *messembedtest.Server, query string) *pollClient {
	t.Helper()
	c := &pollClient{t: t, fake: fake}
	_, password := fake.Credentials()
	c.hand = c.request(http.MethodGet, "username=admin&password="+url.QueryEscape(password)+query, "", nil)
	require.NoError(t, c.hand.err)
	require.Equal(t, http.StatusOK, c.hand.status)
	c.sid = sidInOpen.FindStringSubmatch(c.hand.body)[1]
	return c
}

func (c *pollClient) request(method, query, body string, header http.Header) polled {
	return c.raw(method, "/socket.io/?EIO=3&transport=polling&"+query, body, header)
}

func (c *pollClient) raw(method, target, body string, header http.Header) polled {
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.fake.BaseURL()+target, strings.NewReader(body))
	if err != nil {
		return polled{err: err}
	}
	for name, values := range header {
		r.Header[name] = values
	}
	resp, err := c.fake.RoundTrip(r)
	if err != nil {
		return polled{err: err}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return polled{resp.StatusCode, resp.Header, string(data), err}
}

func (c *pollClient) poll() polled {
	return c.request(http.MethodGet, "sid="+c.sid, "", nil)
}

func (c *pollClient) pollLater() <-chan polled {
	answer := make(chan polled, 1)
	go func() { answer <- c.poll() }()
	synctest.Wait()
	return answer
}

func (c *pollClient) post(payload string) polled {
	return c.request(http.MethodPost, "sid="+c.sid, payload, nil)
}

func TestPolling_handshake(t *testing.T) {
	fake := messembedtest.New(t)
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
		fake := messembedtest.New(t)
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
	fake := messembedtest.New(t)
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

			got = client.raw(tc.method, tc.target, "", http.Header{"Origin": {"https://o.test"}})
			assert.Equal(t, "https://o.test", got.header.Get("Access-Control-Allow-Origin"))
			assert.Equal(t, "true", got.header.Get("Access-Control-Allow-Credentials"))
		})
	}
	t.Run("method that polling has not", func(t *testing.T) {
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

func TestPolling_malformedPayloads(t *testing.T) {
	const unknownSession = `{"code":1,"message":"Session ID unknown"}`
	for payload, next := range map[string]string{
		"":         unknownSession,
		"x":        unknownSession,
		"3:2":      unknownSession,
		"5:2":      unknownSession,
		"01:2":     unknownSession,
		"-1:2":     unknownSession,
		"1:":       unknownSession,
		"1:7":      unknownSession,
		"1:2x":     unknownSession,
		"3:42{":    "1:61:1", // Socket.IO cannot decode it: an orderly close, told with the next poll
		"3:42{x":   "1:61:1",
		"1:21:2":   "1:31:3",
		"0:1:2":    "1:3",
		"1:1":      unknownSession,
		"1:21:1x":  unknownSession,
		"6:b4AAEC": "1:61:1",
	} {
		t.Run(payload, func(t *testing.T) {
			client := openPoll(t, messembedtest.New(t), "")

			assert.Equal(t, "ok", client.post(payload).body, "whatever it is")

			assert.Equal(t, next, client.poll().body)
		})
	}
}

func TestPolling_binaryPayload(t *testing.T) {
	client := openPoll(t, messembedtest.New(t), "")
	post := func(payload string) {
		got := client.request("POST", "sid="+client.sid, payload, http.Header{"Content-Type": {"application/octet-stream"}})
		assert.Equal(t, "ok", got.body)
	}
	post("\x00\x01\xff2\x01\x01\xff\x02")
	assert.Equal(t, "1:31:3", client.poll().body)
	post("\x00\x01\xff2\x00\x01")
	assert.Equal(t, `{"code":1,"message":"Session ID unknown"}`, client.poll().body)
}

func TestPolling_endings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)

		client := openPoll(t, fake, "")
		pending := client.pollLater()
		assert.Equal(t, http.StatusInternalServerError, client.poll().status, "two polls at a time")
		assert.Equal(t, "1:1", (<-pending).body)

		client = openPoll(t, fake, "")
		pending = client.pollLater()
		client.post("1:1")
		assert.Equal(t, "1:6", (<-pending).body, "a client that says goodbye gets a noop")

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
		assert.Contains(t, client.poll().body, "Session ID unknown", "a client that went away while it waited")

		client = openPoll(t, fake, "")
		client.post("3:42{")
		time.Sleep(31 * time.Second)
		assert.Contains(t, client.poll().body, "Session ID unknown", "one that does not fetch its close packet")
	})
}

func TestPolling_upgrade(t *testing.T) {
	upgrade := func(t *testing.T, fake *messembedtest.Server, client *pollClient) *socketClient {
		return openSocketWith(t, fake, url.Values{"sid": {client.sid}})
	}
	t.Run("taken", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			client := openPoll(t, fake, "")
			pending := client.pollLater()
			socket := upgrade(t, fake, client)
			assert.Empty(t, socket.hears())

			socket.say("2probe")
			assert.Equal(t, []string{"3probe"}, socket.hears())
			assert.Equal(t, "1:6", (<-pending).body, "a noop frees the client's hands")
			fake.Emit("e", `1`) // between the two: neither lost nor doubled
			socket.say("5")
			fake.Emit("e", `2`)
			socket.say("2")

			assert.Equal(t, []string{`42["e",1]`, `42["e",2]`, "3"}, socket.hears())
			assert.Contains(t, client.poll().body, "Bad request")
			assert.Equal(t, []string{"closed"}, upgrade(t, fake, client).hears(), "only once")
		})
	})
	t.Run("without a probe", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			client := openPoll(t, fake, "")
			pending := client.pollLater()
			socket := upgrade(t, fake, client)

			socket.say("5", "2")

			assert.Equal(t, []string{"3"}, socket.hears())
			assert.Equal(t, "1:1", (<-pending).body)
		})
	})
	for _, frame := range []string{"2", "zzz", "40", "bin:5"} {
		t.Run("not taken after "+frame, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				client := openPoll(t, fake, "")
				pending := client.pollLater()
				socket := upgrade(t, fake, client)

				socket.say(frame)

				assert.Equal(t, []string{"closed"}, socket.hears())
				fake.Emit("e", `1`)
				assert.Equal(t, `9:42["e",1]`, (<-pending).body, "polling goes on")
				socket = upgrade(t, fake, client)
				socket.say("2probe")
				assert.Equal(t, []string{"3probe"}, socket.hears(), "and may be upgraded yet")
			})
		})
	}
	t.Run("dallied", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			client := openPoll(t, fake, "")
			socket := upgrade(t, fake, client)
			assert.Equal(t, []string{"closed"}, upgrade(t, fake, client).hears(), "one at a time")

			time.Sleep(11 * time.Second)

			assert.Equal(t, []string{"closed"}, socket.hears())
			fake.Emit("e", `1`)
			assert.Equal(t, `9:42["e",1]`, client.poll().body)
		})
	})
	t.Run("to something that cannot be upgraded to", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			assert.Equal(t, []string{"closed"}, openSocketWith(t, fake, url.Values{"transport": {"polling"}}).hears())
		})
	})
}
