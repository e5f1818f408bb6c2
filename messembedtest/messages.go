package messembedtest

import (
	"cmp"
	"math"
	"net/http"
	"slices"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

func messageRoutes() []*route {
	return []*route{
		{Route: at("CreateMessage", "POST", "/admin-api/chats/:chatId/messages"), guard: admins, serve: (*Server).createMessage},
		{Route: at("ListMessages", "GET", "/admin-api/chats/:chatId/messages"), also: []string{"Messages"}, guard: admins, serve: (*Server).listChatMessages},
		{Route: at("ListMessages", "GET", "/admin-api/messages"), also: []string{"CheckCredentials"}, guard: admins, serve: (*Server).listMessages},
	}
}

// blockedFromSending is the only block status that the server enforces.
const blockedFromSending = js.String("CANT_SEND_AND_RECEIVE_NEW_MESSAGES")

// createMessage responds after the live connections have received the message,
// as the real server does.
func (s *Server) createMessage(c *call) (js.Value, *failure) {
	message, failed := s.sendMessage(c)
	if failed == nil {
		s.liveEvents.Settle()
	}
	return message, failed
}

func (s *Server) sendMessage(c *call) (js.Value, *failure) {
	body, failed := validated(c.body, messageToCreate)
	if failed != nil {
		return nil, failed
	}
	chatID, ok := objectID(c.parameter)
	if !ok {
		return nil, internalError()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sender := body.Get("userId").(js.String)
	chat := s.chats.find(chatID)
	if chat == nil || !isCompanion(chat, sender) {
		return nil, chatNotFound("Chat with ID " + string(chatID) + " and companion " + string(sender) + " not found.")
	}
	switch user := s.users.find(sender); {
	case user == nil:
		return nil, internalError()
	case user.Get("blockStatus") == blockedFromSending:
		return nil, codeFailure(http.StatusUnauthorized, "BLOCK_STATUS_DOES_NOT_ALLOW",
			"You current block status is "+string(blockedFromSending)+", which does not allow you to send messages.")
	case !js.Truthy(chat.Get("active")):
		return nil, codeFailure(http.StatusNotAcceptable, "CHAT_IS_INACTIVE", "Chat with ID "+string(chatID)+" is inactive.")
	}
	message := newMessage(s.newID(), s.now(), chatID, sender, body)
	kept, err := storedDocument(message, forInsert)
	if err != nil {
		return nil, internalError()
	}
	s.messages.insert(kept)
	if breaksEvents(chat) {
		return nil, internalError()
	}
	s.announce(message, chat)
	if err := s.noteLastMessage(chat, kept, sender); err != nil {
		return nil, internalError()
	}
	return message, nil
}

// newMessage takes the content, the attachments and the metadata from a body.
func newMessage(id js.String, created js.Date, chatID, sender js.String, body *js.Object) *js.Object {
	return js.NewObject(
		"deletedFor", &js.Array{},
		"_id", id,
		"createdAt", created,
		"chat", chatID,
		"user", sender,
		"content", body.Get("content"),
		"read", false,
		"attachments", visible(body.Get("attachments")),
		"externalMetadata", visible(body.Get("externalMetadata")),
		"privateExternalMetadata", visible(body.Get("privateExternalMetadata")),
		"__v", 0.0,
	)
}

func isCompanion(chat *js.Object, id js.String) bool {
	first, second := companions(chat)
	return id == first || id == second
}

// noteLastMessage counts an unread message for the sender's companion, resets the
// sender's own count, and stores the message in the chat.
func (s *Server) noteLastMessage(chat, message *js.Object, sender js.String) error {
	others, own := "notReadByFirstCompanionMessagesCount", "notReadBySecondCompanionMessagesCount"
	if first, _ := companions(chat); first == sender {
		others, own = own, others
	}
	if message.Get("read") == false {
		count, _ := chat.Get(others).(float64)
		chat = chat.With(others, count+1)
	}
	chat = chat.With(own, 0.0)
	s.chats.replace(chat)
	kept, err := stored(message, forUpdate, 1)
	if err != nil {
		return err
	}
	s.chats.replace(chat.With("lastMessage", kept))
	return nil
}

// listChatMessages filters the messages of one chat by all parameters of the
// query.
func (s *Server) listChatMessages(c *call) (js.Value, *failure) {
	filters, failed := validated(node.ParseQuery(c.query), messagesToList)
	if failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	chat, failed := s.chatByID(c.parameter)
	if failed != nil {
		return nil, failed
	}
	return s.page(filters, func(m *js.Object) bool {
		return m.Get("chat") == chat.Get("_id") && isAfter(m, filters) && isBefore(m, filters) &&
			(js.IsNullish(filters.Get("read")) || m.Get("read") == filters.Get("read"))
	}, func(m *js.Object) js.Value { return m })
}

// listMessages filters the messages of all chats by one end of the time range
// only, and not by whether they were read.
func (s *Server) listMessages(c *call) (js.Value, *failure) {
	filters, failed := validated(node.ParseQuery(c.query), messagesToList)
	if failed != nil {
		return nil, failed
	}
	within := isBefore
	if !js.IsNullish(filters.Get("after")) {
		within = isAfter
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.page(filters, func(m *js.Object) bool { return within(m, filters) }, func(m *js.Object) js.Value {
		return m.With("fromMe", false)
	})
}

// isAfter reports whether the message is not older than the filter "after", if
// it is given.
func isAfter(m, filters *js.Object) bool {
	after, given := filters.Get("after").(js.Date)
	return !given || m.Get("createdAt").(js.Date) >= after
}

func isBefore(m, filters *js.Object) bool {
	before, given := filters.Get("before").(js.Date)
	return !given || m.Get("createdAt").(js.Date) < before
}

// page returns the selected messages, oldest first, together with the filters
// as they were understood.
func (s *Server) page(filters *js.Object, wanted func(*js.Object) bool, show func(*js.Object) js.Value) (js.Value, *failure) {
	offset, _ := filters.Get("offset").(float64)
	limit, _ := filters.Get("limit").(float64)
	limit = math.Abs(limit) // to the database, a negative limit is that limit in a single batch
	if offset < 0 || offset >= math.MaxInt64 || limit >= math.MaxInt64 {
		return nil, internalError()
	}
	var found []*js.Object
	for _, m := range s.messages.documents {
		if wanted(m) {
			found = append(found, m)
		}
	}
	slices.SortStableFunc(found, func(a, b *js.Object) int {
		return cmp.Compare(a.Get("createdAt").(js.Date), b.Get("createdAt").(js.Date))
	})
	found = found[int(min(offset, float64(len(found)))):]
	if limit > 0 && limit < float64(len(found)) {
		found = found[:int(limit)]
	}
	items := make([]js.Value, len(found))
	for i, m := range found {
		items[i] = show(m)
	}
	return filters.With("messages", &js.Array{Items: items}), nil
}
