package messembed

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

var (
	opCreateChat      = Operation{Name: "CreateChat", Method: http.MethodPost, Route: "admin-api/chats", Write: true, Repeatable: true, MaxBody: maxBody}
	opGetChat         = Operation{Name: "GetChat", Method: http.MethodGet, Route: "admin-api/chats/{id}", Repeatable: true}
	opUpdateChat      = Operation{Name: "UpdateChat", Method: http.MethodPatch, Route: "admin-api/chats/{id}", Write: true, Repeatable: true, MaxBody: maxBody}
	opListChats       = Operation{Name: "ListChats", Method: http.MethodGet, Route: "admin-api/chats", Repeatable: true}
	opCreateMessage   = Operation{Name: "CreateMessage", Method: http.MethodPost, Route: "admin-api/chats/{id}/messages", Write: true, MaxBody: maxBody}
	opListMessages    = Operation{Name: "ListMessages", Method: http.MethodGet, Route: "admin-api/chats/{id}/messages", Repeatable: true}
	opListAllMessages = Operation{Name: "ListMessages", Method: http.MethodGet, Route: "admin-api/messages", Repeatable: true}
)

// chatIDProblem refuses what the server would answer with 500.
func chatIDProblem(name, id string) string {
	if len(id) != 24 {
		return name + ": must have 24 hexadecimal digits"
	}
	for i := range len(id) {
		switch c := id[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return name + ": must have 24 hexadecimal digits"
		}
	}
	return ""
}

type createChatBody struct {
	FirstCompanionID        string   `json:"firstCompanionId"`
	SecondCompanionID       string   `json:"secondCompanionId"`
	ExternalMetadata        Metadata `json:"externalMetadata,omitzero"`
	PrivateExternalMetadata Metadata `json:"privateExternalMetadata,omitzero"`
}

func (*adminAPI) CreateChat(ctx context.Context, call *Caller, p CreateChatParams) (*Chat, error) {
	var problems problems
	problems.add(idProblem("FirstCompanionID", p.FirstCompanionID))
	problems.add(idProblem("SecondCompanionID", p.SecondCompanionID))
	problems.addMetadata(p.ExternalMetadata, p.PrivateExternalMetadata, keysOnCreate)
	if len(problems) > 0 {
		return nil, call.Invalid(problems...)
	}
	return call.chat(ctx, opCreateChat, Request{Body: createChatBody(p)})
}

func (*adminAPI) GetChat(ctx context.Context, call *Caller, id string) (*Chat, error) {
	if problem := chatIDProblem("id", id); problem != "" {
		return nil, call.Invalid(problem)
	}
	return call.chat(ctx, opGetChat, Request{Args: []string{id}})
}

func (*adminAPI) GetChatByCompanions(ctx context.Context, call *Caller, userID1, userID2 string) (*Chat, error) {
	return call.chat(ctx, opGetChat, Request{Args: []string{userID1 + ":" + userID2}})
}

type updateChatBody struct {
	Active                  *bool    `json:"active,omitempty"`
	ExternalMetadata        Metadata `json:"externalMetadata,omitzero"`
	PrivateExternalMetadata Metadata `json:"privateExternalMetadata,omitzero"`
}

func (*adminAPI) UpdateChat(ctx context.Context, call *Caller, id string, p UpdateChatParams) (*Chat, error) {
	var problems problems
	problems.add(chatIDProblem("id", id))
	problems.addMetadata(p.ExternalMetadata, p.PrivateExternalMetadata, keysOnUpdate)
	if len(problems) > 0 {
		return nil, call.Invalid(problems...)
	}
	return call.chat(ctx, opUpdateChat, Request{Args: []string{id}, Body: updateChatBody(p)})
}

func (*adminAPI) ListChats(ctx context.Context, call *Caller) (*ChatPage, error) {
	var list struct {
		TotalCount *int              `json:"totalCount"`
		Data       []json.RawMessage `json:"data"`
	}
	answer, err := call.Decode(ctx, opListChats, Request{}, &list)
	if err != nil {
		return nil, err
	}
	if list.Data == nil {
		return nil, call.Unreadable(opListChats, answer, BadField("data", "the answer has none"))
	}
	page := &ChatPage{Chats: make([]*Chat, len(list.Data)), TotalCount: -1}
	if list.TotalCount != nil {
		page.TotalCount = *list.TotalCount
	}
	for i, raw := range list.Data {
		if page.Chats[i], err = decodeChat(raw); err != nil {
			return nil, call.Unreadable(opListChats, answer, err)
		}
	}
	return page, nil
}

func (*adminAPI) Chats(ctx context.Context, call *Caller, yield func(*Chat) bool) error {
	return call.Each(ctx, opListChats, Request{}, "data", func(raw json.RawMessage) (bool, error) {
		ch, err := decodeChat(raw)
		if err != nil {
			return false, err
		}
		return yield(ch), nil
	})
}

