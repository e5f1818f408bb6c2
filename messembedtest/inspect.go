package messembedtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"iter"
	"net/http"
	"slices"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// An Inspector observes and controls a running fake, for the page of
// messembed-fake. Its actions are not requests: they meet no faults and do not
// appear in the log.
type Inspector struct{ s *Server }

// Inspect returns the fake's Inspector.
func (s *Server) Inspect() Inspector { return Inspector{s} }

// Changed returns a channel that is closed by the next change of the stored
// data, the log, the faults or the connections. To miss nothing, call Changed
// before looking at the state. What [Server.AddUser], [Server.AddChat] and
// [Server.AddMessage] store is not announced.
func (in Inspector) Changed() <-chan struct{} { return in.s.http.Changed().Next() }

// Mount passes requests on the fake's socket whose path begins with prefix to
// another handler. It must be called before Listen.
func (in Inspector) Mount(prefix string, h http.Handler) { in.s.http.Mount(prefix, h) }

// BasePath returns the path below which the service is served, "" or
// "/api/messembed"; see [WithBasePath].
func (in Inspector) BasePath() string { return in.s.basePath }

// A Count is the number of documents of one kind. Revision differs after every
// change of them.
type Count struct{ Count, Revision int }

func (c *collection) count() Count { return Count{len(c.documents), c.revision} }

// Counts holds the counts of everything that is stored, and of the requests in
// the log.
type Counts struct{ Users, Chats, Messages, Tokens, Requests Count }

// Counts returns the counts of everything.
func (in Inspector) Counts() Counts {
	s := in.s
	logged, revision := s.http.LogCount()
	s.mu.Lock()
	defer s.mu.Unlock()
	return Counts{
		s.users.count(), s.chats.count(), s.messages.count(), Count{s.minted.count, s.minted.revision}, Count{logged, revision},
	}
}

// Users returns the users in whose ids, metadata and block status all words of
// text occur, regardless of case: the newest first, from an offset and at most
// limit of them. matching is the number of all that match.
func (in Inspector) Users(text string, offset, limit int) (users []messembed.User, matching int) {
	in.s.mu.Lock()
	defer in.s.mu.Unlock()
	found := in.s.users.search(text)
	for _, document := range page(found, offset, limit) {
		users = append(users, *userOf(document))
	}
	return users, len(found)
}

// Chats does the same with the chats, their users and their last message,
// beginning with the one that was created or received a message last.
func (in Inspector) Chats(text string, offset, limit int) (chats []messembed.Chat, matching int) {
	in.s.mu.Lock()
	defer in.s.mu.Unlock()
	found := in.s.chats.search(text)
	slices.SortStableFunc(found, func(a, b *js.Object) int { return cmp.Compare(lastActivity(b), lastActivity(a)) })
	for _, document := range page(found, offset, limit) {
		chats = append(chats, chatOf(document))
	}
	return chats, len(found)
}

// page returns at most limit of the documents, from an offset.
func page(found []*js.Object, offset, limit int) []*js.Object {
	found = found[min(max(offset, 0), len(found)):]
	return found[:min(limit, len(found))]
}

// lastActivity returns the time of a chat's last message or, if it has none, of its
// creation.
func lastActivity(chat *js.Object) js.Date {
	at, _ := chat.Get("createdAt").(js.Date)
	if last, ok := chat.Get("lastMessage").(*js.Object); ok {
		if said, ok := last.Get("createdAt").(js.Date); ok && said > at {
			at = said
		}
	}
	return at
}

// Chat returns a chat with its newest messages, oldest first and at most limit
// of them. count is the number of all its messages. ok is false if there is no
// such chat.
func (in Inspector) Chat(id string, limit int) (chat messembed.Chat, messages []messembed.Message, count int, ok bool) {
	in.s.mu.Lock()
	defer in.s.mu.Unlock()
	document := in.s.chats.find(js.String(id))
	if document == nil {
		return messembed.Chat{}, nil, 0, false
	}
	var found []*js.Object
	for _, m := range in.s.messages.documents {
		if m.Get("chat") == js.String(id) {
			found = append(found, m)
		}
	}
	count = len(found)
	for _, m := range found[max(0, count-limit):] {
		messages = append(messages, messageOf(m))
	}
	return chatOf(document), messages, count, true
}

