// Package rocketchattest provides a fake Rocket.Chat workspace for tests, in memory or on a socket. It covers what package rocketchat needs, including
// the server's quirks, because a test that passes against a kinder fake fails in production.
//
//	fake := rocketchattest.New(t)
//	client := fake.Client(t)
//
// # What it does
//
//   - The headers X-User-Id and X-Auth-Token, which must match each other. Tokens of users.createToken and personal access tokens are accepted.
//   - The checks in the server's order: credentials, permission, schema, rate limit, second factor, action. Every schema rejects keys that it does
//     not name; the keys depend on the version.
//   - 400 for missing users and taken values, with the code in errorType, in brackets, or only in the text, as on the server.
//   - The routes api/info, me, users.create, .info (which accepts a username as an id, as the server does), .update, .delete, .list, .listByStatus,
//     .createToken, .logout, .setActiveStatus, .setAvatar, .getAvatar, .getPresence, .getStatus, .presence and .setStatus, each with the fields that
//     it shows on the server.
//   - Pages of at most 100 users, 50 by default; a larger count is silently lowered.
//   - Rate limits with their headers ([WithRateLimit]), the second factor ([WithTwoFactor]), permissions ([WithoutPermissions]), undefined custom
//     fields ([WithCustomFields]), and users who are the last owner of a room ([Server.SetLastOwner]).
//   - Presence as the result of a user's choice and connection ([Server.SetConnected]), bots, a status that expires, and a broadcast that is
//     switched off ([Server.DisablePresenceBroadcast]).
//   - The DDP websocket, also through the RoundTripper: connect, login by token, stream-user-presence and stream-notify-logged, pings in both
//     directions, and connections that break, fall silent or are refused.
//
// # What it does not do
//
//   - The account of the client's credentials is in no list, so that a test finds only the users it has stored. All other routes find it. There is
//     no rocket.cat.
//   - There are no rooms, messages, e-mail, OAuth, LDAP, login by password or users.register; pictures are not fetched, stored or served.
//   - Lists sort by one field only, and accept but ignore query and fields, as a fresh server does.
//   - A DDP login does not connect its user; [Server.SetConnected] does.
//   - Of the presence claims only the manual one exists: no calendar, no calls, no previous state.
//   - No setting forbids a status (error-status-not-allowed, error-not-allowed).
//   - Without [WithCustomFields] it stores every custom field, unlike a fresh server, which defines none.
//
// # Guesses
//
//   - An update replaces the custom fields, as on older servers. The newest source merges them: see [WithMergedCustomFields].
//   - phones exist since 8.7, and users.presence?ids= includes offline users since 7.0. Neither change has a public date.
//   - A taken e-mail address in an update is error-field-unavailable.
//   - Beyond 50 logins the oldest are removed.
//   - A body that is not JSON is 400 "Invalid JSON".
//   - Outside its base path the fake responds 404 with plain text, as a proxy would.
package rocketchattest
