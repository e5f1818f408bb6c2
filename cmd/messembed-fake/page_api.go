package main

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// apiPath is the path of the page's own API.
const apiPath = pagePath + "api/"

// How much the page shows.
const (
	maxUsers    = 100
	maxChats    = 100
	maxMessages = 200
	maxForm     = 64 << 10 // bytes of a submitted form
)

func (p *page) addAPI(mux *http.ServeMux) {
	for pattern, answer := range map[string]func(r *http.Request) (any, error){
		"GET about":           p.about,
		"GET users":           p.users,
		"GET chats":           p.chats,
		"GET chat":            p.chat,
		"GET tokens":          p.tokens,
		"GET request":         p.request,
		"POST users/add":      act(p.addUser),
		"POST users/block":    act(p.blockUser),
		"POST chats/open":     act(p.openChat),
		"POST chats/activate": act(p.activateChat),
		"POST messages/send":  act(p.sendMessage),
		"POST faults/arm":     act(p.arm),
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
	Field  string `json:"field,omitzero"`
	Text   string `json:"error"`
}

func (m *mistake) Error() string { return m.Text }

func wrong(field, text string) error { return &mistake{http.StatusBadRequest, field, text} }

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

// act returns a handler for an action whose form is sent as JSON. An HTML form cannot send JSON, so
// a form of another site cannot either.
func act[Form any](action func(Form) error) func(r *http.Request) (any, error) {
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
		return struct{}{}, action(form)
	}
}

type aboutFake struct {
	BasePath   string   `json:"basePath"`
	Operations []string `json:"operations"`
}

// about returns what does not change while the fake runs.
func (p *page) about(*http.Request) (any, error) {
	return aboutFake{p.in.BasePath(), p.operations()}, nil
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

func (p *page) addUser(form struct{ ID, Name, Metadata string }) error {
	if form.ID == "" {
		return wrong("id", "Enter an id.")
	}
	metadata := map[string]any{}
	if strings.TrimSpace(form.Metadata) != "" {
		if err := json.Unmarshal([]byte(form.Metadata), &metadata); err != nil || metadata == nil {
			return wrong("metadata", "This must be a JSON object.")
		}
	}
	if form.Name != "" {
		metadata["name"] = form.Name
	}
	return p.do("POST", "/admin-api/users", map[string]any{
		"id": form.ID, "externalMetadata": metadata,
	})
}

func (p *page) blockUser(form struct {
	ID      string
	Blocked bool
}) error {
	change := map[string]any{"removeBlockStatus": true}
	if form.Blocked {
		change = map[string]any{"blockStatus": "CANT_SEND_AND_RECEIVE_NEW_MESSAGES"}
	}
	return p.do("PATCH", "/admin-api/users/"+url.PathEscape(form.ID), change)
}

func (p *page) openChat(form struct{ First, Second string }) error {
	switch {
	case form.First == "":
		return wrong("first", "A chat needs two users.")
	case form.Second == "":
		return wrong("second", "A chat needs two users.")
	}
	return p.do("POST", "/admin-api/chats", map[string]any{
		"firstCompanionId": form.First, "secondCompanionId": form.Second,
	})
}

func (p *page) activateChat(form struct {
	ID     string
	Active bool
}) error {
	return p.do("PATCH", "/admin-api/chats/"+url.PathEscape(form.ID), map[string]any{
		"active": form.Active,
	})
}

func (p *page) sendMessage(form struct{ Chat, User, Content string }) error {
	if form.Content == "" {
		return wrong("content", "Enter a message.")
	}
	return p.do("POST", "/admin-api/chats/"+url.PathEscape(form.Chat)+"/messages", map[string]any{
		"userId": form.User, "content": form.Content,
	})
}

// do sends an action to the service itself, so that it refuses what the real one would.
func (p *page) do(method, path string, body any) error {
	status, answer, err := p.in.Do(method, path, body)
	if err != nil || status < 300 {
		return err
	}
	var said struct {
		Code    string
		Message any
	}
	_ = json.Unmarshal(answer, &said)
	return &mistake{status: status, Text: explain(status, said.Code, said.Message)}
}

// explanations are the texts of error codes that come without one.
var explanations = map[string]string{
	"USER_ID_IS_NOT_UNIQUE": "A user with this id already exists.",
	"CHAT_ALREADY_EXISTS":   "These users already have a chat.",
	"USER_NOT_FOUND":        "No such user.",
	"CHAT_NOT_FOUND":        "No such chat.",
}

func explain(status int, code string, message any) string {
	text, _ := message.(string)
	if list, ok := message.([]any); ok && len(list) > 0 {
		text, _ = list[0].(string)
	}
	if known := explanations[code]; known != "" && text == "" {
		text = known
	}
	if text == "" || status == http.StatusInternalServerError {
		text = "The service would respond " + http.StatusText(status) + "."
	}
	if code != "" {
		text += " (" + code + ")"
	}
	return text
}

func (p *page) dropClients(struct{}) error {
	p.fake.DropConnections()
	return nil
}

func (p *page) stallClients(struct{}) error {
	p.fake.StallConnections()
	return nil
}

func (p *page) refuseWebsockets(form struct{ Refuse bool }) error {
	p.fake.RefuseWebsockets(form.Refuse)
	return nil
}

func (p *page) clear(struct{}) error {
	p.in.Clear()
	return nil
}
