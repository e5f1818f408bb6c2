package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

type shownUser struct {
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	State    string          `json:"state"` // "", "blocked" or "deleted"
	Created  int64           `json:"created"`
	Document json.RawMessage `json:"document,omitzero"`
}

func showUser(u *messembed.User) shownUser {
	if u == nil {
		return shownUser{}
	}
	shown := shownUser{
		ID: u.ID, Name: nameOf(u.ExternalMetadata), Created: unixMilli(u.CreatedAt), Document: u.Raw,
	}
	switch {
	case u.Deleted() || u.PrivateExternalMetadata["messembedDeletedAt"] != nil:
		shown.State = "deleted"
	case u.Blocked():
		shown.State = "blocked"
	}
	return shown
}

// nameOf returns the name, from where integrations of Messembed keep it.
func nameOf(m messembed.Metadata) string {
	word := func(key string) string {
		s, _ := m[key].(string)
		return strings.TrimSpace(s)
	}
	if name := word("name"); name != "" {
		return name
	}
	if name := strings.TrimSpace(word("firstName") + " " + word("lastName")); name != "" {
		return name
	}
	return word("username")
}

func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

type shownUsers struct {
	Matching int         `json:"matching"`
	Users    []shownUser `json:"users"`
}

func (p *page) users(r *http.Request) (any, error) {
	users, matching := p.in.Users(r.FormValue("q"), maxUsers)
	out := shownUsers{matching, make([]shownUser, len(users))}
	for i := range users {
		out.Users[i] = showUser(&users[i])
	}
	return out, nil
}

type shownMessage struct {
	ID          string            `json:"id"`
	User        string            `json:"user"`
	Content     string            `json:"content"`
	Created     int64             `json:"created"`
	Read        bool              `json:"read"`
	Attachments []json.RawMessage `json:"attachments"`
}

func showMessage(m *messembed.Message) *shownMessage {
	if m == nil {
		return nil
	}
	shown := &shownMessage{m.ID, m.UserID, m.Content, unixMilli(m.CreatedAt), m.Read, nil}
	for _, attachment := range m.Attachments {
		if data, err := json.Marshal(attachment); err == nil {
			shown.Attachments = append(shown.Attachments, data)
		}
	}
	return shown
}

type shownChat struct {
	ID       string          `json:"id"`
	First    shownUser       `json:"first"`
	Second   shownUser       `json:"second"`
	Active   bool            `json:"active"`
	Created  int64           `json:"created"`
	Unread   [2]int          `json:"unread"` // by the first, by the second
	Last     *shownMessage   `json:"last"`
	Document json.RawMessage `json:"document,omitzero"`

	// Only when a single chat is shown.
	Messages []*shownMessage `json:"messages,omitzero"`
	Count    int             `json:"count,omitzero"`
}

func showChat(c *messembed.Chat) shownChat {
	shown := shownChat{
		ID: c.ID, First: showUser(c.FirstCompanion), Second: showUser(c.SecondCompanion),
		Active: c.Active, Created: unixMilli(c.CreatedAt), Last: showMessage(c.LastMessage),
		Unread: [2]int{c.NotReadByFirstCompanionMessagesCount, c.NotReadBySecondCompanionMessagesCount},
	}
	shown.First.Document, shown.Second.Document = nil, nil
	return shown
}

type shownChats struct {
	Matching int         `json:"matching"`
	Chats    []shownChat `json:"chats"`
}

func (p *page) chats(r *http.Request) (any, error) {
	chats, matching := p.in.Chats(r.FormValue("q"), maxChats)
	out := shownChats{matching, make([]shownChat, len(chats))}
	for i := range chats {
		out.Chats[i] = showChat(&chats[i])
	}
	return out, nil
}

func (p *page) chat(r *http.Request) (any, error) {
	chat, messages, count, ok := p.in.Chat(r.FormValue("id"), maxMessages)
	if !ok {
		return nil, &mistake{status: http.StatusNotFound, Text: "This chat no longer exists."}
	}
	shown := showChat(&chat)
	shown.Count, shown.Document, shown.Messages = count, chat.Raw, []*shownMessage{}
	for i := range messages {
		shown.Messages = append(shown.Messages, showMessage(&messages[i]))
	}
	return shown, nil
}

