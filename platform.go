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
// Platform is what every service has. What only some have, a Platform
// implements in addition: [PlatformBlocking], [PlatformTokens],
// [PlatformPictures], [PlatformPresence], [PlatformChats] and [PlatformEvents].
// [Client.Supports] follows from that, and the methods of a feature whose
// interface is not implemented return ErrUnsupported. These interfaces do not
// grow: a new feature gets an interface of its own. A Platform must be safe for
// concurrent use.
//
// The client has checked what holds for every service: user ids are not empty
// and valid UTF-8, limits are not negative. The Platform rejects, with
// [Call.Invalid], what its service cannot store, and ids that only some
// services have.
type Platform interface {
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
}

// PlatformBlocking is a [Platform] with [FeatureBlockUser].
type PlatformBlocking interface {
	// SetUserBlocked blocks or unblocks a user and returns the whole user.
	SetUserBlocked(ctx context.Context, call *Call, id string, blocked bool) (*User, error)
}

// PlatformTokens is a [Platform] with [FeatureAccessTokens].
type PlatformTokens interface {
	CreateAccessToken(ctx context.Context, call *Call, userID string) (*AccessToken, error)
}

// PlatformPictures is a [Platform] with [FeatureUserPictures].
type PlatformPictures interface {
	SetUserPicture(ctx context.Context, call *Call, id string, p Picture) (*User, error)
}

// PlatformPresence is a [Platform] with [FeaturePresence].
type PlatformPresence interface {
	GetPresence(ctx context.Context, call *Call, userID string) (*Presence, error)
	SetPresence(ctx context.Context, call *Call, userID string, p SetPresenceParams) error
	// WatchPresence calls yield for the presence of every id, then for each
	// change, until ctx ends or yield returns false.
	WatchPresence(ctx context.Context, call *Call, userIDs []string, yield func(*Presence) bool) error
}

// PlatformChats is a [Platform] with [FeatureChats].
type PlatformChats interface {
	CreateChat(ctx context.Context, call *Call, p CreateChatParams) (*Chat, error)
	GetChat(ctx context.Context, call *Call, id string) (*Chat, error)
	GetChatByCompanions(ctx context.Context, call *Call, userID1, userID2 string) (*Chat, error)
	UpdateChat(ctx context.Context, call *Call, id string, p UpdateChatParams) (*Chat, error)
	ListChats(ctx context.Context, call *Call) (*ChatPage, error)
	// Chats calls yield for each chat as it is read, until yield returns false.
	Chats(ctx context.Context, call *Call, yield func(*Chat) bool) error

	CreateMessage(ctx context.Context, call *Call, p CreateMessageParams) (*Message, error)
	ListMessages(ctx context.Context, call *Call, p ListMessagesParams) (*MessagePage, error)
}

// PlatformEvents is a [Platform] with [FeatureMessageEvents].
type PlatformEvents interface {
	// MessageEvents calls yield for each new message until ctx ends or yield
	// returns false. Its error is final.
	MessageEvents(ctx context.Context, call *Call, o EventOptions, yield func(*MessageEvent) bool) error
}

// PlatformSupports is a [Platform] that has less than its methods suggest.
// [Client.Supports] asks it about the features whose methods it has.
type PlatformSupports interface {
	Supports(f Feature) bool
}

// PlatformAbbreviatedList is implemented by a [Platform] whose list of users
// leaves out fields that GetUser has.
type PlatformAbbreviatedList interface {
	// ListLeavesOut reports whether p gives such a field.
	ListLeavesOut(p CreateUserParams) bool
}

// Operation is one kind of request to a service. A [Platform] has one value for
// each, which gives the route, the name in logs and in the fake, and how
// failures may be handled; [Client.Do] sends others.
type Operation struct {
	Name   string // such as "CreateUser"
	Method string
	Route  string // below the base URL, such as "admin-api/users/{id}"

	Write      bool // changes something at the service
	Repeatable bool // safe to retry: sending it twice has the same effect as sending it once
	WholeList  bool // the response is a list of any length that the service prepares before its first byte; see WithListTimeout
	MaxBody    int  // largest body that the service accepts, in bytes; 0 if unknown
}

// Request is one request of an [Operation], for [Client.Do] and for implementers
// of a [Platform].
type Request struct {
	Args   []string // one for each {placeholder} of the route
	Query  string   // encoded
	Header http.Header
	Body   any    // marshalled as JSON; a []byte is sent as it is; nil means no body
	Type   string // the body's content type; "" means application/json
}

// Answer is a complete 2xx response.
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
