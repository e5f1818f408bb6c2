package messembed

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/messembed/messembed-go/internal/jsonstream"
)

var (
	opCreateMessage   = Operation{Name: "CreateMessage", Method: http.MethodPost, Route: "admin-api/chats/{id}/messages", Write: true, MaxBody: maxBody}
	opListMessages    = Operation{Name: "ListMessages", Method: http.MethodGet, Route: "admin-api/chats/{id}/messages", Repeatable: true}
	opListAllMessages = Operation{Name: "ListMessages", Method: http.MethodGet, Route: "admin-api/messages", Repeatable: true}

	messageOperations = []Operation{opCreateMessage, opListMessages, opListAllMessages}
)

type createMessageBody struct {
	UserID                  string       `json:"userId"`
	Content                 string       `json:"content"`
	Attachments             []Attachment `json:"attachments,omitzero"`
	ExternalMetadata        Metadata     `json:"externalMetadata,omitzero"`
	PrivateExternalMetadata Metadata     `json:"privateExternalMetadata,omitzero"`
}

func (*adminAPI) CreateMessage(ctx context.Context, call *Call, p CreateMessageParams) (*Message, error) {
	var problems problems
	problems.add(chatIDProblem("ChatID", p.ChatID))
	problems.add(idProblem("UserID", p.UserID))
	if !utf8.ValidString(p.Content) {
		problems.add("Content: must be valid UTF-8")
	}
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
	return sendForOne(ctx, call, opCreateMessage, Request{Args: []string{p.ChatID}, Body: createMessageBody{
		p.UserID, p.Content, p.Attachments, p.ExternalMetadata, p.PrivateExternalMetadata,
	}}, readMessage, subject{chat: p.ChatID, user: p.UserID})
}

// ListMessages works around two quirks: the server takes read=false for true,
// and only an empty read= for false; and in the list of all messages it ignores
// read, and before if after is given.
func (*adminAPI) ListMessages(ctx context.Context, call *Call, p ListMessagesParams) (*MessagePage, error) {
	op, r := opListAllMessages, Request{}
	if p.ChatID != "" {
		if problem := chatIDProblem("ChatID", p.ChatID); problem != "" {
			return nil, call.Invalid(problem)
		}
		op, r.Args = opListMessages, []string{p.ChatID}
	} else if p.Read != nil {
		return nil, call.Unsupported("Read: not supported without ChatID")
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

	answer, err := call.Send(ctx, op, r)
	if err != nil {
		return nil, err
	}
	messages, err := decodeList(answer.Body, "messages", readMessage, nil)
	if err == nil && p.ChatID != "" && slices.ContainsFunc(messages, func(m *Message) bool { return m.isOfAnother(p.ChatID) }) {
		err = errSomethingElse
	}
	if err != nil {
		return nil, call.Unreadable(op, answer, err)
	}
	if cutHere {
		if i := slices.IndexFunc(messages, func(m *Message) bool { return !m.CreatedAt.Before(p.Before) }); i >= 0 {
			messages = messages[:i:i]
		}
	}
	return &MessagePage{Messages: messages}, nil
}

// isOfAnother reports whether a message says that it belongs to another chat.
func (m *Message) isOfAnother(chatID string) bool {
	return m.ChatID != "" && !strings.EqualFold(m.ChatID, chatID)
}

// milliseconds formats a time for the server. A time between two milliseconds
// becomes the later one, for After and Before alike: no message has a timestamp
// in between.
func milliseconds(t time.Time) string {
	rounded := t.UTC().Truncate(time.Millisecond)
	if rounded.Before(t) {
		rounded = rounded.Add(time.Millisecond)
	}
	return rounded.Format("2006-01-02T15:04:05.000Z")
}

// readMessage reads a message as the server writes it.
func readMessage(p *jsonstream.Parser) (*Message, error) {
	m, hasID := new(Message), false
	start := p.Begin()
	err := p.Object(func(name []byte) error {
		switch string(name) {
		case "_id":
			hasID = true
			return readText(p, &m.ID)
		case "createdAt":
			return readTime(p, &m.CreatedAt)
		case "updatedAt":
			return readTime(p, &m.UpdatedAt)
		case "deletedAt":
			return readTime(p, &m.DeletedAt)
		case "editedAt":
			return readTime(p, &m.EditedAt)
		case "chat":
			return readText(p, &m.ChatID)
		case "user":
			return readText(p, &m.UserID)
		case "content":
			return readText(p, &m.Content)
		case "read":
			return readBool(p, "read", &m.Read)
		case "attachments":
			return readAttachments(p, &m.Attachments)
		case "externalMetadata":
			return readMetadata(p, &m.ExternalMetadata)
		case "privateExternalMetadata":
			return readMetadata(p, &m.PrivateExternalMetadata)
		case "deletedFor":
			return readDeletedFor(p, &m.DeletedFor)
		}
		return p.Skip()
	})
	if m.Raw, err = rawOf(p, start, hasID, err); err != nil {
		return nil, err
	}
	return m, nil
}

// readAttachments skips elements that are not objects.
func readAttachments(p *jsonstream.Parser, to *[]Attachment) error {
	if !p.IsArray() {
		return p.Skip()
	}
	return p.Array(func() error {
		var attachment Metadata
		err := readMetadata(p, &attachment)
		if attachment != nil {
			*to = append(*to, Attachment(attachment))
		}
		return err
	})
}

func readDeletedFor(p *jsonstream.Parser, to *[]string) error {
	return ofField("deletedFor", p.Array(func() error {
		var id string
		err := readText(p, &id)
		*to = append(*to, id)
		return err
	}))
}
