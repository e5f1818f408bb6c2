package messembed

import (
	"context"
	"net/http"
	"time"
)

// Platform is one chat service's wire: it turns the client's calls into that
// service's requests, and its answers into the client's types. Messembed's own
// is the default; the packages below platform/ have the others.
//
// An implementation embeds [UnsupportedPlatform], which answers every operation
// with ErrUnsupported, and overrides what its service has. That keeps it
// compiling when the interface grows. It is safe for concurrent use.
//
// The client has checked what holds for every service: the ids of users are not
// empty and valid UTF-8, limits are not negative. What this service cannot store,
// and ids that only some services have, are the Platform's to refuse, with
// [Caller.Invalid].
type Platform interface {
	// Supports tells what the service has, without asking it.
	Supports(f Feature) bool
	// Operations lists everything that the Platform sends.
	Operations() []Operation
	// ReadRefusal reads an answer that is no success.
	ReadRefusal(status int, header http.Header, body []byte) Refusal

	Ping(ctx context.Context, call *Caller) error
	CheckCredentials(ctx context.Context, call *Caller) error

	// UserKey is the natural key of a user to be created: the id where the
	// application gives the ids, else the login name. "" when it is missing.
	UserKey(p CreateUserParams) string
	// CheckCreateUser refuses what the service cannot store, before anything is
	// sent.
	CheckCreateUser(call *Caller, p CreateUserParams) error
	// CreateUser creates a user that CheckCreateUser has let pass.
	CreateUser(ctx context.Context, call *Caller, p CreateUserParams) (*User, error)
	// GetUser returns tombstones too; the client tells them apart.
	GetUser(ctx context.Context, call *Caller, id string) (*User, error)
	// FindUser looks a user up by its UserKey.
	FindUser(ctx context.Context, call *Caller, key string) (*User, error)
	UpdateUser(ctx context.Context, call *Caller, id string, p UpdateUserParams) (*User, error)
	DeleteUser(ctx context.Context, call *Caller, id string) error
	ListUsers(ctx context.Context, call *Caller, p ListUsersParams) (*UserPage, error)
	// Users calls yield for each user as it is read, until yield says false.
	Users(ctx context.Context, call *Caller, yield func(*User) bool) error
	SetUserPicture(ctx context.Context, call *Caller, id string, p Picture) (*User, error)
	// SetUserBlocked blocks or unblocks and returns the whole user.
	SetUserBlocked(ctx context.Context, call *Caller, id string, blocked bool) (*User, error)

	CreateAccessToken(ctx context.Context, call *Caller, userID string) (*AccessToken, error)

	GetPresence(ctx context.Context, call *Caller, userID string) (*Presence, error)
	SetPresence(ctx context.Context, call *Caller, userID string, p SetPresenceParams) error
	// WatchPresence calls yield for the state of every id, then for each
	// change, until ctx ends or yield says false.
	WatchPresence(ctx context.Context, call *Caller, userIDs []string, yield func(*Presence) bool) error

	CreateChat(ctx context.Context, call *Caller, p CreateChatParams) (*Chat, error)
	GetChat(ctx context.Context, call *Caller, id string) (*Chat, error)
	GetChatByCompanions(ctx context.Context, call *Caller, userID1, userID2 string) (*Chat, error)
	UpdateChat(ctx context.Context, call *Caller, id string, p UpdateChatParams) (*Chat, error)
	ListChats(ctx context.Context, call *Caller) (*ChatPage, error)
	Chats(ctx context.Context, call *Caller, yield func(*Chat) bool) error

	CreateMessage(ctx context.Context, call *Caller, p CreateMessageParams) (*Message, error)
	ListMessages(ctx context.Context, call *Caller, p ListMessagesParams) (*MessagePage, error)

	// MessageEvents calls yield for each new message until ctx ends or yield
	// says false; its error is a final one.
	MessageEvents(ctx context.Context, call *Caller, o EventOptions, yield func(*MessageEvent) bool) error

	sealed() // only by embedding UnsupportedPlatform
}

// Operation is one request that a service understands. A Platform has one value
// of it for each, from which its route, its name in logs and in the fake, and
// what may be done when it fails all come.
type Operation struct {
	Name   string // "CreateUser"
	Method string
	Route  string // below the base URL: "admin-api/users/{id}"

	Write      bool // it changes something at the service
	Repeatable bool // sending it twice does no more than sending it once
	MaxBody    int  // bytes that the service takes; 0: not known
}

// Request is what an [Operation] is sent with.
type Request struct {
	Args   []string // one for each {placeholder} of the route
	Query  string   // encoded
	Header http.Header
	Body   any    // marshalled as JSON; a []byte goes as it is; nil: none
	Type   string // the body's content type; "": application/json
}

// Answer is a 2xx answer, read whole.
type Answer struct {
	StatusCode int
	Header     http.Header
	Body       []byte
	Attempts   int
}

// Refusal is what a service's error answer says.
type Refusal struct {
	// Status is the HTTP status that the answer counts as, for the retry table
	// and the kind of the error, where the service's own differs: Rocket.Chat
	// says 400 to nearly everything. 0: the answer's own.
	Status int
	// Kind is one of the sentinels, where the status does not tell it.
	Kind    error
	Code    string
	Message string
	Details []string
	// RetryAfter is the pause that the service asks for other than by the
	// header of that name; HasRetryAfter tells that it does.
	RetryAfter    time.Duration
	HasRetryAfter bool
}

