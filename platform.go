package messembed

import (
	"context"
	"net/http"
	"time"
)

// Platform is the protocol of one chat service: it turns the client's calls
// into requests, and the responses into the client's types. The default is
// Messembed's; the packages under platform/ have the others. It is for
// implementers of a Platform; applications do not need it.
//
// An implementation embeds [UnsupportedPlatform], which returns ErrUnsupported
// for every operation, and overrides what its service has. That keeps it
// compiling when the interface grows. It must be safe for concurrent use.
//
// The client has checked what holds for every service: user ids are not empty
// and valid UTF-8, limits are not negative. The Platform rejects, with
// [Call.Invalid], what its service cannot store, and ids that only some
// services have.
type Platform interface {
	// Supports reports whether the service has a feature, without asking it.
	Supports(f Feature) bool
	// Operations returns every operation that the Platform sends.
	Operations() []Operation
	// ReadRefusal interprets an error response.
	ReadRefusal(status int, header http.Header, body []byte) Refusal

	Ping(ctx context.Context, call *Call) error
	CheckCredentials(ctx context.Context, call *Call) error

	// UserKey returns the natural key of a user to be created: the id if the
	// application assigns the ids, else the login name; "" if it is missing.
	UserKey(p CreateUserParams) string
	// CheckCreateUser rejects what the service cannot store, before anything is
	// sent.
	CheckCreateUser(call *Call, p CreateUserParams) error
	// CreateUser creates a user that CheckCreateUser has accepted.
	CreateUser(ctx context.Context, call *Call, p CreateUserParams) (*User, error)
	// GetUser returns users marked as deleted too; the client tells them apart.
	GetUser(ctx context.Context, call *Call, id string) (*User, error)
	// FindUser looks up a user by its UserKey.
	FindUser(ctx context.Context, call *Call, key string) (*User, error)
	UpdateUser(ctx context.Context, call *Call, id string, p UpdateUserParams) (*User, error)
	DeleteUser(ctx context.Context, call *Call, id string) error
	ListUsers(ctx context.Context, call *Call, p ListUsersParams) (*UserPage, error)
	// Users calls yield for each user as it is read, until yield returns false.
	Users(ctx context.Context, call *Call, yield func(*User) bool) error
	SetUserPicture(ctx context.Context, call *Call, id string, p Picture) (*User, error)
	// SetUserBlocked blocks or unblocks a user and returns the whole user.
	SetUserBlocked(ctx context.Context, call *Call, id string, blocked bool) (*User, error)

	CreateAccessToken(ctx context.Context, call *Call, userID string) (*AccessToken, error)

	GetPresence(ctx context.Context, call *Call, userID string) (*Presence, error)
	SetPresence(ctx context.Context, call *Call, userID string, p SetPresenceParams) error
	// WatchPresence calls yield for the presence of every id, then for each
	// change, until ctx ends or yield returns false.
	WatchPresence(ctx context.Context, call *Call, userIDs []string, yield func(*Presence) bool) error

	CreateChat(ctx context.Context, call *Call, p CreateChatParams) (*Chat, error)
	GetChat(ctx context.Context, call *Call, id string) (*Chat, error)
	GetChatByCompanions(ctx context.Context, call *Call, userID1, userID2 string) (*Chat, error)
	UpdateChat(ctx context.Context, call *Call, id string, p UpdateChatParams) (*Chat, error)
	ListChats(ctx context.Context, call *Call) (*ChatPage, error)
	Chats(ctx context.Context, call *Call, yield func(*Chat) bool) error

	CreateMessage(ctx context.Context, call *Call, p CreateMessageParams) (*Message, error)
	ListMessages(ctx context.Context, call *Call, p ListMessagesParams) (*MessagePage, error)

	// MessageEvents calls yield for each new message until ctx ends or yield
	// returns false. Its error is final.
	MessageEvents(ctx context.Context, call *Call, o EventOptions, yield func(*MessageEvent) bool) error

	sealed() // only by embedding UnsupportedPlatform
}

// Operation is one kind of request to a service. A Platform has one value for
// each, which gives the route, the name in logs and in the fake, and how
// failures may be handled.
type Operation struct {
	Name   string // such as "CreateUser"
	Method string
	Route  string // below the base URL, such as "admin-api/users/{id}"

	Write      bool // changes something at the service
	Repeatable bool // safe to retry: sending it twice has the same effect as sending it once
	MaxBody    int  // largest body that the service accepts, in bytes; 0 if unknown
}

// Request is one request of an [Operation]. It is for implementers of a
// [Platform].
type Request struct {
	Args   []string // one for each {placeholder} of the route
	Query  string   // encoded
	Header http.Header
	Body   any    // marshalled as JSON; a []byte is sent as it is; nil means no body
	Type   string // the body's content type; "" means application/json
}

// Answer is a complete 2xx response. It is for implementers of a [Platform].
type Answer struct {
	StatusCode int
	Header     http.Header
	Body       []byte
	Attempts   int
}

// Refusal is the meaning of an error response. It is for implementers of a
// [Platform].
type Refusal struct {
	// Status is the HTTP status that the response counts as, for retries and
	// for the kind of the error, if the actual one is misleading: Rocket.Chat
	// responds 400 to nearly everything. 0 means the actual status.
	Status int
	// Kind is one of the sentinels, if the status does not determine it.
	Kind    error
	Code    string
	Message string
	Details []string
	// RetryAfter is the pause that the service asks for by other means than the
	// Retry-After header; HasRetryAfter reports whether it does.
	RetryAfter    time.Duration
	HasRetryAfter bool
	// Final means that every further create would be refused alike, such as when
	// a licence is used up. It ends an import.
	Final bool
}

