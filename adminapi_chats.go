package messembed

import (
	"context"
	"errors"
	"net/http"

	"github.com/messembed/messembed-go/internal/jsonstream"
)

var (
	opCreateChat = Operation{Name: "CreateChat", Method: http.MethodPost, Route: "admin-api/chats", Write: true, Repeatable: true, MaxBody: maxBody}
	opGetChat    = Operation{Name: "GetChat", Method: http.MethodGet, Route: "admin-api/chats/{id}", Repeatable: true}
	opUpdateChat = Operation{Name: "UpdateChat", Method: http.MethodPatch, Route: "admin-api/chats/{id}", Write: true, Repeatable: true, MaxBody: maxBody}
	opListChats  = Operation{Name: "ListChats", Method: http.MethodGet, Route: "admin-api/chats", Repeatable: true, WholeList: true}

	chatOperations = []Operation{opCreateChat, opGetChat, opUpdateChat, opListChats}
)

// chatIDProblem rejects an id to which the server would answer 500.
func chatIDProblem(name, id string) string {
	if len(id) != 24 {
		return name + ": must be 24 hexadecimal digits"
	}
	for i := range len(id) {
		switch c := id[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return name + ": must be 24 hexadecimal digits"
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

func (*adminAPI) CreateChat(ctx context.Context, call *Call, p CreateChatParams) (*Chat, error) {
	var problems problems
	problems.add(idProblem("FirstCompanionID", p.FirstCompanionID))
	problems.add(idProblem("SecondCompanionID", p.SecondCompanionID))
	problems.addMetadata(p.ExternalMetadata, p.PrivateExternalMetadata, keysOnCreate)
	if len(problems) > 0 {
		return nil, call.Invalid(problems...)
	}
	chat, err := sendForOne(ctx, call, opCreateChat, Request{Body: createChatBody(p)}, readChat, subject{first: p.FirstCompanionID, second: p.SecondCompanionID})
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == ErrNotFound && e.Message == "" {
		e.Message = "one of the two users does not exist"
	}
	return chat, err
}

func (*adminAPI) GetChat(ctx context.Context, call *Call, id string) (*Chat, error) {
	if problem := chatIDProblem("id", id); problem != "" {
		return nil, call.Invalid(problem)
	}
	return sendForOne(ctx, call, opGetChat, Request{Args: []string{id}}, readChat, subject{id: id})
}

func (*adminAPI) GetChatByCompanions(ctx context.Context, call *Call, userID1, userID2 string) (*Chat, error) {
	return sendForOne(ctx, call, opGetChat, Request{Args: []string{userID1 + ":" + userID2}}, readChat, subject{first: userID1, second: userID2})
}

type updateChatBody struct {
	Active                  *bool    `json:"active,omitempty"`
	ExternalMetadata        Metadata `json:"externalMetadata,omitzero"`
	PrivateExternalMetadata Metadata `json:"privateExternalMetadata,omitzero"`
}

func (*adminAPI) UpdateChat(ctx context.Context, call *Call, id string, p UpdateChatParams) (*Chat, error) {
	var problems problems
	problems.add(chatIDProblem("id", id))
	problems.addMetadata(p.ExternalMetadata, p.PrivateExternalMetadata, keysOnUpdate)
	if len(problems) > 0 {
		return nil, call.Invalid(problems...)
	}
	return sendForOne(ctx, call, opUpdateChat, Request{Args: []string{id}, Body: updateChatBody(p)}, readChat, subject{id: id})
}

func (*adminAPI) ListChats(ctx context.Context, call *Call) (*ChatPage, error) {
	answer, err := call.Send(ctx, opListChats, Request{})
	if err != nil {
		return nil, err
	}
	page := &ChatPage{TotalCount: -1}
	page.Chats, err = decodeList(answer.Body, "data", readChat, &page.TotalCount)
	if err != nil {
		return nil, call.Unreadable(opListChats, answer, err)
	}
	return page, nil
}

func (*adminAPI) Chats(ctx context.Context, call *Call, yield func(*Chat) bool) error {
	return eachParsed(ctx, call, opListChats, Request{}, "data", readChat, yield)
}

// readChat reads a chat as the server writes it.
func readChat(p *jsonstream.Parser) (*Chat, error) {
	ch, hasID := new(Chat), false
	start := p.Begin()
	err := p.Object(func(name []byte) error {
		switch string(name) {
		case "_id":
			hasID = true
			return readText(p, &ch.ID)
		case "createdAt":
			return readTime(p, &ch.CreatedAt)
		case "updatedAt":
			return readTime(p, &ch.UpdatedAt)
		case "deletedAt":
			return readTime(p, &ch.DeletedAt)
		case "active":
			return readBool(p, "active", &ch.Active)
		case "firstCompanion":
			return readNested(p, "firstCompanion", &ch.FirstCompanion, readUser)
		case "secondCompanion":
			return readNested(p, "secondCompanion", &ch.SecondCompanion, readUser)
		case "externalMetadata":
			return readMetadata(p, &ch.ExternalMetadata)
		case "privateExternalMetadata":
			return readMetadata(p, &ch.PrivateExternalMetadata)
		case "lastMessage":
			return readNested(p, "lastMessage", &ch.LastMessage, readMessage)
		case "notReadByFirstCompanionMessagesCount":
			return readInt(p, "notReadByFirstCompanionMessagesCount", &ch.NotReadByFirstCompanionMessagesCount)
		case "notReadBySecondCompanionMessagesCount":
			return readInt(p, "notReadBySecondCompanionMessagesCount", &ch.NotReadBySecondCompanionMessagesCount)
		}
		return p.Skip()
	})
	if ch.Raw, err = rawOf(p, start, hasID, err); err != nil {
		return nil, err
	}
	return ch, nil
}
