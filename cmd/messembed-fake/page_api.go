package main

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
)

// apiPath is the path of the page's own API.
const apiPath = pagePath + "api/"

const (
	pageSize = 100      // rows of a list that the page shows at once
	maxForm  = 64 << 10 // bytes of a submitted form
)

func (p *page) addAPI(mux *http.ServeMux) {
	for pattern, answer := range map[string]func(r *http.Request) (any, error){
		"GET about":           p.about,
		"GET users":           p.users,
		"GET chats":           p.chats,
		"GET chat":            p.chat,
		"GET tokens":          p.tokens,
		"GET requests":        p.requests,
		"GET request":         p.request,
		"POST users/add":      act(p.addUser),
		"POST users/edit":     act(p.editUser),
		"POST users/block":    act(p.blockUser),
		"POST users/delete":   act(p.deleteUser),
		"POST users/token":    submit(p.mintToken),
		"POST chats/open":     submit(p.openChat),
		"POST chats/activate": act(p.activateChat),
		"POST messages/send":  act(p.sendMessage),
		"POST faults/arm":     act(p.arm),
		"POST faults/preset":  act(p.armPreset),
		"POST faults/disarm":  act(p.disarm),
		"POST clients/drop":   act(p.dropClients),
		"POST clients/stall":  act(p.stallClients),
		"POST clients/refuse": act(p.refuseWebsockets),
		"POST clear":          act(p.clear),
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+apiPath+path, func(w http.ResponseWriter, r *http.Request) {
			v, err := answer(r)
			sendJSON(w, v, err)
		})
	}
	mux.HandleFunc("GET "+apiPath+"live", p.live)
}

// A mistake is an error in a submitted form; its text is shown next to the field.
type mistake struct {
	status int
	code   string // of the service's response
	Field  string `json:"field,omitzero"`
	Text   string `json:"error"`
	Chat   string `json:"chat,omitzero"` // the one that stands in the way
}

func (m *mistake) Error() string { return m.Text }

func wrong(field, text string) error {
	return &mistake{status: http.StatusBadRequest, Field: field, Text: text}
}

func sendJSON(w http.ResponseWriter, v any, err error) {
	status := http.StatusOK
	if err != nil {
		m := &mistake{status: http.StatusInternalServerError, Text: err.Error()}
		errors.As(err, &m)
		status, v = m.status, m
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// act returns a handler for an action that has no result.
func act[Form any](action func(Form) error) func(r *http.Request) (any, error) {
	return submit(func(form Form) (any, error) { return struct{}{}, action(form) })
}

// submit returns a handler for an action whose form is sent as JSON. An HTML
// form cannot send JSON, so a form of another site cannot either.
func submit[Form any](action func(Form) (any, error)) func(r *http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || mediaType != "application/json" {
			return nil, &mistake{status: http.StatusUnsupportedMediaType, Text: "the form must be sent as application/json"}
		}
		data, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxForm))
		if err != nil {
			return nil, &mistake{status: http.StatusRequestEntityTooLarge, Text: "too long"}
		}
		var form Form
		if err := json.Unmarshal(data, &form); err != nil {
			return nil, wrong("", "the form cannot be read: "+err.Error())
		}
		return action(form)
	}
}

type aboutFake struct {
	BasePath   string   `json:"basePath"`
	Operations []string `json:"operations"`
	PageSize   int      `json:"pageSize"`
}

// about returns what does not change while the fake runs.
func (p *page) about(*http.Request) (any, error) {
	return aboutFake{p.in.BasePath(), p.operations(), pageSize}, nil
}

// operations returns the operations that a fault can be armed for.
func (p *page) operations() []string {
	var names []string
	known := map[string]bool{}
	for _, route := range p.fake.Routes() {
		if !known[route.Op] {
			known[route.Op] = true
			names = append(names, route.Op)
		}
	}
	return append(names, "MessageEvents")
}
