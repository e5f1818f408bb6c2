package rocketchat

import (
	"encoding/json"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
	"github.com/messembed/messembed-go/platform/internal/lossless"
)

// User is a user as Rocket.Chat stores it, with every field of its IUser
// interface. Which fields a response contains depends on the route and on the
// caller's permissions; the others are zero.
//
// Decoding is tolerant: a field of an unexpected type is left zero and kept in
// Extra, as are fields that are not named here. Encoding writes unchanged
// fields as they were received.
type User struct {
	ID               string             `json:"_id"`
	CreatedAt        Date               `json:"createdAt"`
	Roles            []string           `json:"roles"`  // the roles' ids
	Type             string             `json:"type"`   // "user", "bot", "app", …
	Active           bool               `json:"active"` // may log in
	Username         string             `json:"username"`
	Nickname         string             `json:"nickname"`
	Name             string             `json:"name"`
	Services         *Services          `json:"services"`
	Emails           []Email            `json:"emails"`
	Status           string             `json:"status"`           // what others see: "online", "away", "busy", "offline", "disabled"
	StatusConnection string             `json:"statusConnection"` // computed from the user's connections
	LastLogin        Date               `json:"lastLogin"`
	Bio              string             `json:"bio"`
	AvatarOrigin     string             `json:"avatarOrigin"` // "upload", "url", "rest", …
	AvatarETag       string             `json:"avatarETag"`
	AvatarURL        string             `json:"avatarUrl"`
	UTCOffset        float64            `json:"utcOffset"` // hours
	Language         string             `json:"language"`
	StatusDefault    string             `json:"statusDefault"` // what the user chose
	StatusText       string             `json:"statusText"`
	OAuth            *OAuth             `json:"oauth"`
	UpdatedAt        Date               `json:"_updatedAt"`
	E2E              *E2E               `json:"e2e"`
	CustomFields     messembed.Metadata `json:"customFields"`
	Settings         *Settings          `json:"settings"`
	DefaultRoom      string             `json:"defaultRoom"`
	LDAP             bool               `json:"ldap"`
	Extension        string             `json:"extension"`
	InviteToken      string             `json:"inviteToken"`
	CanViewAllInfo   bool               `json:"canViewAllInfo"` // the caller may see all of this user's fields
	Phone            string             `json:"phone"`
	Phones           []Phone            `json:"phones"` // not in any server released so far
	Reason           string             `json:"reason"` // given at registration
	Federated        bool               `json:"federated"`
	Federation       *Federation        `json:"federation"`
	Banners          map[string]Banner  `json:"banners"`
	ImportIDs        []string           `json:"importIds"`

	RequirePasswordChange       bool   `json:"requirePasswordChange"`
	RequirePasswordChangeReason string `json:"requirePasswordChangeReason"`

	// Only on newer servers.
	Rooms               []string       `json:"__rooms"`
	StatusSource        string         `json:"statusSource"` // "internal", "manual", "external"
	StatusExpiresAt     Date           `json:"statusExpiresAt"`
	StatusID            string         `json:"statusId"`
	PreviousState       *PreviousState `json:"previousState"`
	InactiveReason      string         `json:"inactiveReason"` // "deactivated", "pending_approval", "idle_too_long"
	FreeSwitchExtension string         `json:"freeSwitchExtension"`
	ABACAttributes      []Attribute    `json:"abacAttributes"`
	RoomRolePriorities  map[string]int `json:"roomRolePriorities"`
	ProviderID          string         `json:"providerId"`

	Rest `json:"-"`
}

// Services are the ways in which a user can log in. Those of other providers
// (google, github, saml, …) are in Extra.
type Services struct {
	Password        *PasswordService `json:"password"`
	PasswordHistory []string         `json:"passwordHistory"`
	Email           *EmailService    `json:"email"`
	Resume          *ResumeService   `json:"resume"`
	TOTP            *TOTPService     `json:"totp"`
	Email2FA        *Email2FAService `json:"email2fa"`
	LDAP            *LDAPService     `json:"ldap"`

	Rest `json:"-"`
}

// PasswordService is login by password.
type PasswordService struct {
	Exists bool   `json:"exists"`
	Bcrypt string `json:"bcrypt"`

	Rest `json:"-"`
}

// EmailService is the verification of e-mail addresses.
type EmailService struct {
	VerificationTokens []VerificationToken `json:"verificationTokens"`

	Rest `json:"-"`
}

// VerificationToken is a token mailed to an address.
type VerificationToken struct {
	Token   string `json:"token"`
	Address string `json:"address"`
	When    Date   `json:"when"`

	Rest `json:"-"`
}