// A MintedToken describes an access token that the fake has minted, without the
// token itself.
type MintedToken struct {
	UserID string
	Time   time.Time
	Ending string // its last characters, which serve only to recognise it
}

// tokenLog holds the newest minted tokens. It is guarded by the Server's mutex.
type tokenLog struct {
	newest          []MintedToken
	count, revision int
}

// maxMintedTokens is the number of tokens kept, endingLength the number of
// characters kept of each.
const maxMintedTokens, endingLength = 10_000, 6

func (s *Server) noteToken(userID, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	minted := &s.minted
	minted.count++
	minted.revision++
	minted.newest = append(minted.newest, MintedToken{userID, s.clock(), token[len(token)-endingLength:]})
	minted.newest = minted.newest[max(0, len(minted.newest)-maxMintedTokens):]
}

// Tokens returns the minted access tokens, the newest first, from an offset and
// at most limit of them. kept is the number of those that can be returned, the
// newest 10,000.
func (in Inspector) Tokens(offset, limit int) (tokens []MintedToken, kept int) {
	in.s.mu.Lock()
	defer in.s.mu.Unlock()
	newest := in.s.minted.newest
	end := max(0, len(newest)-max(offset, 0))
	tokens = slices.Clone(newest[max(0, end-limit):end])
	slices.Reverse(tokens)
	return tokens, len(newest)
}

// A Connection is a client of the live events.
type Connection struct {
	ID        string
	Transport string // "websocket" or "polling"
	Admin     bool   // it sent the service's password; without it, it stays connected but receives nothing
	FrontEnd  bool   // it sent an access token instead, as front ends do
	Stalled   bool   // by StallConnections
	Events    int    // the number of events sent to it
	Since     time.Time
	Client    string // its User-Agent
	Address   string
}

// Connections returns the clients connected to the live events, the longest
// connected first.
func (in Inspector) Connections() []Connection {
	var out []Connection
	for _, c := range in.s.liveEvents.Connections() {
		admin := c.Listens || in.s.isLiveAdmin(c.Query)
		frontEnd := !admin && c.Query.Has("token")
		out = append(out, Connection{c.ID, c.Transport, admin, frontEnd, c.Stalled, c.Events, c.Since, c.Client, c.Address})
	}
	return out
}

// RefusesWebsockets reports whether [Server.RefuseWebsockets] is in effect.
func (in Inspector) RefusesWebsockets() bool { return in.s.liveEvents.RefusesWebsockets() }

// A LoggedRequest is a logged request with its number and the fault that it met.
type LoggedRequest = fakeserver.LoggedRequest

// Requests yields the requests in the log, the newest first. Each is as it was
// when it was reached, is valid until the next one, and must not be modified.
func (in Inspector) Requests() iter.Seq[*LoggedRequest] { return in.s.http.Log() }

// Request returns a request by its number, and false if the log no longer has it.
func (in Inspector) Request(number int) (LoggedRequest, bool) { return in.s.http.Entry(number) }

// PendingFaults returns the faults that the next requests can meet: those of
// FailNext, in the order in which they are taken, and those of Fail.
func (in Inspector) PendingFaults() (next, standing []Fault) { return in.s.http.PendingFaults() }

// RandomShare returns the share of requests that fail because of FailRandomly.
func (in Inspector) RandomShare() float64 { return in.s.http.RandomShare() }

// Disarm removes the pending faults for which meant returns true, which is told
// whether a fault is one of Fail, and returns their number.
func (in Inspector) Disarm(meant func(f Fault, standing bool) bool) int {
	return in.s.http.Disarm(meant)
}

// Do carries out an operation as if the administrator had sent a request, and
// returns the service's response. The path is percent-encoded and does not
// include the base path. The body is sent as JSON; nil means no body.
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
	return status, js.AppendJSON(nil, v), nil
}

// Clear removes all users, chats, messages, tokens, requests and faults, and
// accepts websockets again. Connections stay open, and minted tokens stay valid
// for users who are created again.
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
	s.http.Disarm(func(Fault, bool) bool { return true })
	s.RefuseWebsockets(false)
	s.http.ClearLog()
}