// UnsupportedPlatform answers every operation with ErrUnsupported.
type UnsupportedPlatform struct{}

func (UnsupportedPlatform) sealed() {}

// Supports is false for every feature.
func (UnsupportedPlatform) Supports(Feature) bool { return false }

// Operations lists none.
func (UnsupportedPlatform) Operations() []Operation { return nil }

// ReadRefusal knows the status only.
func (UnsupportedPlatform) ReadRefusal(int, http.Header, []byte) Refusal { return Refusal{} }

// Ping is unsupported.
func (UnsupportedPlatform) Ping(_ context.Context, call *Caller) error { return call.Unsupported("") }

// CheckCredentials is unsupported.
func (UnsupportedPlatform) CheckCredentials(_ context.Context, call *Caller) error {
	return call.Unsupported("")
}

// UserKey is the id.
func (UnsupportedPlatform) UserKey(p CreateUserParams) string { return p.ID }

// CheckCreateUser finds no fault.
func (UnsupportedPlatform) CheckCreateUser(*Caller, CreateUserParams) error { return nil }

// CreateUser is unsupported.
func (UnsupportedPlatform) CreateUser(_ context.Context, call *Caller, _ CreateUserParams) (*User, error) {
	return nil, call.Unsupported("")
}

// GetUser is unsupported.
func (UnsupportedPlatform) GetUser(_ context.Context, call *Caller, _ string) (*User, error) {
	return nil, call.Unsupported("")
}

// FindUser is unsupported.
func (UnsupportedPlatform) FindUser(_ context.Context, call *Caller, _ string) (*User, error) {
	return nil, call.Unsupported("")
}

// UpdateUser is unsupported.
func (UnsupportedPlatform) UpdateUser(_ context.Context, call *Caller, _ string, _ UpdateUserParams) (*User, error) {
	return nil, call.Unsupported("")
}

// DeleteUser is unsupported.
func (UnsupportedPlatform) DeleteUser(_ context.Context, call *Caller, _ string) error {
	return call.Unsupported("")
}

// ListUsers is unsupported.
func (UnsupportedPlatform) ListUsers(_ context.Context, call *Caller, _ ListUsersParams) (*UserPage, error) {
	return nil, call.Unsupported("")
}

// Users is unsupported.
func (UnsupportedPlatform) Users(_ context.Context, call *Caller, _ func(*User) bool) error {
	return call.Unsupported("")
}

// SetUserPicture is unsupported.
func (UnsupportedPlatform) SetUserPicture(_ context.Context, call *Caller, _ string, _ Picture) (*User, error) {
	return nil, call.Unsupported("")
}

// SetUserBlocked is unsupported.
func (UnsupportedPlatform) SetUserBlocked(_ context.Context, call *Caller, _ string, _ bool) (*User, error) {
	return nil, call.Unsupported("")
}

// CreateAccessToken is unsupported.
func (UnsupportedPlatform) CreateAccessToken(_ context.Context, call *Caller, _ string) (*AccessToken, error) {
	return nil, call.Unsupported("")
}

// GetPresence is unsupported.
func (UnsupportedPlatform) GetPresence(_ context.Context, call *Caller, _ string) (*Presence, error) {
	return nil, call.Unsupported("")
}

// SetPresence is unsupported.
func (UnsupportedPlatform) SetPresence(_ context.Context, call *Caller, _ string, _ SetPresenceParams) error {
	return call.Unsupported("")
}

// WatchPresence is unsupported.
func (UnsupportedPlatform) WatchPresence(_ context.Context, call *Caller, _ []string, _ func(*Presence) bool) error {
	return call.Unsupported("")
}

// CreateChat is unsupported.
func (UnsupportedPlatform) CreateChat(_ context.Context, call *Caller, _ CreateChatParams) (*Chat, error) {
	return nil, call.Unsupported("")
}

// GetChat is unsupported.
func (UnsupportedPlatform) GetChat(_ context.Context, call *Caller, _ string) (*Chat, error) {
	return nil, call.Unsupported("")
}

// GetChatByCompanions is unsupported.
func (UnsupportedPlatform) GetChatByCompanions(_ context.Context, call *Caller, _, _ string) (*Chat, error) {
	return nil, call.Unsupported("")
}

// UpdateChat is unsupported.
func (UnsupportedPlatform) UpdateChat(_ context.Context, call *Caller, _ string, _ UpdateChatParams) (*Chat, error) {
	return nil, call.Unsupported("")
}

// ListChats is unsupported.
func (UnsupportedPlatform) ListChats(_ context.Context, call *Caller) (*ChatPage, error) {
	return nil, call.Unsupported("")
}

// Chats is unsupported.
func (UnsupportedPlatform) Chats(_ context.Context, call *Caller, _ func(*Chat) bool) error {
	return call.Unsupported("")
}

// CreateMessage is unsupported.
func (UnsupportedPlatform) CreateMessage(_ context.Context, call *Caller, _ CreateMessageParams) (*Message, error) {
	return nil, call.Unsupported("")
}

// ListMessages is unsupported.
func (UnsupportedPlatform) ListMessages(_ context.Context, call *Caller, _ ListMessagesParams) (*MessagePage, error) {
	return nil, call.Unsupported("")
}

// MessageEvents is unsupported.
func (UnsupportedPlatform) MessageEvents(_ context.Context, call *Caller, _ EventOptions, _ func(*MessageEvent) bool) error {
	return call.Unsupported("")
}
