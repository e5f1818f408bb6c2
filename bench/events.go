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
	url = fmt.Sprintf("%s/events/%d", url, n)
	client, err := messembed.New(url, messembed.WithBasicAuth("admin", "pw"))
	if err != nil {
		return err
	}
	costs, err := alternate(max(3, s.rounds/2),
		func() error { return eventsBySDK(client, n) },
		func() error { return eventsByHand(url, n) })
	if err != nil {
		return err
	}
	g := r.group("Live events, each a message of 1.4 kB with its chat")
	sdk, other := costs[0], costs[1]
	g.atLeast(0, "events, vs. hand-written coder/websocket and encoding/json", perSecond(n, median(sdk, wall)), perSecond(n, median(other, wall)), ratio(other, wall, sdk, wall))
	g.atMost(0, "CPU per event", micro(median(sdk, cpu)/float64(n)), micro(median(other, cpu)/float64(n)), ratio(sdk, cpu, other, cpu))
	return nil
}

func eventsBySDK(client *messembed.Client, n int) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	got := 0
	for _, err := range client.MessageEvents(ctx, messembed.EventOptions{Buffer: n}) {
		if err != nil {
			return err
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
