package messembedtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/fakehttp"
)

// An Inspector looks into a fake while it runs, and has its hands on it: what the page of
// messembed-fake shows and does. What it does is no request: it meets no fault and is not in the
// log.
type Inspector struct{ s *Server }

// Inspect gives the fake's Inspector.
func (s *Server) Inspect() Inspector { return Inspector{s} }

// Changed returns a channel that is closed by the next change: of what is stored, the log, the
// faults or the connections. Who asks for it first and looks at things then misses nothing. What
// [Server.AddUser] and [Server.AddChat] store is not announced.
func (in Inspector) Changed() <-chan struct{} { return in.s.http.Changed().Next() }

// Mount gives the paths that begin with prefix to another handler, on the fake's socket only. It is
// called before [Server.Listen].
func (in Inspector) Mount(prefix string, h http.Handler) { in.s.http.Mount(prefix, h) }

// BasePath is the path that the service lies under, "" or "/api/messembed": see [WithBasePath].
func (in Inspector) BasePath() string { return in.s.basePath }

// A Count is how many documents of a kind there are. Revision is another one after every change of
// them.
type Count struct{ Count, Revision int }

func (c *collection) count() Count { return Count{len(c.documents), c.revision} }

// Counts are those of everything that is stored.
type Counts struct{ Users, Chats, Messages, Tokens Count }

// Counts counts what is stored.
func (in Inspector) Counts() Counts {
	s := in.s
	s.mu.Lock()
	defer s.mu.Unlock()
	return Counts{s.users.count(), s.chats.count(), s.messages.count(), Count{s.minted.count, s.minted.revision}}
}

// Users returns the newest users, newest first, whose document has the text in it, upper and lower
// case alike; at most limit of them. matching is how many there are.
func (in Inspector) Users(text string, limit int) (users []messembed.User, matching int) {
	in.s.mu.Lock()
	defer in.s.mu.Unlock()
	found, matching := in.s.users.newest(text, limit)
	for _, document := range found {
		users = append(users, *userOf(document))
	}
	return users, matching
}

// Chats returns the chats that were created or spoken in last, at most limit of them.
func (in Inspector) Chats(text string, limit int) (chats []messembed.Chat, matching int) {
	in.s.mu.Lock()
	defer in.s.mu.Unlock()
	found, matching := in.s.chats.newest(text, len(in.s.chats.documents))
	slices.SortStableFunc(found, func(a, b *object) int { return cmp.Compare(stirred(b), stirred(a)) })
	for _, document := range found[:min(limit, len(found))] {
		chats = append(chats, chatOf(document))
	}
	return chats, matching
}

// stirred is when a chat got its last message or, without one, was created.
func stirred(chat *object) date {
	at, _ := chat.get("createdAt").(date)
	if last, ok := chat.get("lastMessage").(*object); ok {
		if said, ok := last.get("createdAt").(date); ok && said > at {
			at = said
		}
	}
	return at
}

// Chat returns a chat with its newest messages, oldest first, at most limit of them; false when
// there is no such chat.
func (in Inspector) Chat(id string, limit int) (chat messembed.Chat, messages []messembed.Message, count int, ok bool) {
	in.s.mu.Lock()
	defer in.s.mu.Unlock()
	document := in.s.chats.find(text(id))
	if document == nil {
		return messembed.Chat{}, nil, 0, false
	}
	var found []*object
	for _, m := range in.s.messages.documents {
		if m.get("chat") == text(id) {
			found = append(found, m)
		}
	}
	count = len(found)
	for _, m := range found[max(0, count-limit):] {
		messages = append(messages, messageOf(m))
	}
	return chatOf(document), messages, count, true
}

// newest returns the newest documents that have the text in their JSON, newest first.
func (c *collection) newest(text string, limit int) (found []*object, matching int) {
	text = strings.ToLower(text)
	for _, document := range slices.Backward(c.documents) {
		if text != "" && !strings.Contains(strings.ToLower(string(appendJSON(nil, document))), text) {
			continue
		}
		if matching++; len(found) < limit {
			found = append(found, document)
		}
	}
	return found, matching
}

// A MintedToken is an access token that the fake has minted, without the token.
type MintedToken struct {
	UserID string
	Time   time.Time
	Ending string // its last characters, by which it can be recognised and which are good for nothing else
}

