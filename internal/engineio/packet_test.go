package engineio_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/engineio"
)

func TestParse(t *testing.T) {
	event := func(name, args string) engineio.Packet {
		return engineio.Packet{Kind: engineio.Message, Event: engineio.Event{Name: name, Args: json.RawMessage(args)}}
	}
	for name, tc := range map[string]struct {
		frame string
		want  engineio.Packet
	}{
		"open": {
			`0{"sid":"Zl6k","upgrades":[],"pingInterval":25000,"pingTimeout":5000}`,
			engineio.Packet{Kind: engineio.Open, PingInterval: 25 * time.Second, PingTimeout: 5 * time.Second},
		},
		"open with a fraction": {
			`0{"pingInterval":0.5,"pingTimeout":1e3}`,
			engineio.Packet{Kind: engineio.Open, PingInterval: 500 * time.Microsecond, PingTimeout: time.Second},
		},
		"open with nothing":          {`0{}`, engineio.Packet{Kind: engineio.Open}},
		"open with negative numbers": {`0{"pingInterval":-1,"pingTimeout":-1e300}`, engineio.Packet{Kind: engineio.Open}},
		"open with words":            {`0{"pingInterval":"soon","pingTimeout":null}`, engineio.Packet{Kind: engineio.Open}},
		"open with huge numbers": {
			`0{"pingInterval":1e308,"pingTimeout":1e999}`,
			engineio.Packet{Kind: engineio.Open, PingInterval: 24 * time.Hour, PingTimeout: 24 * time.Hour},
		},
		"close":                     {`1`, engineio.Packet{Kind: engineio.Closed}},
		"ping":                      {`2`, engineio.Packet{}},
		"pong":                      {`3`, engineio.Packet{}},
		"pong of a probe":           {`3probe`, engineio.Packet{}},
		"upgrade":                   {`5`, engineio.Packet{}},
		"noop":                      {`6`, engineio.Packet{}},
		"base64":                    {`b4AAEC`, engineio.Packet{}},
		"connected":                 {`40`, engineio.Packet{Kind: engineio.Connected}},
		"connected, spelled out":    {`40/,`, engineio.Packet{Kind: engineio.Connected}},
		"connected elsewhere":       {`40/admin,`, engineio.Packet{}},
		"disconnected":              {`41`, engineio.Packet{Kind: engineio.Closed}},
		"disconnected elsewhere":    {`41/admin`, engineio.Packet{}},
		"refused":                   {`44"Invalid namespace"`, engineio.Packet{Kind: engineio.Refused}},
		"refused elsewhere":         {`44/admin,"Invalid namespace"`, engineio.Packet{}},
		"acknowledgement":           {`4312[1]`, engineio.Packet{}},
		"binary event":              {`451-["x",{"_placeholder":true,"num":0}]`, engineio.Packet{}},
		"unknown Socket.IO packet":  {`49x`, engineio.Packet{}},
		"event":                     {`42["admin__new_message",{"message":{}}]`, event("admin__new_message", `[{"message":{}}]`)},
		"event with two arguments":  {`42["a",1,"b]"]`, event("a", `[1,"b]"]`)},
		"event without argument":    {`42["a"]`, event("a", `[]`)},
		"event with escapes":        {`42["a\"\\\u00e9",1]`, event(`a"\é`, `[1]`)},
		"event in UTF-8":            {`42["é😀",1]`, event("é😀", `[1]`)},
		"event that wants an ack":   {`4217["a",1]`, event("a", `[1]`)},
		"event, namespace and ack":  {`42/,17["a",1]`, event("a", `[1]`)},
		"event of elsewhere":        {`42/admin,["a",1]`, engineio.Packet{}},
		"event with spaces":         {"42 [ \"a\" , 1 ] \n", event("a", `[ 1 ]`)},
		"event without a name":      {`42["",1]`, event("", `[1]`)},
		"event named by backslash":  {`42["\\",1]`, event(`\`, `[1]`)},
		"event named by a number":   {`42[1,2]`, engineio.Packet{}},
		"event named by 0":          {`42[0]`, engineio.Packet{}},
		"event named by 9":          {`42[9]`, engineio.Packet{}},
		"event with broken content": {`42["a",{]`, event("a", `[{]`)}, // its decoder will report it
	} {
		t.Run(name, func(t *testing.T) {
			got, err := engineio.Parse([]byte(tc.frame))

			require.NoError(t, err)
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestParse_protocolErrors(t *testing.T) {
	for _, frame := range []string{
		``, `7`, `9x`, `x`, ` 2`, `{"message":1}`, "\x00", `0`, `0[`, `0"x"`, `0[]`,
		`4`, `42`, `42[`, `42]`, `42[]`, `42{}`, `42"a"`, `42["a"`, `42["a]`, `42["a\"]`, `42["a"1]`, `42["\x"]`, `42[null]`,
		`42[{"a":1}]`, `42/`, `4217`,
	} {
		t.Run(frame, func(t *testing.T) {
			got, err := engineio.Parse([]byte(frame))

			assert.ErrorIs(t, err, engineio.ErrProtocol)
			assert.Zero(t, got)
			if len(frame) > 3 {
				assert.NotContains(t, err.Error(), frame)
			}
		})
	}
}

// FuzzParse: whatever comes, Parse does not panic, does not change its input,
// keeps no hold of it, and agrees with encoding/json about every event that is
// one.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`0{"sid":"Zl6k","upgrades":[],"pingInterval":25000,"pingTimeout":5000}`, `40`, `41`, `44"no"`, `1`, `2probe`, `3`,
		`42["admin__new_message",{"message":{"_id":"5f"},"chat":{}}]`, `4217["a",1]`, `42/x,1["a"]`, `42[ "a" , 1 ]`,
		`451-["x",{"_placeholder":true,"num":0}]`, `b4AAEC`, `42["\u00e9\"",[]]`, `42[`, `42[""]`, `42[" "`, `0{"pingTimeout":1e999}`,
		"42[\"\xff\",1]", `42[1]`, "42[\n]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		before := string(frame)
		packet, err := engineio.Parse(frame)
		require.Equal(t, before, string(frame))
		if err != nil {
			require.ErrorIs(t, err, engineio.ErrProtocol)
			require.Zero(t, packet)
			return
		}
		require.GreaterOrEqual(t, packet.PingInterval, time.Duration(0))
		require.GreaterOrEqual(t, packet.PingTimeout, time.Duration(0))

		whole, isEvent := strings.CutPrefix(before, "42")
		var elements []json.RawMessage
		if !isEvent || json.Unmarshal([]byte(whole), &elements) != nil || len(elements) == 0 {
			return
		}
		var name string
		if json.Unmarshal(elements[0], &name) != nil || elements[0][0] != '"' {
			return
		}
		clear(frame)
		require.Equal(t, engineio.Message, packet.Kind)
		require.Equal(t, name, packet.Event.Name)
		var args []json.RawMessage
		require.NoError(t, json.Unmarshal(packet.Event.Args, &args))
		require.Len(t, args, len(elements)-1)
		for i, arg := range args {
			require.Equal(t, string(elements[i+1]), string(arg))
		}
	})
}

func BenchmarkParse(b *testing.B) {
	frame := []byte(`42["admin__new_message",{"message":{"content":"` + strings.Repeat("x", 1500) + `"}}]`)
	b.ReportAllocs()
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		if _, err := engineio.Parse(frame); err != nil {
			b.Fatal(err)
		}
	}
}
