// Package rocketchat returns a [messembed.Client] for a Rocket.Chat workspace:
// the same calls as for Messembed manage the users of Rocket.Chat.
//
//	client, err := rocketchat.New("https://chat.example.com", rocketchat.Credentials{
//		UserID: "…", AuthToken: "…",
//	})
//
// Use a personal access token created with "ignore two factor authentication".
// Otherwise users.update, and on servers since 8.7 users.create and
// users.createToken, require a second factor, which is ErrPermissionDenied with
// the code totp-required.
//
// # Mapping
//
//   - The service assigns the ids. To create a user, set Profile.Username,
//     Profile.DisplayName and one e-mail address, and leave ID empty;
//     EnsureUser and ImportUsers find users by their username.
//   - Without a Password, the service generates a random one and mails it to
//     the user if the workspace can send mail.
//   - ExternalMetadata is customFields. The workspace must define each field
//     (Accounts → Registration → Custom Fields); the service silently drops the
//     others, which is ErrInvalidArgument with MaybeApplied set, since the rest
//     was stored. A null field counts as missing.
//   - BlockUser sets active to false, which is read as BlockDeactivated: the
//     user cannot log in, and its tokens are revoked.
//   - Profile.Phone is read where there is one, and cannot be set: no server
//     released so far accepts it.
//   - SetUserPicture reads the user until its new picture shows, which takes the
//     service half a second.
//   - A used-up licence (error-license-user-limit-reached) is
//     ErrPermissionDenied, and ends an import.
//   - A guest is a user with the role guest, a bot one with the role bot.
//   - Lists omit createdAt, customFields and other fields; see
//     [messembed.WithDetails]. They are read in pages of 100 by offset: users
//     deleted during a walk shift the rest, and as many are missed: to delete all
//     users, collect the ids first.
//   - A fresh workspace has rate limits: 10 calls a minute for each route, and
//     5 for SetPresence. A call that exceeds one fails with ErrRateLimited and
//     RetryAfter, unless RetryPolicy.MaxBackoff and WithTimeout allow for the
//     wait. Grant the caller api-bypass-rate-limit, or use WithRateLimit.
//   - What SetPresence sets is visible to others only while the user is
//     connected; a bot's is always visible.
//   - WatchPresence listens to the workspace's websocket and reads the states
//     back after each reconnect. If websockets are refused, it polls.
//
// Chats, messages and live events are not supported: their methods return
// ErrUnsupported.
//
// The package follows Rocket.Chat 8 and tolerates older behaviour. Its facts
// come from the server's public source (github.com/RocketChat/Rocket.Chat), its
// OpenAPI documents (RocketChat/Rocket.Chat-Open-API) and its developer pages.
package rocketchat