// tokenLog keeps the newest minted tokens. It is guarded by the Server's mutex.
type tokenLog struct {
	newest          []MintedToken
	count, revision int
}

// maxMintedTokens is how many tokens are remembered, endingLength how much of each.
const maxMintedTokens, endingLength = 100, 6

func (s *Server) noteToken(userID, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	minted := &s.minted
	minted.count++
	minted.revision++
	if len(minted.newest) == maxMintedTokens {
		minted.newest = append(minted.newest[:0], minted.newest[1:]...)
	}
	minted.newest = append(minted.newest, MintedToken{userID, s.clock(), token[len(token)-endingLength:]})
}

// Tokens returns the newest access tokens that were minted, newest first.
func (in Inspector) Tokens() []MintedToken {
	in.s.mu.Lock()
	defer in.s.mu.Unlock()
	tokens := slices.Clone(in.s.minted.newest)
	slices.Reverse(tokens)
	return tokens
}

// A Connection is a client of the live events.
type Connection struct {
	ID        string
	Transport string // "websocket" or "polling"
	Admin     bool   // it gave the service's password; without it the connection stands and hears nothing
	Stalled   bool   // by StallConnections
	Events    int    // that it was sent
	Since     time.Time
	Client    string // its User-Agent
	Address   string
}

// Connections returns who is connected to the live events, longest first.
func (in Inspector) Connections() []Connection {
	var out []Connection
	for _, session := range in.s.liveEvents.all() {
		out = append(out, session.connection())
	}
	slices.SortFunc(out, func(a, b Connection) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func (s *session) connection() Connection {
	transport := s.transport()
	s.mu.Lock()
	defer s.mu.Unlock()
	admin := s.subscriptions > 0 || s.io.isAdmin(s.query)
	return Connection{s.id, transport, admin, s.stalled, s.heard, s.since, s.client, s.address}
}

// RefusesWebsockets tells whether [Server.RefuseWebsockets] is in force.
func (in Inspector) RefusesWebsockets() bool { return in.s.liveEvents.refusesWebsockets() }

// A LoggedRequest is a request in the log with its number and the fault that it met.
type LoggedRequest = fakehttp.Entry

// Requests returns the requests that have come or changed since a revision of the log, 0 being
// before the first, in order of arrival; the log's present revision; and the number of the oldest
// request that is remembered.
func (in Inspector) Requests(since uint64) (changed []LoggedRequest, revision uint64, oldest int) {
	return in.s.http.Log(since)
}

// Request returns a request by its number; false when it is forgotten.
func (in Inspector) Request(number int) (LoggedRequest, bool) { return in.s.http.Entry(number) }

// PendingFaults returns the faults that no request has met yet, in the order in which they will be.
func (in Inspector) PendingFaults() []Fault { return in.s.http.PendingFaults() }

// Disarm takes back pending faults, and tells how many.
func (in Inspector) Disarm(meant func(Fault) bool) int { return in.s.http.Disarm(meant) }

// Do carries out an operation as the administrator would by a request, and returns what the service
// answers. The path is percent-encoded and without the base path. The body is sent as JSON; nil is
// none.
func (in Inspector) Do(method, path string, body any) (status int, answer []byte, err error) {
	s := in.s
	var data []byte
	if body != nil {
		if data, err = json.Marshal(body); err != nil {
			return 0, nil, err
		}
	}
	r, err := http.NewRequest(method, s.http.BaseURL()+path, bytes.NewReader(data))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth(s.Credentials())
	defer s.http.Changed().Fire()
	status, v, failed := s.answer(r, s.match(method, path))
	if failed != nil {
		status, v = failed.status, failed.body
	}
	return status, appendJSON(nil, v), nil
}

// Clear forgets all users, chats, messages, tokens, requests and faults, and lets websockets in
// again. Connections stay; tokens that were minted go on being good for users who are created anew.
func (in Inspector) Clear() {
	s := in.s
	s.mu.Lock()
	for _, c := range []*collection{&s.users, &s.chats, &s.messages} {
		*c = collection{revision: c.revision + 1}
	}
	s.pairs = nil
	s.minted = tokenLog{revision: s.minted.revision + 1}
	s.mu.Unlock()
	s.http.FailRandomly(0, 0)
	s.http.Disarm(func(Fault) bool { return true })
	s.RefuseWebsockets(false)
	s.http.ClearLog()
}
