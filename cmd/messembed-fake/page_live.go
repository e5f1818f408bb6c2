package main

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/messembed/messembed-go/messembedtest"
)

const (
	// livePause is how long changes are collected before they are sent to the page.
	livePause = 100 * time.Millisecond
	// liveBeat is the longest silence on the page's connection: a broken one is detected by
	// writing to it.
	liveBeat = 15 * time.Second
	// livePatience is how long a page may take to read an update.
	livePatience = 10 * time.Second
)

// A liveState is sent to the page whenever something has changed. Of what is
// stored and logged it has only the figures: the page asks for the part that it
// shows.
type liveState struct {
	Counts  map[string]messembedtest.Count `json:"counts"`
	Clients []liveClient                   `json:"clients"`
	Refuses bool                           `json:"refuses"` // websockets
	Faults  []armedFault                   `json:"faults"`
}

type liveClient struct {
	ID        string `json:"id"`
	Transport string `json:"transport"`
	Admin     bool   `json:"admin"`
	FrontEnd  bool   `json:"frontEnd"`
	Stalled   bool   `json:"stalled"`
	Events    int    `json:"events"`
	Since     int64  `json:"since"`
	Client    string `json:"client"`
	Address   string `json:"address"`
}

// live sends every change to the page, as server-sent events. Nothing is queued
// for a slow page: it receives the newest state when it is ready.
func (p *page) live(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	connection := http.NewResponseController(w)
	if tell(w, connection, "retry: 1000\n\n") != nil { // milliseconds, when the fake is gone
		return
	}
	for {
		changed := p.in.Changed()
		data, err := json.Marshal(p.state())
		if err != nil || tell(w, connection, "data: "+string(data)+"\n\n") != nil {
			return
		}
		for waiting := true; waiting; {
			select {
			case <-r.Context().Done():
				return
			case <-changed:
				waiting = false
			case <-time.After(liveBeat):
				if tell(w, connection, ":\n\n") != nil {
					return
				}
			}
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(livePause):
		}
	}
}

func tell(w http.ResponseWriter, connection *http.ResponseController, text string) error {
	if err := connection.SetWriteDeadline(time.Now().Add(livePatience)); err != nil {
		return err
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return err
	}
	return connection.Flush()
}

func (p *page) state() liveState {
	counts := p.in.Counts()
	state := liveState{
		Counts: map[string]messembedtest.Count{
			"users": counts.Users, "chats": counts.Chats, "messages": counts.Messages, "tokens": counts.Tokens, "requests": counts.Requests,
		},
		Clients: []liveClient{},
		Refuses: p.in.RefusesWebsockets(),
		Faults:  p.armed(),
	}
	for _, c := range p.in.Connections() {
		state.Clients = append(state.Clients, liveClient{
			ID: c.ID, Transport: c.Transport, Admin: c.Admin, FrontEnd: c.FrontEnd, Stalled: c.Stalled, Events: c.Events,
			Since: c.Since.UnixMilli(), Client: shorten(c.Client, maxShownPath), Address: c.Address,
		})
	}
	return state
}
