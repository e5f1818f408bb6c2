package messembedtest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// AddUser stores a user without a request. A user with the same id is replaced
// in place, as if changed behind the client's back. AddUser stores the ID, the
// metadata, the block status and the times; a zero CreatedAt becomes the
// current time. A user without an ID, or one that the service could not store,
// such as one whose metadata JSON cannot express, fails the test, and nothing
// is stored.
func (s *Server) AddUser(u messembed.User) {
	s.tb.Helper()
	if !s.given("AddUser: ID", u.ID != "") {
		return
	}
	created := s.now()
	if !u.CreatedAt.IsZero() {
		created = js.DateOf(u.CreatedAt)
	}
	var status, statusAt js.Value
	if u.BlockStatus != "" {
		status, statusAt = js.String(u.BlockStatus), created
	}
	if !u.BlockStatusUpdatedAt.IsZero() {
		statusAt = js.DateOf(u.BlockStatusUpdatedAt)
	}
	external, err := metadataValue(u.ExternalMetadata)
	private, err2 := metadataValue(u.PrivateExternalMetadata)
	if !s.http.Must(s.tb, fmt.Sprintf("AddUser %q: metadata", u.ID), cmp.Or(err, err2)) {
		return
	}
	document := js.NewObject(
		"_id", js.String(u.ID),
		"createdAt", created,
		"updatedAt", dateOrNull(u.UpdatedAt),
		"deletedAt", dateOrNull(u.DeletedAt),
		"externalMetadata", external,
		"privateExternalMetadata", private,
		"blockStatus", status,
		"blockStatusUpdatedAt", statusAt,
		"__v", 0.0,
	)
	kept, err := storedDocument(document, func(*js.Object, int) error { return nil })
	if !s.http.Must(s.tb, fmt.Sprintf("AddUser %q: metadata", u.ID), err) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users.replace(kept)
}

// User returns a stored user, and false if there is none. As for a client, one
// that [messembed.Client.DeleteUser] has emptied is Deleted.
func (s *Server) User(id string) (messembed.User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	document := s.users.find(js.String(id))
	if document == nil {
		return messembed.User{}, false
	}
	return *userOf(document), true
}

// Users returns all users in order of creation.
func (s *Server) Users() []messembed.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]messembed.User, len(s.users.documents))
	for i, document := range s.users.documents {
		out[i] = *userOf(document)
	}
	return out
}

func userOf(o *js.Object) *messembed.User {
	u := &messembed.User{
		ID:                      o.Text("_id"),
		CreatedAt:               timeOf(o.Get("createdAt")),
		UpdatedAt:               timeOf(o.Get("updatedAt")),
		DeletedAt:               timeOf(o.Get("deletedAt")),
		ExternalMetadata:        metadataOf(o.Get("externalMetadata")),
		PrivateExternalMetadata: metadataOf(o.Get("privateExternalMetadata")),
		BlockStatus:             messembed.BlockStatus(o.Text("blockStatus")),
		BlockStatusUpdatedAt:    timeOf(o.Get("blockStatusUpdatedAt")),
		Raw:                     js.AppendJSON(nil, o),
	}
	if mark, ok := u.PrivateExternalMetadata["messembedDeletedAt"].(string); ok && u.DeletedAt.IsZero() {
		u.DeletedAt, _ = time.Parse(time.RFC3339, mark) // what is no time is no mark for a client either
	}
	return u
}

// metadataValue converts metadata to a value; nil becomes a missing field.
func metadataValue(m map[string]any) (js.Value, error) {
	if m == nil {
		return js.Undefined{}, nil
	}
	data, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return js.ParseJSON(string(data))
}

// metadataOf returns nil unless the value is an object.
func metadataOf(v js.Value) messembed.Metadata {
	o, ok := v.(*js.Object)
	if !ok {
		return nil
	}
	var m messembed.Metadata
	if err := json.Unmarshal(js.AppendJSON(nil, o), &m); err != nil {
		return nil
	}
	return m
}

func dateOrNull(t time.Time) js.Value {
	if t.IsZero() {
		return nil
	}
	return js.DateOf(t)
}

func timeOf(v js.Value) time.Time {
	if d, ok := v.(js.Date); ok {
		return d.Time()
	}
	return time.Time{}
}

// AddChat stores a chat between two existing users without a request and
// returns its id. It uses only the companions' IDs, the metadata and CreatedAt;
// a zero CreatedAt becomes the current time. Unlike the service's route, it
// accepts a second chat between the same two users, such as concurrent creates
// can leave behind. A chat that cannot be stored fails the test.
func (s *Server) AddChat(c messembed.Chat) (id string) {
	s.tb.Helper()
	created := s.now()
	if !c.CreatedAt.IsZero() {
		created = js.DateOf(c.CreatedAt)
	}
	external, err := metadataValue(c.ExternalMetadata)
	private, err2 := metadataValue(c.PrivateExternalMetadata)
	if !s.http.Must(s.tb, "AddChat: metadata", cmp.Or(err, err2)) {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var first, second *js.Object
	if c.FirstCompanion != nil && c.SecondCompanion != nil {
		first, second = s.users.find(js.String(c.FirstCompanion.ID)), s.users.find(js.String(c.SecondCompanion.ID))
	}
	if first == nil || second == nil {
		s.http.Must(s.tb, "AddChat", errors.New("the companions must be users of the fake"))
		return ""
	}
	newID := s.newID()
	err = s.insertChat(newChat(newID, created, first, second, external, private))
	if !s.http.Must(s.tb, "AddChat", err) {
		return ""
	}
	return string(newID)
}

// Chats returns all chats in order of creation.
func (s *Server) Chats() []messembed.Chat {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]messembed.Chat, len(s.chats.documents))
	for i, document := range s.chats.documents {
		out[i] = chatOf(document)
	}
	return out
}

