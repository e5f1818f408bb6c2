package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/coder/websocket"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/bench/internal/byhand"
)

// measureEvents receives events as fast as the server sends them.
func measureEvents(r *report, s scale) error {
	url, stop, err := startServer()
	if err != nil {
		return err
	}
	defer stop()
	n := 40_000 / s.share
	events := fmt.Sprintf("%s/events/%d", url, n)
	client, err := messembed.New(events, messembed.WithBasicAuth("admin", "pw"))
	if err != nil {
		return err
	}
	costs, err := alternate(max(3, s.rounds/2),
		func() error { return eventsBySDK(client, messembed.EventOptions{Buffer: n + 1}, n, nil) },
		func() error { return eventsByHand(events, n) })
	if err != nil {
		return err
	}
	g := r.group("Live events, each a message of 1.4 kB with its chat")
	sdk, other := costs[0], costs[1]
	g.atLeast(0, "events, vs. hand-written coder/websocket and encoding/json", perSecond(n, median(sdk, wall)), perSecond(n, median(other, wall)), ratio(other, wall, sdk, wall))
	g.atMost(0, "CPU per event", micro(median(sdk, cpu)/float64(n)), micro(median(other, cpu)/float64(n)), ratio(sdk, cpu, other, cpu))
	return measurePositions(r, s, url, n)
}

// measurePositions asks for the position of each event, or for none. The events
// are dated as if ten had been sent a second.
func measurePositions(r *report, s scale, url string, n int) error {
	client, err := messembed.New(fmt.Sprintf("%s/slow-events/%d", url, n), messembed.WithBasicAuth("admin", "pw"))
	if err != nil {
		return err
	}
	size, o := 0, messembed.EventOptions{Buffer: n + 1, Since: time.Now().Add(-time.Duration(n) * time.Second)}
	costs, err := alternate(max(3, s.rounds/2),
		func() error {
			size = 0
			return eventsBySDK(client, o, n, func(e *messembed.MessageEvent) { size += len(e.Position()) })
		},
		func() error { return eventsBySDK(client, o, n, nil) })
	if err != nil {
		return err
	}
	with, without := costs[0], costs[1]
	g := r.group(fmt.Sprintf("The position of each of ten events a second: %d bytes; the baseline asks for none", size/n))
	g.atLeast(0, "events", perSecond(n, median(with, wall)), perSecond(n, median(without, wall)), ratio(without, wall, with, wall))
	g.atMost(0, "CPU per event", micro(median(with, cpu)/float64(n)), micro(median(without, cpu)/float64(n)), ratio(with, cpu, without, cpu))
	return nil
}

// eventsBySDK receives n events; handle may be nil.
func eventsBySDK(client *messembed.Client, o messembed.EventOptions, n int, handle func(*messembed.MessageEvent)) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	got := 0
	for event, err := range client.MessageEvents(ctx, o) {
		if err != nil {
			return err
		}
		if handle != nil {
			handle(event)
		}
		if got++; got == n {
			return nil
		}
	}
	return fmt.Errorf("%d of %d events", got, n)
}

// eventsByHand neither reconnects nor removes duplicates, but decodes the same data.
func eventsByHand(url string, n int) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, strings.Replace(url, "http", "ws", 1)+"/socket.io/?EIO=3&transport=websocket&username=admin&password=pw", nil) //nolint:bodyclose // a websocket has none
	if err != nil {
		return err
	}
	defer func() { _ = ws.CloseNow() }()
	ws.SetReadLimit(1 << 20)
	for got := 0; got < n; {
		_, frame, err := ws.Read(ctx)
		if err != nil {
			return err
		}
		data, ok := bytes.CutPrefix(frame, []byte("42"))
		if !ok {
			continue
		}
		var event [2]json.RawMessage
		if err := json.Unmarshal(data, &event); err != nil {
			return err
		}
		var payload wireEvent
		if err := json.Unmarshal(event[1], &payload); err != nil {
			return err
		}
		got++
	}
	return nil
}

type wireEvent struct {
	Message struct {
		ID               string             `json:"_id"`
		CreatedAt        time.Time          `json:"createdAt"`
		Chat             string             `json:"chat"`
		User             string             `json:"user"`
		Content          string             `json:"content"`
		Read             bool               `json:"read"`
		Attachments      []map[string]any   `json:"attachments"`
		ExternalMetadata messembed.Metadata `json:"externalMetadata"`
	} `json:"message"`
	Chat struct {
		ID              string      `json:"_id"`
		CreatedAt       time.Time   `json:"createdAt"`
		Active          bool        `json:"active"`
		FirstCompanion  byhand.User `json:"firstCompanion"`
		SecondCompanion byhand.User `json:"secondCompanion"`
	} `json:"chat"`
}