type createMessageBody struct {
	UserID                  string       `json:"userId"`
	Content                 string       `json:"content"`
	Attachments             []Attachment `json:"attachments,omitzero"`
	ExternalMetadata        Metadata     `json:"externalMetadata,omitzero"`
	PrivateExternalMetadata Metadata     `json:"privateExternalMetadata,omitzero"`
}

func (*adminAPI) CreateMessage(ctx context.Context, call *Caller, p CreateMessageParams) (*Message, error) {
	var problems problems
	problems.add(chatIDProblem("ChatID", p.ChatID))
	problems.add(idProblem("UserID", p.UserID))
	problems.add(checkMetadata("Content", p.Content, anyKey))
	for i, attachment := range p.Attachments {
		path := "attachments[" + strconv.Itoa(i) + "]"
		if attachment == nil {
			problems.add(path + ": must not be nil")
			continue
		}
		problems.add(checkMetadata(path, attachment, keysOnCreate))
	}
	problems.addMetadata(p.ExternalMetadata, p.PrivateExternalMetadata, keysOnCreate)
	if len(problems) > 0 {
		return nil, call.Invalid(problems...)
	}
	answer, err := call.Send(ctx, opCreateMessage, Request{Args: []string{p.ChatID}, Body: createMessageBody{
		p.UserID, p.Content, p.Attachments, p.ExternalMetadata, p.PrivateExternalMetadata,
	}})
	if err != nil {
		return nil, err
	}
	m, err := decodeMessage(answer.Body)
	if err != nil {
		return nil, call.Unreadable(opCreateMessage, answer, err)
	}
	return m, nil
}

// ListMessages works around two things: the server reads read=false as true, and
// only an empty read= as false; and in the list of all it ignores before beside
// after, and read.
func (*adminAPI) ListMessages(ctx context.Context, call *Caller, p ListMessagesParams) (*MessagePage, error) {
	op, r := opListAllMessages, Request{}
	if p.ChatID != "" {
		if problem := chatIDProblem("ChatID", p.ChatID); problem != "" {
			return nil, call.Invalid(problem)
		}
		op, r.Args = opListMessages, []string{p.ChatID}
	} else if p.Read != nil {
		return nil, call.Unsupported("Read: the service cannot tell in the list of all messages; give a ChatID")
	}
	cutHere := p.ChatID == "" && !p.After.IsZero() && !p.Before.IsZero()

	q := url.Values{}
	if !p.After.IsZero() {
		q.Set("after", milliseconds(p.After))
	}
	if !p.Before.IsZero() && !cutHere {
		q.Set("before", milliseconds(p.Before))
	}
	if p.Offset > 0 {
		q.Set("offset", strconv.Itoa(p.Offset))
	}
	if p.Limit > 0 {
		q.Set("limit", strconv.Itoa(p.Limit))
	}
	if p.Read != nil && *p.Read {
		q.Set("read", "true")
	} else if p.Read != nil {
		q.Set("read", "")
	}
	r.Query = q.Encode()

	var list struct {
		Messages []json.RawMessage `json:"messages"`
	}
	answer, err := call.Decode(ctx, op, r, &list)
	if err != nil {
		return nil, err
	}
	if list.Messages == nil {
		return nil, call.Unreadable(op, answer, BadField("messages", "the answer has none"))
	}
	page := &MessagePage{Messages: make([]*Message, 0, len(list.Messages))}
	for _, raw := range list.Messages {
		m, err := decodeMessage(raw)
		if err != nil {
			return nil, call.Unreadable(op, answer, err)
		}
		if cutHere && !m.CreatedAt.Before(p.Before) {
			break
		}
		page.Messages = append(page.Messages, m)
	}
	return page, nil
}

// milliseconds is a time as the server takes it. A time between two
// milliseconds becomes the later, for After and Before alike: no message is
// stamped between.
func milliseconds(t time.Time) string {
	rounded := t.UTC().Truncate(time.Millisecond)
	if rounded.Before(t) {
		rounded = rounded.Add(time.Millisecond)
	}
	return rounded.Format("2006-01-02T15:04:05.000Z")
}

// chat sends an operation whose answer is one chat.
func (call *Caller) chat(ctx context.Context, op Operation, r Request) (*Chat, error) {
	answer, err := call.Send(ctx, op, r)
	if err != nil {
		return nil, err
	}
	ch, err := decodeChat(answer.Body)
	if err != nil {
		return nil, call.Unreadable(op, answer, err)
	}
	return ch, nil
}

