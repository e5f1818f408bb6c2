package messembedtest

import (
	"net/http"
	"strings"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
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

func (s *Server) createChat(c *call) (js.Value, *failure) {
	body, failed := validated(c.body, chatToCreate)
	if failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.presentUser(body.Get("firstCompanionId"))
	second := s.presentUser(body.Get("secondCompanionId"))
	if first == nil || second == nil {
		return nil, userNotFound()
	}
	if s.chatOfPair(body.Get("firstCompanionId").(js.String), body.Get("secondCompanionId").(js.String)) != nil {
		return nil, codeFailure(http.StatusConflict, "CHAT_ALREADY_EXISTS")
	}
	chat := newChat(s.newID(), s.now(), first, second, body.Get("externalMetadata"), body.Get("privateExternalMetadata"))
	if err := s.insertChat(chat); err != nil || breaksEvents(chat) {
		return nil, internalError()
	}
	return chat, nil
}

// newChat lists the fields in the server's order, in which the schema's
// defaults precede the id.
func newChat(id js.String, created js.Date, first, second *js.Object, external, private js.Value) *js.Object {
	return js.NewObject(
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

// insertChat stores a new chat. The rule for new documents also applies to the
// companions in it: a user whose metadata received a key with a dot in a change
// cannot have a new chat.
func (s *Server) insertChat(chat *js.Object) error {
	kept, err := storedDocument(chat, forInsert)
	if err != nil {
		return err
	}
	s.chats.insert(kept)
	first, second := companions(kept)
	pair := pairOf(first, second)
	if s.pairs == nil {
		s.pairs = make(map[[2]js.String][]js.Value)
	}
	s.pairs[pair] = append(s.pairs[pair], kept.Get("_id"))
	return nil
}

// companions returns the ids of a chat's two users.
func companions(chat *js.Object) (first, second js.String) {
	return companionID(chat, "firstCompanion"), companionID(chat, "secondCompanion")
}

func companionID(chat *js.Object, key string) js.String {
	user, _ := chat.Get(key).(*js.Object)
	if user == nil {
		return ""
	}
	return js.String(user.Text("_id"))
}

// breaksEvents reports whether the live events of a chat fail, after everything
// else is done: the server looks up a companion's connections in a plain object,
// where it finds what every object inherits.
func breaksEvents(chat *js.Object) bool {
	first, second := companions(chat)
	return js.IsInherited(string(first)) || js.IsInherited(string(second))
}

func pairOf(a, b js.String) [2]js.String {
	if b < a {
		a, b = b, a
	}
	return [2]js.String{a, b}
}

// chatOfPair returns the oldest chat of two users.
func (s *Server) chatOfPair(a, b js.String) *js.Object {
	ids := s.pairs[pairOf(a, b)]
	if len(ids) == 0 {
		return nil
	}
	return s.chats.find(ids[0])
}

func chatNotFound(message ...string) *failure {
	return codeFailure(http.StatusNotFound, "CHAT_NOT_FOUND", message...)
}

// getChat finds a chat by its id or, if the parameter contains a colon, by two
// users' ids. It ignores everything after a second colon.
func (s *Server) getChat(c *call) (js.Value, *failure) {
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
	if chat := s.chatOfPair(js.String(parts[0]), js.String(parts[1])); chat != nil {
		return chat, nil
	}
	return nil, chatNotFound()
}

func (s *Server) chatByID(key string) (*js.Object, *failure) {
	id, ok := objectID(key)
	if !ok {
		return nil, internalError()
	}
	if chat := s.chats.find(id); chat != nil {
		return chat, nil
	}
	return nil, chatNotFound()
}

func (s *Server) listChats(*call) (js.Value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.chats.documents), nil
}

// updateChat does not change the chat's updatedAt.
func (s *Server) updateChat(c *call) (js.Value, *failure) {
	body, failed := validated(c.body, chatToUpdate)
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
		if v := body.Get(key); !js.IsNullish(v) {
			chat = chat.With(key, visible(v))
		}
	}
	kept, err := storedChange(before, chat)
	if err != nil {
		return nil, internalError()
	}
	s.chats.replace(kept)
	return chat, nil
}

// updateUserInChats copies a user into all of its chats and updates the time of
// those chats, even if the user has not changed.
func (s *Server) updateUserInChats(user *js.Object) error {
	id := user.Get("_id")
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
			chat = chat.With(key, kept).With("updatedAt", now)
		}
		if chat != before {
			s.chats.replace(chat)
		}
	}
	return nil
}
