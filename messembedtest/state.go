package messembedtest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// AddUser stores a user without a request. A user with the same id is replaced in place, as if
// changed behind the client's back. AddUser stores the ID, the metadata, the block status and the
// times; a zero CreatedAt becomes the current time. A user without an ID, or one that the service
// could not store, such as one whose metadata JSON cannot express, fails the test, and nothing is
// stored.
func (s *Server) AddUser(u messembed.User) {
	s.tb.Helper()
	if !s.given("AddUser: ID", u.ID != "") {
		return
	}
	created := s.now()
	if !u.CreatedAt.IsZero() {
		created = dateOf(u.CreatedAt)
	}
	var status, statusAt value
	if u.BlockStatus != "" {
		status, statusAt = text(u.BlockStatus), created
	}
	if !u.BlockStatusUpdatedAt.IsZero() {
		statusAt = dateOf(u.BlockStatusUpdatedAt)
	}
	external, err := metadataValue(u.ExternalMetadata)
	private, err2 := metadataValue(u.PrivateExternalMetadata)
	if !s.http.Must(s.tb, fmt.Sprintf("AddUser %q: metadata", u.ID), cmp.Or(err, err2)) {
		return
	}
	document := newObject(
		"_id", text(u.ID),
		"createdAt", created,
		"updatedAt", dateOrNull(u.UpdatedAt),
		"deletedAt", dateOrNull(u.DeletedAt),
		"externalMetadata", external,
		"privateExternalMetadata", private,
		"blockStatus", status,
		"blockStatusUpdatedAt", statusAt,
		"__v", 0.0,
	)
	kept, err := storedDocument(document, func(*object, int) error { return nil })
	if !s.http.Must(s.tb, fmt.Sprintf("AddUser %q: metadata", u.ID), err) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users.replace(kept)
}

// User returns a stored user, and false if there is none.
func (s *Server) User(id string) (messembed.User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	document := s.users.find(text(id))
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

func userOf(o *object) *messembed.User {
	return &messembed.User{
		ID:                      o.text("_id"),
		CreatedAt:               timeOf(o.get("createdAt")),
		UpdatedAt:               timeOf(o.get("updatedAt")),
		DeletedAt:               timeOf(o.get("deletedAt")),
		ExternalMetadata:        metadataOf(o.get("externalMetadata")),
		PrivateExternalMetadata: metadataOf(o.get("privateExternalMetadata")),
		BlockStatus:             messembed.BlockStatus(o.text("blockStatus")),
		BlockStatusUpdatedAt:    timeOf(o.get("blockStatusUpdatedAt")),
		Raw:                     appendJSON(nil, o),
	}
}

// metadataValue converts metadata to a value; nil becomes a missing field.
func metadataValue(m map[string]any) (value, error) {
	if m == nil {
		return undefined{}, nil
	}
	data, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return parseJSON(string(data))
}

// metadataOf returns nil unless the value is an object.
func metadataOf(v value) messembed.Metadata {
	o, ok := v.(*object)
	if !ok {
		return nil
	}
	var m messembed.Metadata
	if err := json.Unmarshal(appendJSON(nil, o), &m); err != nil {
		return nil
	}
	return m
}

func dateOrNull(t time.Time) value {
	if t.IsZero() {
		return nil
	}
	return dateOf(t)
}

func timeOf(v value) time.Time {
	if d, ok := v.(date); ok {
		return d.time()
	}
	return time.Time{}
}

// AddChat stores a chat between two existing users without a request and returns its id. It uses
// only the companions' IDs, the metadata and CreatedAt; a zero CreatedAt becomes the current time.
// Unlike the service's route, it accepts a second chat between the same two users, such as
// concurrent creates can leave behind. A chat that cannot be stored fails the test.
func (s *Server) AddChat(c messembed.Chat) (id string) {
	s.tb.Helper()
	created := s.now()
	if !c.CreatedAt.IsZero() {
		created = dateOf(c.CreatedAt)
	}
	external, err := metadataValue(c.ExternalMetadata)
	private, err2 := metadataValue(c.PrivateExternalMetadata)
	if !s.http.Must(s.tb, "AddChat: metadata", cmp.Or(err, err2)) {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var first, second *object
	if c.FirstCompanion != nil && c.SecondCompanion != nil {
		first, second = s.users.find(text(c.FirstCompanion.ID)), s.users.find(text(c.SecondCompanion.ID))
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

func chatOf(o *object) messembed.Chat {
	chat := messembed.Chat{
		ID:                                    o.text("_id"),
		CreatedAt:                             timeOf(o.get("createdAt")),
		UpdatedAt:                             timeOf(o.get("updatedAt")),
		DeletedAt:                             timeOf(o.get("deletedAt")),
		Active:                                truthy(o.get("active")),
		ExternalMetadata:                      metadataOf(o.get("externalMetadata")),
		PrivateExternalMetadata:               metadataOf(o.get("privateExternalMetadata")),
		NotReadByFirstCompanionMessagesCount:  countOf(o.get("notReadByFirstCompanionMessagesCount")),
		NotReadBySecondCompanionMessagesCount: countOf(o.get("notReadBySecondCompanionMessagesCount")),
		Raw:                                   appendJSON(nil, o),
	}
	if first, ok := o.get("firstCompanion").(*object); ok {
		chat.FirstCompanion = userOf(first)
	}
	if second, ok := o.get("secondCompanion").(*object); ok {
		chat.SecondCompanion = userOf(second)
	}
	if last, ok := o.get("lastMessage").(*object); ok {
		message := messageOf(last)
		chat.LastMessage = &message
	}
	return chat
}

// Messages returns the messages of a chat in order of creation, or those of all chats if chatID is
// empty.
func (s *Server) Messages(chatID string) []messembed.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []messembed.Message
	for _, document := range s.messages.documents {
		if chatID == "" || document.text("chat") == chatID {
			out = append(out, messageOf(document))
		}
	}
	return out
}

func messageOf(o *object) messembed.Message {
	message := messembed.Message{
		ID:                      o.text("_id"),
		CreatedAt:               timeOf(o.get("createdAt")),
		UpdatedAt:               timeOf(o.get("updatedAt")),
		DeletedAt:               timeOf(o.get("deletedAt")),
		EditedAt:                timeOf(o.get("editedAt")),
		ChatID:                  o.text("chat"),
		UserID:                  o.text("user"),
		Content:                 o.text("content"),
		Read:                    truthy(o.get("read")),
		ExternalMetadata:        metadataOf(o.get("externalMetadata")),
		PrivateExternalMetadata: metadataOf(o.get("privateExternalMetadata")),
		Raw:                     appendJSON(nil, o),
	}
	if attachments, ok := o.get("attachments").(*array); ok {
		for _, item := range attachments.items {
			message.Attachments = append(message.Attachments, messembed.Attachment(metadataOf(item)))
		}
	}
	return message
}

func countOf(v value) int {
	n, _ := v.(float64)
	return int(n)
}
