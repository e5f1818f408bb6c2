// Package rocketchattest provides a fake Rocket.Chat workspace for tests, in
// memory or on a socket. It covers what package rocketchat needs, including the
// server's quirks, because a test that passes against a kinder fake fails in
// production.
//
//	fake := rocketchattest.New(t)
//	client := fake.Client(t)
//
// # What it does
//
//   - The headers X-User-Id and X-Auth-Token, which must match each other. Tokens of
//     users.createToken and personal access tokens are accepted.
//   - The routes api/info, me, users.create, .info (which accepts a username as an id, as the server
//     does), .update, .delete, .list, .listByStatus, .createToken, .logout, .setActiveStatus,
//     .setAvatar, .getAvatar, .getPresence, .getStatus, .presence and .setStatus, each with the fields
//     that it shows on the server.
//   - Pages of at most 100 users, 50 by default; a larger count is silently lowered.
//   - Rate limits with their headers ([WithRateLimit]), the second factor ([WithTwoFactor]),
//     permissions ([WithoutPermissions]), custom fields ([WithCustomFields], [WithCustomField]), a
//     licence that is used up ([WithUserLimit]), names that are not free ([WithTeams],
//     [WithBlockedUsernames]), and users who are the last owner of a room ([Server.SetLastOwner]).
//   - Presence as the result of a user's choice and connection ([Server.SetConnected]), bots, a status
//     that expires, and a broadcast that is switched off ([Server.DisablePresenceBroadcast]).
//   - The DDP websocket, also through the RoundTripper: connect, login by token, stream-user-presence
//     and stream-notify-logged, pings in both directions, and connections that break, fall silent or
//     are refused.
//
// # What it does not do
//
//   - The account of the client's credentials is in no list, so that a test finds only the users it
//     has stored. All other routes find it. There is no rocket.cat.
//   - There are no rooms, messages, e-mail, OAuth, LDAP, login by password or users.register; pictures
//     are not fetched, stored or served.
//   - Lists sort by one field only, and accept but ignore query and fields, as a fresh server does.
//   - A DDP login does not connect its user; [Server.SetConnected] does.
//   - Of the presence claims only the manual one exists: no calendar, no calls, no previous state.
//   - No setting forbids a status (error-status-not-allowed, error-not-allowed).
//   - Without [WithCustomFields] it stores every custom field, unlike a fresh server, which defines none.
//
// # What is sourced
//
// From the server's source and its published packages, by version ([WithServerVersion]):
//
//   - What each route accepts: the schemas of @rocket.chat/rest-typings 8.8.1 and 7.13.9, whose
//     verdicts on random requests the fake's tests replay. Unknown keys are refused, phones among
//     them: no released server has those. Values are made to fit ("true", 1, null) where the server
//     does so, a query's lists (ids[]=) are lists, forms are read as well as JSON, and a body that is
//     no JSON is read as {}.
//   - The order of the checks: credentials, permission, schema, rate limit, second factor, action;
//     before 8.0 credentials, rate limit, schema, permission, second factor.
//   - 400 for missing users and taken values, with the code in errorType, in brackets, or only in the
//     text; "unauthorized" for a permission that is missing, until 9.0; errorType in a 429 before 7.0
//     only; the 401 with error, status and message since 7.0.
//   - users.setAvatar responds half a second before the picture is stored
//     ([WithPictureDelay]).
//   - An update merges custom fields since 7.5.4 and replaced them before. Custom fields are checked
//     against their definitions, in an update after the rest was stored.
//   - users.setStatus stores the status as given before 8.6; since then the connection counts.
//   - A licence that is used up, a team's name, a blocked name, and an address that is taken by an
//     update, each with its error.
//
// # What is derived
//
// From that source, without having seen a server do it:
//
//   - With [WithTeams], an update to a team's name is error-could-not-save-identity, as for a name that
//     is taken; with [WithBlockedUsernames], an update to a blocked name is error-blocked-username.
//   - freeSwitchExtension is accepted since 7.13, whose last release has it; 7.9 does not.
//   - users.presence?ids= includes offline users since 7.0. The change has no public date.
//
// # What is a guess
//
// If an option is named, it makes the fake behave otherwise; package rocketchat
// works with both:
//
//   - Later servers merge custom fields, although some are reported to replace them.
//     [WithReplacedCustomFields], [WithMergedCustomFields]
//   - X-RateLimit-Reset is in milliseconds, although other forms are reported. [WithRateLimitReset]
//   - A taken username is an error in every update, and a taken address error-field-unavailable in
//     every create, although very old servers are reported to keep the old username silently, and to
//     say "Email already exists. [403]". [WithSilentUsernames], [WithOldConflicts]
//   - Beyond 50 logins the oldest are removed.
//   - Outside its base path the fake responds 404 with plain text, as a proxy would. Use FailNext for
//     other responses.
package rocketchattest