// UnsupportedPlatform returns ErrUnsupported for every operation. It is for
// implementers of a [Platform], who embed it; applications do not need it.
type UnsupportedPlatform struct{}

func (UnsupportedPlatform) sealed() {}

// Supports returns false.
func (UnsupportedPlatform) Supports(Feature) bool { return false }

// Operations returns nil.
func (UnsupportedPlatform) Operations() []Operation { return nil }

// ReadRefusal returns the zero Refusal: only the status counts.
func (UnsupportedPlatform) ReadRefusal(int, http.Header, []byte) Refusal { return Refusal{} }

// Ping returns ErrUnsupported.
func (UnsupportedPlatform) Ping(_ context.Context, call *Call) error { return call.Unsupported("") }

// CheckCredentials returns ErrUnsupported.
func (UnsupportedPlatform) CheckCredentials(_ context.Context, call *Call) error {
	return call.Unsupported("")
}

// UserKey returns p.ID.
func (UnsupportedPlatform) UserKey(p CreateUserParams) string { return p.ID }

// CheckCreateUser accepts everything.
func (UnsupportedPlatform) CheckCreateUser(*Call, CreateUserParams) error { return nil }

// CreateUser returns ErrUnsupported.
func (UnsupportedPlatform) CreateUser(_ context.Context, call *Call, _ CreateUserParams) (*User, error) {
	return nil, call.Unsupported("")
}

// GetUser returns ErrUnsupported.
func (UnsupportedPlatform) GetUser(_ context.Context, call *Call, _ string) (*User, error) {
	return nil, call.Unsupported("")
}

// FindUser returns ErrUnsupported.
func (UnsupportedPlatform) FindUser(_ context.Context, call *Call, _ string) (*User, error) {
	return nil, call.Unsupported("")
}

// UpdateUser returns ErrUnsupported.
func (UnsupportedPlatform) UpdateUser(_ context.Context, call *Call, _ string, _ UpdateUserParams) (*User, error) {
	return nil, call.Unsupported("")
}

// DeleteUser returns ErrUnsupported.
func (UnsupportedPlatform) DeleteUser(_ context.Context, call *Call, _ string) error {
	return call.Unsupported("")
}

// ListUsers returns ErrUnsupported.
func (UnsupportedPlatform) ListUsers(_ context.Context, call *Call, _ ListUsersParams) (*UserPage, error) {
	return nil, call.Unsupported("")
}

// Users returns ErrUnsupported.
func (UnsupportedPlatform) Users(_ context.Context, call *Call, _ func(*User) bool) error {
	return call.Unsupported("")
}

// SetUserPicture returns ErrUnsupported.
func (UnsupportedPlatform) SetUserPicture(_ context.Context, call *Call, _ string, _ Picture) (*User, error) {
	return nil, call.Unsupported("")
}

// SetUserBlocked returns ErrUnsupported.
func (UnsupportedPlatform) SetUserBlocked(_ context.Context, call *Call, _ string, _ bool) (*User, error) {
	return nil, call.Unsupported("")
}

// CreateAccessToken returns ErrUnsupported.
func (UnsupportedPlatform) CreateAccessToken(_ context.Context, call *Call, _ string) (*AccessToken, error) {
	return nil, call.Unsupported("")
}

// GetPresence returns ErrUnsupported.
func (UnsupportedPlatform) GetPresence(_ context.Context, call *Call, _ string) (*Presence, error) {
	return nil, call.Unsupported("")
}

// SetPresence returns ErrUnsupported.
func (UnsupportedPlatform) SetPresence(_ context.Context, call *Call, _ string, _ SetPresenceParams) error {
	return call.Unsupported("")
}

// WatchPresence returns ErrUnsupported.
func (UnsupportedPlatform) WatchPresence(_ context.Context, call *Call, _ []string, _ func(*Presence) bool) error {
	return call.Unsupported("")
}

// CreateChat returns ErrUnsupported.
func (UnsupportedPlatform) CreateChat(_ context.Context, call *Call, _ CreateChatParams) (*Chat, error) {
	return nil, call.Unsupported("")
}

// GetChat returns ErrUnsupported.
func (UnsupportedPlatform) GetChat(_ context.Context, call *Call, _ string) (*Chat, error) {
	return nil, call.Unsupported("")
}

// GetChatByCompanions returns ErrUnsupported.
func (UnsupportedPlatform) GetChatByCompanions(_ context.Context, call *Call, _, _ string) (*Chat, error) {
	return nil, call.Unsupported("")
}

// UpdateChat returns ErrUnsupported.
func (UnsupportedPlatform) UpdateChat(_ context.Context, call *Call, _ string, _ UpdateChatParams) (*Chat, error) {
	return nil, call.Unsupported("")
}

// ListChats returns ErrUnsupported.
func (UnsupportedPlatform) ListChats(_ context.Context, call *Call) (*ChatPage, error) {
	return nil, call.Unsupported("")
}

// Chats returns ErrUnsupported.
func (UnsupportedPlatform) Chats(_ context.Context, call *Call, _ func(*Chat) bool) error {
	return call.Unsupported("")
}

// CreateMessage returns ErrUnsupported.
func (UnsupportedPlatform) CreateMessage(_ context.Context, call *Call, _ CreateMessageParams) (*Message, error) {
	return nil, call.Unsupported("")
}

// ListMessages returns ErrUnsupported.
func (UnsupportedPlatform) ListMessages(_ context.Context, call *Call, _ ListMessagesParams) (*MessagePage, error) {
	return nil, call.Unsupported("")
}

// MessageEvents returns ErrUnsupported.
func (UnsupportedPlatform) MessageEvents(_ context.Context, call *Call, _ EventOptions, _ func(*MessageEvent) bool) error {
	return call.Unsupported("")
}