type shownToken struct {
	User    string `json:"user"`
	Created int64  `json:"created"`
	Ending  string `json:"ending"`
}

func (p *page) tokens(*http.Request) (any, error) {
	out := []shownToken{}
	for _, token := range p.in.Tokens() {
		out = append(out, shownToken{token.UserID, token.Time.UnixMilli(), token.Ending})
	}
	return out, nil
}

// maxShownPath is the length at which the list of requests truncates a path.
const maxShownPath = 300

// A shownRequest is a line in the list of requests.
type shownRequest struct {
	Number   int     `json:"number"`
	Op       string  `json:"op"`
	Method   string  `json:"method"`
	Path     string  `json:"path"`
	Status   int     `json:"status"` // 0 if there is no response (yet)
	Ended    bool    `json:"ended"`
	Time     int64   `json:"time"`
	Duration float64 `json:"duration"` // milliseconds
	Fault    string  `json:"fault"`
	ID       string  `json:"id"` // X-Request-Id, which is the same for every attempt of a call
}

func showRequest(e *messembedtest.LoggedRequest) shownRequest {
	path := e.Path
	if e.Query != "" {
		path += "?" + e.Query
	}
	shown := shownRequest{
		Number: e.Number, Op: e.Op, Method: e.Method, Path: shorten(path, maxShownPath),
		Status: e.Status, Ended: e.Ended, Time: unixMilli(e.Time),
		Duration: float64(e.Duration.Microseconds()) / 1000,
		ID:       shorten(e.Header.Get("X-Request-Id"), maxShownPath),
	}
	if e.Fault != nil {
		shown.Fault = faultWords(*e.Fault)
	}
	return shown
}

func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// A wholeRequest is shown when a line of the list is expanded.
type wholeRequest struct {
	shownRequest
	Target string      `json:"target"`
	Header [][2]string `json:"header"`
	Hidden []string    `json:"hidden"` // names of headers that may contain a secret
	Body   string      `json:"body"`
	Size   int         `json:"size"`
	Note   string      `json:"note"` // a remark on the body
}

// harmlessHeaders can be shown; other headers, such as a gateway's own, may contain secrets.
var harmlessHeaders = []string{
	"Accept", "Accept-Encoding", "Accept-Language", "Connection", "Content-Encoding",
	"Content-Length", "Content-Type", "If-Modified-Since", "If-None-Match", "Origin",
	"Sec-Websocket-Version", "Traceparent", "Upgrade", "User-Agent", "X-Request-Id",
}

func (p *page) request(r *http.Request) (any, error) {
	number, _ := strconv.Atoi(r.FormValue("number"))
	e, ok := p.in.Request(number)
	if !ok {
		return nil, &mistake{status: http.StatusNotFound, Text: "This request is no longer available: the fake keeps the newest " +
			strconv.Itoa(requestLog) + "."}
	}
	whole := wholeRequest{shownRequest: showRequest(&e), Target: e.Path, Header: [][2]string{}, Size: len(e.Body)}
	if e.Query != "" {
		whole.Target += "?" + e.Query
	}
	for name, values := range e.Header {
		if !slices.Contains(harmlessHeaders, name) {
			whole.Hidden = append(whole.Hidden, name)
			continue
		}
		for _, v := range values {
			whole.Header = append(whole.Header, [2]string{name, v})
		}
	}
	slices.SortFunc(whole.Header, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	slices.Sort(whole.Hidden)
	whole.Body, whole.Note = showBody(e.Body)
	return whole, nil
}

// maxShownBody is a little more than the service accepts.
const maxShownBody = 128 << 10

// showBody indents JSON, without changing numbers or the order of keys.
func showBody(body []byte) (text, note string) {
	text = shorten(string(body), maxShownBody)
	switch {
	case len(body) == 0:
		return "", "no body"
	case !utf8.ValidString(text):
		return "", "not text"
	case len(body) > maxShownBody:
		return text, "truncated"
	}
	var indented bytes.Buffer
	if json.Indent(&indented, body, "", "  ") != nil {
		return text, ""
	}
	return indented.String(), ""
}
