// Package rocketchattest is a fake Rocket.Chat workspace to test against, in memory or over a socket: what package rocketchat needs of one, with the
// server's own habits, because a test that passes against a kinder fake fails in production.
//
//	fake := rocketchattest.New(t)
//	client := fake.Client(t)
//
// # What it does
//
//   - The two headers X-User-Id and X-Auth-Token, which have to fit each other; tokens of users.createToken and personal access tokens count.
//   - The checks in the server's order: credentials, permission, schema, rate limit, second factor, action. Every schema refuses keys that it does
//     not name; which keys those are goes by the version.
//   - 400 for a missing user and for what is taken, with the code in errorType or in brackets or, where the server says no more, in the text alone.
//   - The routes api/info, me, users.create, .info (which takes a username for an id, as the server does), .update, .delete, .list, .listByStatus,
//     .createToken, .logout, .setActiveStatus, .setAvatar, .getAvatar, .getPresence, .getStatus, .presence and .setStatus, with the fields that
//     each of them shows.
//   - Pages of at most 100, 50 if nothing is asked for; a larger count is lowered without a word.
//   - Rate limits with their headers ([WithRateLimit]), the second factor ([WithTwoFactor]), permissions ([WithoutPermissions]), custom fields that
//     are not defined ([WithCustomFields]), users who are a room's last owner ([Server.SetLastOwner]).
//   - Presence from what a user has chosen and whether it is connected ([Server.SetConnected]), bots, a status that ends by itself, and a broadcast
//     that is switched off ([Server.DisablePresenceBroadcast]).
//   - The websocket by DDP, also through the RoundTripper: connect, login by token, stream-user-presence and stream-notify-logged, pings both ways,
//     and connections that break, fall silent or are refused.
//
// # What it does not
//
//   - The account that the client's credentials are of is in no list, so that a test finds there what it has put there. Every other way to ask for
//     it finds it. There is no rocket.cat.
//   - No rooms, messages, e-mail, OAuth, LDAP, login by password, or users.register; pictures are not fetched, kept or served.
//   - Of several fields to sort by it takes one; query and fields of lists are taken and ignored, as a fresh server does.
//   - A DDP login does not connect its user; [Server.SetConnected] does.
//   - Of the claims of presence it knows the manual one: no calendar, no calls, no previous state.
//   - A status that a setting forbids (error-status-not-allowed, error-not-allowed) is not forbidden here.
//   - Without [WithCustomFields] it stores every custom field, and so is kinder than a fresh server, which defines none.
//
// # Guesses
//
//   - Custom fields are replaced by an update. Older servers do so; the newest source adds to what is there: [WithMergedCustomFields].
//   - phones came with 8.7; those who are offline are in users.presence?ids= since 7.0. Neither change is dated publicly.
//   - A taken e-mail address in an update is error-field-unavailable.
//   - The oldest of more than 50 logins go.
//   - A body that is no JSON is 400 "Invalid JSON".
//   - Outside its base path the fake answers 404 with a text, as a proxy would.
package rocketchattest
