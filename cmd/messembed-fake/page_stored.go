package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
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
	case u.Deleted():
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

// offsetOf returns how many rows precede the page of a list.
func offsetOf(r *http.Request) int {
	n, _ := strconv.Atoi(r.FormValue("offset"))
	return n
}

type shownUsers struct {
	Matching int         `json:"matching"`
	Users    []shownUser `json:"users"`
}

func (p *page) users(r *http.Request) (any, error) {
	users, matching := p.in.Users(r.FormValue("q"), offsetOf(r), pageSize)
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
	chats, matching := p.in.Chats(r.FormValue("q"), offsetOf(r), pageSize)
	out := shownChats{matching, make([]shownChat, len(chats))}
	for i := range chats {
		out.Chats[i] = showChat(&chats[i])
	}
	return out, nil
}

func (p *page) chat(r *http.Request) (any, error) {
	limit, _ := strconv.Atoi(r.FormValue("limit"))
	chat, messages, count, ok := p.in.Chat(r.FormValue("id"), max(limit, 0))
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

type shownTokens struct {
	Kept   int          `json:"kept"`
	Tokens []shownToken `json:"tokens"`
}

func (p *page) tokens(r *http.Request) (any, error) {
	tokens, kept := p.in.Tokens(offsetOf(r), pageSize)
	out := shownTokens{kept, []shownToken{}}
	for _, token := range tokens {
		out.Tokens = append(out.Tokens, shownToken{token.UserID, token.Time.UnixMilli(), token.Ending})
	}
	return out, nil
}