type chatJSON struct {
	ID                      looseText       `json:"_id"`
	CreatedAt               timeJSON        `json:"createdAt"`
	UpdatedAt               timeJSON        `json:"updatedAt"`
	DeletedAt               timeJSON        `json:"deletedAt"`
	Active                  bool            `json:"active"`
	FirstCompanion          json.RawMessage `json:"firstCompanion"`
	SecondCompanion         json.RawMessage `json:"secondCompanion"`
	ExternalMetadata        metadataJSON    `json:"externalMetadata"`
	PrivateExternalMetadata metadataJSON    `json:"privateExternalMetadata"`
	LastMessage             json.RawMessage `json:"lastMessage"`
	NotReadByFirst          int             `json:"notReadByFirstCompanionMessagesCount"`
	NotReadBySecond         int             `json:"notReadBySecondCompanionMessagesCount"`
}

func decodeChat(raw json.RawMessage) (*Chat, error) {
	var j chatJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, err
	}
	if !j.ID.given {
		return nil, BadField("_id", "the answer has none")
	}
	ch := &Chat{
		ID: j.ID.text, CreatedAt: j.CreatedAt.Time, UpdatedAt: j.UpdatedAt.Time, DeletedAt: j.DeletedAt.Time,
		Active:           j.Active,
		ExternalMetadata: Metadata(j.ExternalMetadata), PrivateExternalMetadata: Metadata(j.PrivateExternalMetadata),
		NotReadByFirstCompanionMessagesCount: j.NotReadByFirst, NotReadBySecondCompanionMessagesCount: j.NotReadBySecond,
		Raw: raw,
	}
	err := badTimes(timeField{"createdAt", j.CreatedAt}, timeField{"updatedAt", j.UpdatedAt}, timeField{"deletedAt", j.DeletedAt})
	if err != nil {
		return nil, err
	}
	if ch.FirstCompanion, err = decodeNested(j.FirstCompanion, decodeUser); err != nil {
		return nil, within("firstCompanion", err)
	}
	if ch.SecondCompanion, err = decodeNested(j.SecondCompanion, decodeUser); err != nil {
		return nil, within("secondCompanion", err)
	}
	if ch.LastMessage, err = decodeNested(j.LastMessage, decodeMessage); err != nil {
		return nil, within("lastMessage", err)
	}
	return ch, nil
}

type messageJSON struct {
	ID                      looseText       `json:"_id"`
	CreatedAt               timeJSON        `json:"createdAt"`
	UpdatedAt               timeJSON        `json:"updatedAt"`
	DeletedAt               timeJSON        `json:"deletedAt"`
	EditedAt                timeJSON        `json:"editedAt"`
	Chat                    looseText       `json:"chat"`
	User                    looseText       `json:"user"`
	Content                 looseText       `json:"content"`
	Read                    bool            `json:"read"`
	Attachments             json.RawMessage `json:"attachments"`
	ExternalMetadata        metadataJSON    `json:"externalMetadata"`
	PrivateExternalMetadata metadataJSON    `json:"privateExternalMetadata"`
	DeletedFor              []looseText     `json:"deletedFor"`
}

func decodeMessage(raw json.RawMessage) (*Message, error) {
	var j messageJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, err
	}
	if !j.ID.given {
		return nil, BadField("_id", "the answer has none")
	}
	m := &Message{
		ID: j.ID.text, CreatedAt: j.CreatedAt.Time, UpdatedAt: j.UpdatedAt.Time, DeletedAt: j.DeletedAt.Time,
		EditedAt: j.EditedAt.Time, ChatID: j.Chat.text, UserID: j.User.text, Content: j.Content.text, Read: j.Read,
		Attachments:      decodeAttachments(j.Attachments),
		ExternalMetadata: Metadata(j.ExternalMetadata), PrivateExternalMetadata: Metadata(j.PrivateExternalMetadata),
		Raw: raw,
	}
	for _, id := range j.DeletedFor {
		m.DeletedFor = append(m.DeletedFor, id.text)
	}
	return m, badTimes(timeField{"createdAt", j.CreatedAt}, timeField{"updatedAt", j.UpdatedAt},
		timeField{"deletedAt", j.DeletedAt}, timeField{"editedAt", j.EditedAt})
}

// decodeAttachments leaves out what is no object.
func decodeAttachments(raw json.RawMessage) []Attachment {
	var elements []metadataJSON
	if json.Unmarshal(raw, &elements) != nil {
		return nil
	}
	var attachments []Attachment
	for _, element := range elements {
		if element != nil {
			attachments = append(attachments, Attachment(element))
		}
	}
	return attachments
}

// decodeNested decodes an object inside another; none and null are nil.
func decodeNested[T any](raw json.RawMessage, decode func(json.RawMessage) (*T, error)) (*T, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	return decode(raw)
}
