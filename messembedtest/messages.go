package messembedtest

import (
	"math"
	"net/http"
	"slices"
)

func messageRoutes() []*route {
	return []*route{
		{Route: at("CreateMessage", "POST", "/admin-api/chats/:chatId/messages"), guard: admins, serve: (*Server).createMessage},
		{Route: at("ListMessages", "GET", "/admin-api/chats/:chatId/messages"), also: []string{"Messages"}, guard: admins, serve: (*Server).listChatMessages},
		{Route: at("ListMessages", "GET", "/admin-api/messages"), also: []string{"CheckCredentials"}, guard: admins, serve: (*Server).listMessages},
	}
}

// blockedFromSending is the only block status that the server enforces.
const blockedFromSending = text("CANT_SEND_AND_RECEIVE_NEW_MESSAGES")

// createMessage responds after the live connections have received the message, as the real server
// does.
func (s *Server) createMessage(c *call) (value, *failure) {
	message, failed := s.sendMessage(c)
	if failed == nil {
		s.liveEvents.settle()
	}
	return message, failed
}

func (s *Server) sendMessage(c *call) (value, *failure) {
	body, failed := validate(c.body, messageToCreate)
	if failed != nil {
		return nil, failed
	}
	chatID, ok := objectID(c.parameter)
	if !ok {
		return nil, internalError()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sender := body.get("userId").(text)
	chat := s.chats.find(chatID)
	if chat == nil || !isCompanion(chat, sender) {
		return nil, chatNotFound("Chat with ID " + string(chatID) + " and companion " + string(sender) + " not found.")
	}
	switch user := s.users.find(sender); {
	case user == nil:
		return nil, internalError()
	case user.get("blockStatus") == blockedFromSending:
		return nil, codeFailure(http.StatusUnauthorized, "BLOCK_STATUS_DOES_NOT_ALLOW",
			"You current block status is "+string(blockedFromSending)+", which does not allow you to send messages.")
	case !truthy(chat.get("active")):
		return nil, codeFailure(http.StatusNotAcceptable, "CHAT_IS_INACTIVE", "Chat with ID "+string(chatID)+" is inactive.")
	}
	message := newObject(
		"deletedFor", &array{},
		"_id", s.newID(),
		"createdAt", s.now(),
		"chat", chatID,
		"user", sender,
		"content", body.get("content"),
		"read", false,
		"attachments", visible(body.get("attachments")),
		"externalMetadata", visible(body.get("externalMetadata")),
		"privateExternalMetadata", visible(body.get("privateExternalMetadata")),
		"__v", 0.0,
	)
	kept, err := storedDocument(message, forInsert)
	if err != nil {
		return nil, internalError()
	}
	s.messages.insert(kept)
	s.announce(message, chat)
	if err := s.noteLastMessage(chat, kept, sender); err != nil {
		return nil, internalError()
	}
	return message, nil
}

func isCompanion(chat *object, id text) bool {
	first, second := companions(chat)
	return id == first || id == second
}

// noteLastMessage counts the message as unread for the sender's companion, resets the sender's own
// count, and stores the message in the chat.
func (s *Server) noteLastMessage(chat, message *object, sender text) error {
	others, own := "notReadByFirstCompanionMessagesCount", "notReadBySecondCompanionMessagesCount"
	if first, _ := companions(chat); first == sender {
		others, own = own, others
	}
	count, _ := chat.get(others).(float64)
	chat = chat.with(others, count+1).with(own, 0.0)
	s.chats.replace(chat)
	kept, err := stored(message, forUpdate, 1)
	if err != nil {
		return err
	}
	s.chats.replace(chat.with("lastMessage", kept))
	return nil
}

// listChatMessages filters the messages of one chat by all parameters of the query.
func (s *Server) listChatMessages(c *call) (value, *failure) {
	filters, failed := validate(parseQuery(c.query, urlQuery), messagesToList)
	if failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	chat, failed := s.chatByID(c.parameter)
	if failed != nil {
		return nil, failed
	}
	return s.page(filters, func(m *object) bool {
		return m.get("chat") == chat.get("_id") && isAfter(m, filters) && isBefore(m, filters) &&
			(isNil(filters.get("read")) || m.get("read") == filters.get("read"))
	}, func(m *object) value { return m })
}

// listMessages filters the messages of all chats by one end of the time range only, and not by
// whether they were read.
func (s *Server) listMessages(c *call) (value, *failure) {
	filters, failed := validate(parseQuery(c.query, urlQuery), messagesToList)
	if failed != nil {
		return nil, failed
	}
	within := isBefore
	if !isNil(filters.get("after")) {
		within = isAfter
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.page(filters, func(m *object) bool { return within(m, filters) }, func(m *object) value {
		return m.with("fromMe", false)
	})
}

// isAfter reports whether the message is not older than the filter "after", if it is given.
func isAfter(m, filters *object) bool {
	after, given := filters.get("after").(date)
	return !given || m.get("createdAt").(date) >= after
}

func isBefore(m, filters *object) bool {
	before, given := filters.get("before").(date)
	return !given || m.get("createdAt").(date) < before
}

// page returns the selected messages, oldest first, together with the filters as they were
// understood.
func (s *Server) page(filters *object, wanted func(*object) bool, show func(*object) value) (value, *failure) {
	offset, _ := filters.get("offset").(float64)
	limit, _ := filters.get("limit").(float64)
	limit = math.Abs(limit) // to the database, a negative limit is that limit in a single batch
	if offset < 0 || offset >= math.MaxInt64 || limit >= math.MaxInt64 {
		return nil, internalError()
	}
	var found []*object
	for _, m := range s.messages.documents {
		if wanted(m) {
			found = append(found, m)
		}
	}
	slices.SortStableFunc(found, func(a, b *object) int { return int(a.get("createdAt").(date) - b.get("createdAt").(date)) })
	found = found[min(int(offset), len(found)):]
	if limit > 0 && limit < float64(len(found)) {
		found = found[:int(limit)]
	}
	items := make([]value, len(found))
	for i, m := range found {
		items[i] = show(m)
	}
	return filters.with("messages", &array{items: items}), nil
}