// ResumeService is login by token.
type ResumeService struct {
	LoginTokens []LoginToken `json:"loginTokens"`

	Rest `json:"-"`
}

// LoginToken is a login session or, if Type is "personalAccessToken", a token
// that the user created.
type LoginToken struct {
	HashedToken              string `json:"hashedToken"`
	When                     Date   `json:"when"`
	TwoFactorAuthorizedUntil Date   `json:"twoFactorAuthorizedUntil"`
	TwoFactorAuthorizedHash  string `json:"twoFactorAuthorizedHash"`
	Type                     string `json:"type"`
	Name                     string `json:"name"`
	CreatedAt                Date   `json:"createdAt"`
	LastTokenPart            string `json:"lastTokenPart"`
	BypassTwoFactor          bool   `json:"bypassTwoFactor"`

	Rest `json:"-"`
}

// TOTPService is the second factor by time-based codes.
type TOTPService struct {
	Enabled      bool     `json:"enabled"`
	Secret       string   `json:"secret"`
	TempSecret   string   `json:"tempSecret"`
	HashedBackup []string `json:"hashedBackup"`

	Rest `json:"-"`
}

// Email2FAService is the second factor by e-mail.
type Email2FAService struct {
	Enabled   bool `json:"enabled"`
	ChangedAt Date `json:"changedAt"`

	Rest `json:"-"`
}

// LDAPService is login by LDAP.
type LDAPService struct {
	ID          string `json:"id"`
	IDAttribute string `json:"idAttribute"`

	Rest `json:"-"`
}

// Email is an e-mail address of a user.
type Email struct {
	Address  string `json:"address"`
	Verified bool   `json:"verified"`

	Rest `json:"-"`
}

// Phone is a phone number of a user.
type Phone struct {
	Number   string `json:"number"`
	Label    string `json:"label"`
	Primary  bool   `json:"primary"`
	Verified bool   `json:"verified"`

	Rest `json:"-"`
}

// OAuth holds the applications that the user has authorized.
type OAuth struct {
	AuthorizedClients []string `json:"authorizedClients"`

	Rest `json:"-"`
}

// E2E holds the keys of end-to-end encryption, the private one encrypted.
type E2E struct {
	PrivateKey string `json:"private_key"`
	PublicKey  string `json:"public_key"`

	Rest `json:"-"`
}

// Settings are the user's settings, nearly all of them in Preferences.
type Settings struct {
	Profile     map[string]any `json:"profile"`
	Preferences map[string]any `json:"preferences"`
	Calendar    map[string]any `json:"calendar"`

	Rest `json:"-"`
}

// Federation describes the origin of a user of another server.
type Federation struct {
	Version             int      `json:"version"`
	MUI                 string   `json:"mui"` // the Matrix user id
	Origin              string   `json:"origin"`
	AvatarURL           string   `json:"avatarUrl"`
	SearchedServerNames []string `json:"searchedServerNames"`

	Rest `json:"-"`
}

// Banner is a message shown to the user.
type Banner struct {
	ID            string   `json:"id"`
	Priority      int      `json:"priority"`
	Title         string   `json:"title"`
	Text          string   `json:"text"`
	TextArguments []string `json:"textArguments"`
	Modifiers     []string `json:"modifiers"` // "large", "danger"
	Link          string   `json:"link"`
	Read          bool     `json:"read"`

	Rest `json:"-"`
}

// PreviousState is the status that is restored when the current one ends.
type PreviousState struct {
	StatusDefault   string `json:"statusDefault"`
	StatusText      string `json:"statusText"`
	StatusSource    string `json:"statusSource"`
	StatusExpiresAt Date   `json:"statusExpiresAt"`
	StatusID        string `json:"statusId"`

	Rest `json:"-"`
}

// Attribute is an attribute of attribute-based access control.
type Attribute struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`

	Rest `json:"-"`
}

// Rest holds the fields of a service's object that its type does not. They are
// written back when the object is encoded, so that nothing is lost.
type Rest struct {
	// Extra has the fields that the type does not name, and those whose value
	// has an unexpected type.
	Extra map[string]json.RawMessage

	came lossless.Fields // the other fields as received
}

// Decode decodes u.Raw as a Rocket.Chat user. It returns ErrInvalidArgument if
// Raw is empty and ErrInvalidResponse if it is not a JSON object.
func Decode(u *messembed.User) (*User, error) { return adapter.DecodeRaw[User]("rocketchat", u) }