func chatOf(o *js.Object) messembed.Chat {
	chat := messembed.Chat{
		ID:                                    o.Text("_id"),
		CreatedAt:                             timeOf(o.Get("createdAt")),
		UpdatedAt:                             timeOf(o.Get("updatedAt")),
		DeletedAt:                             timeOf(o.Get("deletedAt")),
		Active:                                js.Truthy(o.Get("active")),
		ExternalMetadata:                      metadataOf(o.Get("externalMetadata")),
		PrivateExternalMetadata:               metadataOf(o.Get("privateExternalMetadata")),
		NotReadByFirstCompanionMessagesCount:  countOf(o.Get("notReadByFirstCompanionMessagesCount")),
		NotReadBySecondCompanionMessagesCount: countOf(o.Get("notReadBySecondCompanionMessagesCount")),
		Raw:                                   js.AppendJSON(nil, o),
	}
	if first, ok := o.Get("firstCompanion").(*js.Object); ok {
		chat.FirstCompanion = userOf(first)
	}
	if second, ok := o.Get("secondCompanion").(*js.Object); ok {
		chat.SecondCompanion = userOf(second)
	}
	if last, ok := o.Get("lastMessage").(*js.Object); ok {
		message := messageOf(last)
		chat.LastMessage = &message
	}
	return chat
}

// AddMessage stores a message of a companion in a chat without a request and
// returns its id. It uses the ChatID, the UserID, the content, the attachments,
// the metadata, Read and CreatedAt; a zero CreatedAt becomes the current time. As
// after a request, it is the chat's last message and, without Read, one more
// unread one. Unlike a request, it may be of a blocked user or in an inactive
// chat, and it is not announced to the live connections, which find it when they
// next read back: to have an event, send the message with a client. A message
// that cannot be stored fails the test.
func (s *Server) AddMessage(m messembed.Message) (id string) {
	s.tb.Helper()
	created := s.now()
	if !m.CreatedAt.IsZero() {
		created = js.DateOf(m.CreatedAt)
	}
	body, err := messageBody(m)
	if !s.http.Must(s.tb, "AddMessage: attachments and metadata", err) {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	chatID, sender := js.String(m.ChatID), js.String(m.UserID)
	chat := s.chats.find(chatID)
	if chat == nil || !isCompanion(chat, sender) {
		s.http.Must(s.tb, "AddMessage", errors.New("ChatID must be a chat of the fake and UserID one of its companions"))
		return ""
	}
	newID := s.newID()
	kept, err := storedDocument(newMessage(newID, created, chatID, sender, body).With("read", m.Read), forInsert)
	if err == nil {
		err = s.noteLastMessage(chat, kept, sender)
	}
	if !s.http.Must(s.tb, "AddMessage", err) {
		return ""
	}
	s.messages.insert(kept)
	return string(newID)
}

// messageBody returns what a request to create the message would contain.
func messageBody(m messembed.Message) (*js.Object, error) {
	external, err1 := metadataValue(m.ExternalMetadata)
	private, err2 := metadataValue(m.PrivateExternalMetadata)
	attachments := &js.Array{}
	var err3 error
	for _, attachment := range m.Attachments {
		item, err := metadataValue(attachment)
		err3 = cmp.Or(err3, err)
		attachments.Items = append(attachments.Items, item)
	}
	return js.NewObject(
		"content", js.String(m.Content), "attachments", attachments, "externalMetadata", external, "privateExternalMetadata", private,
	), cmp.Or(err1, err2, err3)
}

// Messages returns the messages of a chat in order of creation, or those of all
// chats if chatID is empty.
func (s *Server) Messages(chatID string) []messembed.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []messembed.Message
	for _, document := range s.messages.documents {
		if chatID == "" || document.Text("chat") == chatID {
			out = append(out, messageOf(document))
		}
	}
	return out
}

func messageOf(o *js.Object) messembed.Message {
	message := messembed.Message{
		ID:                      o.Text("_id"),
		CreatedAt:               timeOf(o.Get("createdAt")),
		UpdatedAt:               timeOf(o.Get("updatedAt")),
		DeletedAt:               timeOf(o.Get("deletedAt")),
		EditedAt:                timeOf(o.Get("editedAt")),
		ChatID:                  o.Text("chat"),
		UserID:                  o.Text("user"),
		Content:                 o.Text("content"),
		Read:                    js.Truthy(o.Get("read")),
		ExternalMetadata:        metadataOf(o.Get("externalMetadata")),
		PrivateExternalMetadata: metadataOf(o.Get("privateExternalMetadata")),
		Raw:                     js.AppendJSON(nil, o),
	}
	if attachments, ok := o.Get("attachments").(*js.Array); ok {
		for _, item := range attachments.Items {
			message.Attachments = append(message.Attachments, messembed.Attachment(metadataOf(item)))
		}
	}
	return message
}

func countOf(v js.Value) int {
	n, _ := v.(float64)
	return int(n)
}
