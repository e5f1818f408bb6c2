// Package rocketchat makes a [messembed.Client] of a Rocket.Chat workspace: the
// users of Rocket.Chat through the same calls as those of Messembed.
//
//	client, err := rocketchat.New("https://chat.example.com", rocketchat.Credentials{
//		UserID: "…", AuthToken: "…",
//	})
//
// Use a personal access token that was made with "ignore two factor
// authentication": users.update, and from server 8.7 on users.create and
// users.createToken, otherwise ask for a second factor, which is
// ErrPermissionDenied with the code totp-required.
//
// # What is what
//
//   - The service gives the ids. A user to create has a Profile.Username, a
//     DisplayName and one e-mail address, and no ID; the username is the natural
//     key by which EnsureUser and ImportUsers find it.
//   - A user without Password gets a random one from the service, which mails it to
//     the user where the workspace can send mail.
//   - ExternalMetadata is customFields. The workspace must have defined each of them
//     (Accounts → Registration → Custom Fields): the service leaves others out
//     without a word, which is ErrInvalidArgument here, with MaybeApplied set, since
//     the rest was stored. A field that is null counts as not there.
//   - BlockUser sets active to false, which reads as BlockDeactivated: the user
//     cannot log in, and its tokens are gone.
//   - A guest is one with the role guest, a bot one with the role bot.
//   - Lists leave createdAt, customFields and others out; see
//     [messembed.WithDetails].
//   - Rate limits are on in a fresh workspace: 10 calls a minute for each route, and
//     5 for SetPresence. A call that meets one ends with ErrRateLimited and
//     RetryAfter, unless RetryPolicy.MaxBackoff and WithTimeout allow for the wait.
//     Grant the caller api-bypass-rate-limit, or set WithRateLimit.
//   - SetPresence shows what is asked for to others only while the user is
//     connected; a bot's stands by itself.
//   - WatchPresence listens to the workspace's websocket and reads the states back
//     after each reconnect; where the websocket is refused it polls.
//
// Chats, messages and live events are not here: they are ErrUnsupported.
//
// The facts are those of Rocket.Chat 8 with older behaviour tolerated. They were
// read in its server's public source (github.com/RocketChat/Rocket.Chat), its
// OpenAPI documents (RocketChat/Rocket.Chat-Open-API) and its developer pages.
package rocketchat
