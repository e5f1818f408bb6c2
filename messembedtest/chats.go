package messembedtest

import (
	"net/http"
	"strings"
)

func chatRoutes() []*route {
	return []*route{
		{Route: at("CreateChat", "POST", "/admin-api/chats"), also: []string{"EnsureChat"}, guard: admins, serve: (*Server).createChat},
		{
			Route: at("UpdateChat", "PATCH", "/admin-api/chats/:chatId"), also: []string{"BlockChat", "UnblockChat"},
			guard: admins, serve: (*Server).updateChat,
		},
		{
			Route: at("GetChat", "GET", "/admin-api/chats/:chatIdOrCompanionsIds"), also: []string{"GetChatByCompanions"},
			guard: admins, serve: (*Server).getChat,
		},
		{Route: at("ListChats", "GET", "/admin-api/chats"), also: []string{"Chats"}, guard: admins, serve: (*Server).listChats},
	}
}

func (s *Server) createChat(c *call) (value, *failure) {
	body, failed := validate(c.body, chatToCreate)
	if failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.presentUser(body.get("firstCompanionId"))
	second := s.presentUser(body.get("secondCompanionId"))
	if first == nil || second == nil {
		return nil, userNotFound()
	}
	if s.chatOfPair(body.get("firstCompanionId").(text), body.get("secondCompanionId").(text)) != nil {
		return nil, codeFailure(http.StatusConflict, "CHAT_ALREADY_EXISTS")
	}
	chat := newChat(s.newID(), s.now(), first, second, body.get("externalMetadata"), body.get("privateExternalMetadata"))
	if err := s.insertChat(chat); err != nil {
		return nil, internalError()
	}
	return chat, nil
}

// newChat lists the fields in the server's order, in which the schema's defaults precede the id.
func newChat(id text, created date, first, second *object, external, private value) *object {
	return newObject(
		"notReadBySecondCompanionMessagesCount", 0.0,
		"notReadByFirstCompanionMessagesCount", 0.0,
		"_id", id,
		"createdAt", created,
		"active", true,
		"firstCompanion", first,
		"secondCompanion", second,
		"externalMetadata", visible(external),
		"privateExternalMetadata", visible(private),
		"__v", 0.0,
	)
}

// insertChat stores a new chat. The rule for new documents also applies to the companions in it: a
// user whose metadata received a key with a dot in a change cannot have a new chat.
func (s *Server) insertChat(chat *object) error {
	kept, err := storedDocument(chat, forInsert)
	if err != nil {
		return err
	}
	s.chats.insert(kept)
	first, second := companions(kept)
	pair := pairOf(first, second)
	if s.pairs == nil {
		s.pairs = make(map[[2]text][]value)
	}
	s.pairs[pair] = append(s.pairs[pair], kept.get("_id"))
	return nil
}

// companions returns the ids of a chat's two users.
func companions(chat *object) (first, second text) {
	return companionID(chat, "firstCompanion"), companionID(chat, "secondCompanion")
}

func companionID(chat *object, key string) text {
	user, _ := chat.get(key).(*object)
	if user == nil {
		return ""
	}
	return text(user.text("_id"))
}

func pairOf(a, b text) [2]text {
	if b < a {
		a, b = b, a
	}
	return [2]text{a, b}
}

// chatOfPair returns the oldest chat of two users.
func (s *Server) chatOfPair(a, b text) *object {
	ids := s.pairs[pairOf(a, b)]
	if len(ids) == 0 {
		return nil
	}
	return s.chats.find(ids[0])
}

func chatNotFound(message ...string) *failure {
	return codeFailure(http.StatusNotFound, "CHAT_NOT_FOUND", message...)
}

// getChat finds a chat by its id or, if the parameter contains a colon, by two users' ids. It
// ignores everything after a second colon.
func (s *Server) getChat(c *call) (value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := c.parameter
	if !strings.Contains(key, ":") {
		chat, failed := s.chatByID(key)
		if failed != nil {
			return nil, failed
		}
		return chat, nil
	}
	parts := strings.Split(key, ":")
	if chat := s.chatOfPair(text(parts[0]), text(parts[1])); chat != nil {
		return chat, nil
	}
	return nil, chatNotFound()
}

func (s *Server) chatByID(key string) (*object, *failure) {
	id, ok := objectID(key)
	if !ok {
		return nil, internalError()
	}
	if chat := s.chats.find(id); chat != nil {
		return chat, nil
	}
	return nil, chatNotFound()
}

func (s *Server) listChats(*call) (value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.chats.documents), nil
}

// updateChat does not change the chat's updatedAt.
func (s *Server) updateChat(c *call) (value, *failure) {
	body, failed := validate(c.body, chatToUpdate)
	if failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before, failed := s.chatByID(c.parameter)
	if failed != nil {
		return nil, failed
	}
	chat := before
	for _, key := range []string{"externalMetadata", "privateExternalMetadata", "active"} {
		if v := body.get(key); !isNil(v) {
			chat = chat.with(key, visible(v))
		}
	}
	kept, err := storedChange(before, chat)
	if err != nil {
		return nil, internalError()
	}
	s.chats.replace(kept)
	return chat, nil
}

// updateUserInChats copies a user into all of its chats and updates the time of those chats, even
// if the user has not changed.
func (s *Server) updateUserInChats(user *object) error {
	id := user.get("_id")
	now := s.now()
	for _, before := range s.chats.documents {
		chat := before
		for _, key := range []string{"firstCompanion", "secondCompanion"} {
			if companionID(chat, key) != id {
				continue
			}
			kept, err := stored(user, forUpdate, 1)
			if err != nil {
				return err
			}
			chat = chat.with(key, kept).with("updatedAt", now)
		}
		if chat != before {
			s.chats.replace(chat)
		}
	}
	return nil
}
