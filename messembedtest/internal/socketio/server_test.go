package socketio_test

import (
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest/internal/socketio"
)

const openWebsocket = `0{"sid":"S","upgrades":[],"pingInterval":25000,"pingTimeout":5000}`

func TestServer_frames(t *testing.T) {
	const exception = "42" + exception
	type frames []string
	for name, tc := range map[string]struct{ says, hears frames }{
		"ping":                                      {frames{"2"}, frames{"3"}},
		"ping with data":                            {frames{"2x"}, frames{"3"}},
		"probe on a plain websocket":                {frames{"2probe"}, frames{"3"}},
		"upgrade on a plain websocket":              {frames{"5", "2"}, frames{"3"}},
		"close closes nothing":                      {frames{"1", "2"}, frames{"3"}},
		"open, pong, noop":                          {frames{"0", "3", "6", "2"}, frames{"3"}},
		"unknown Engine.IO packet":                  {frames{"7", "2"}, frames{"closed"}},
		"no packet":                                 {frames{"x", "2"}, frames{"closed"}},
		"empty frame":                               {frames{"", "2"}, frames{"closed"}},
		"empty message":                             {frames{"4", "2"}, frames{"closed"}},
		"unknown Socket.IO packet":                  {frames{"49", "2"}, frames{"3"}},
		"broken JSON":                               {frames{"42{", "2"}, frames{"closed"}},
		"event without anything":                    {frames{"42", "2"}, frames{"3"}},
		"event without a name":                      {frames{"42[]", "2"}, frames{"closed"}},
		"event named by a number":                   {frames{"42[1]", "2"}, frames{"3"}},
		"event named null":                          {frames{"42[null]", "2"}, frames{"closed"}},
		"event that wants an acknowledgement":       {frames{`421["x"]`, "2"}, frames{"3"}},
		"disconnect with data":                      {frames{"41{}", "2"}, frames{"closed"}},
		"connect with data":                         {frames{"40{}", "2"}, frames{"3"}},
		"connect with text":                         {frames{`40"x"`, "2"}, frames{"closed"}},
		"error packet":                              {frames{`44"x"`, "441", "2"}, frames{"3"}},
		"acknowledgement":                           {frames{"431[]", "43", "2"}, frames{"3"}},
		"other namespace":                           {frames{"40/x", "2"}, frames{`44/x,"Invalid namespace"`, "3"}},
		"other namespace with a query":              {frames{"40/x?y=1,"}, frames{`44/x,"Invalid namespace"`}},
		"namespace with blanks":                     {frames{"40/a b,"}, frames{`44/a%20b,"Invalid namespace"`}},
		"namespace that is simple":                  {frames{"40/a'{b},"}, frames{`44/a'{b},"Invalid namespace"`}},
		"namespace of two slashes":                  {frames{"40//"}, frames{`44//,"Invalid namespace"`}},
		"root namespace and a blank":                {frames{"40/ ", "2"}, frames{"3"}},
		"event of another namespace":                {frames{`42/x,["a"]`, "2"}, frames{"3"}},
		"unknown event":                             {frames{`42["nope",1]`, "2"}, frames{"3"}},
		"an event that fails":                       {frames{`42["send_message",{}]`, "2"}, frames{exception, "3"}},
		"an event that fails with acknowledgement":  {frames{`427["send_writing",{}]`, "2"}, frames{exception, "3"}},
		"an event that fails after disconnect":      {frames{"41", `42["send_message",{}]`, "2"}, frames{"3"}},
		"an event that fails after disconnecting":   {frames{`42["disconnect"]`, `42["send_message",{}]`, "2"}, frames{exception, "3"}},
		"an event that fails after connecting anew": {frames{"41", "40", `42["send_message",{}]`}, frames{exception}},
		"bytes that nobody announced":               {frames{"bin:\x04\x01", "2"}, frames{"closed"}},
		"ping in bytes":                             {frames{"bin:\x02", "2"}, frames{"3", "3"}},
		"unknown packet in bytes":                   {frames{"bin:\x09", "2"}, frames{"3"}},
		"base64 that nobody announced":              {frames{"b4AAEC", "2"}, frames{"closed"}},
		"ping in base64":                            {frames{"b2AAEC", "2"}, frames{"3", "3"}},
		"unknown packet in base64":                  {frames{"b9AAEC", "2"}, frames{"3"}},
		"binary event":                              {frames{`451-["send_message",{"_placeholder":true,"num":0}]`, "bin:\x04\x01", "2"}, frames{exception, "3"}},
		"text amid a binary event":                  {frames{`451-["send_message",{"_placeholder":true,"num":0}]`, "2", `42["x"]`, "2"}, frames{"3", "closed"}},
		"too many attachments":                      {frames{`4511-["send_message"]`, "2"}, frames{"closed"}},
		"blanks are digits":                         {frames{"44 5", "421 2[\"send_message\"]", "4\u00a05", "2"}, frames{exception, "3"}},
		"blank where a kind should be":              {frames{"4 /x,", "4\u2028x"}, frames{`44/x,"Invalid namespace"`, "closed"}},
		"number that is too large":                  {frames{`42["send_message",1e999]`, "42[1e999]", "2"}, frames{exception, "3"}},
		"strange numbers of attachments":            {frames{`451e0-["x"]`, "bin:\x04", `45 0x1-["x"]`, "bin:\x04", `451.0-["x"]`, "bin:\x04", "2"}, frames{"3"}},
		"no whole number of attachments":            {frames{`451.5-["x"]`}, frames{"closed"}},
		"placeholder of no attachment":              {frames{`451-["send_message",{"_placeholder":true,"num":1}]`, "bin:\x04"}, frames{"closed"}},
		"placeholder below zero":                    {frames{`451-["x",{"_placeholder":true,"num":-1}]`, "bin:\x04"}, frames{"closed"}},
		"placeholder without a number":              {frames{`461-[[{"a":{"_placeholder":true}}]]`, "bin:\x04"}, frames{"closed"}},
		"placeholder that is none":                  {frames{`451-["x",{"_placeholder":1,"num":7}]`, "bin:\x04", "2"}, frames{"3"}},
		"placeholder of half an attachment":         {frames{`451-["send_message",{"_placeholder":true,"num":0.5}]`, "bin:\x04", "2"}, frames{exception, "3"}},
		"attachments not told":                      {frames{"45", "2"}, frames{"closed"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := openSocket(t, newFake(t))
				require.Equal(t, []string{openWebsocket, "40"}, client.hears())

				client.say(tc.says...)

				assert.Equal(t, []string(tc.hears), client.hears())
			})
		})
	}
}

func TestServer_silentClientIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := openSocket(t, newFake(t, func(c *socketio.Config) { c.Interval, c.Timeout = 3*time.Second, time.Second }))
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

func TestServer_whoHearsEvents(t *testing.T) {
	const data = `{"message":{"content":"hé😀"},"chat":{}}`
	const event = `42["e",` + data + `]`
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)
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
			require.Equal(t, []string{openWebsocket, "40"}, c.hears(), "every connection is accepted")
		}

		fake.Emit("e", data)

		assert.Equal(t, []string{event}, admin.hears())
		assert.Equal(t, []string{event}, otherName.hears())
		assert.Empty(t, wrong.hears())
		assert.Empty(t, nameless.hears())
		assert.Empty(t, nobody.hears())
		assert.Empty(t, gone.hears())
		assert.Equal(t, []string{event, event}, twice.hears())
	})
}

func TestServer_howOftenEventsAreHeard(t *testing.T) {
	const wrong = "username=u&password=no"
	for name, tc := range map[string]struct {
		query string
		says  []string
		heard int
	}{
		"connected twice":                    {socketPassword, []string{"40"}, 2},
		"with a blank for a namespace":       {socketPassword, []string{"40/ "}, 2},
		"with a blank for digits":            {socketPassword, []string{"40 ", "4 ", "4 {}"}, 4},
		"disconnected":                       {socketPassword, []string{"41"}, 0},
		"disconnected once of two":           {socketPassword, []string{"40", "41"}, 1},
		"disconnected twice of two":          {socketPassword, []string{"40", "41", "41"}, 1},
		"password with the namespace":        {"", []string{"40/?" + socketPassword}, 1},
		"and a comma":                        {"", []string{"40/?" + socketPassword + ","}, 1},
		"and disconnected":                   {"", []string{"40/?" + socketPassword + ",", "41"}, 0},
		"and connected without":              {"", []string{"40/?" + socketPassword + ",", "40"}, 1},
		"and disconnected without":           {"", []string{"40/?" + socketPassword + ",", "40", "41"}, 1},
		"the namespace's password counts":    {wrong, []string{"40/?" + socketPassword}, 1},
		"and not the connection's":           {socketPassword, []string{"40/?" + wrong}, 1},
		"half of it here, half there":        {"username=u", []string{"40/?" + socketPassword}, 1},
		"behind a hash":                      {"", []string{"40/#?" + socketPassword}, 0},
		"an event called disconnect":         {socketPassword, []string{`42["disconnect"]`}, 0},
		"an event called disconnect of two":  {socketPassword, []string{"40", `42["disconnect"]`, `42["disconnect"]`}, 1},
		"an event called disconnect, and 40": {socketPassword, []string{`42["disconnect"]`, "40"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := newFake(t)
				query, err := url.ParseQuery(tc.query)
				require.NoError(t, err)
				client := openSocketWith(t, fake, query)
				client.say(tc.says...)
				client.hears()

				fake.Emit("e", `1`)

				assert.Len(t, client.hears(), tc.heard)
			})
		})
	}
}

const socketPassword = "username=u&password=secret"

func TestServer_eventsKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)
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
