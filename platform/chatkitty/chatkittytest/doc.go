// Package chatkittytest is a fake of ChatKitty's Platform API, to test against what uses package
// chatkitty. It needs no network, keeps what it is given, checks credentials, and can fail in every
// way a network can:
//
//	fake := chatkittytest.New(t)
//	client := fake.Client(t)
//	fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true})
//
// # What it does
//
//   - The token endpoint, POST /oauth/token beside the API: HTTP Basic, and the form urlencoded or
//     multipart. A token is good for 42,892 seconds of the fake's clock, until
//     [Server.ExpireTokens], or for ever refused when the fake did not issue it.
//   - Users: create, get (by both routes), find by name, does it exist, list by page and size,
//     update by merge patch, delete, display picture by JSON or multipart. Ids are 64-bit integers
//     that count up. isGuest is left out when false, _embedded when empty.
//   - The application, GET /v1/application, which is also what a delete answers.
//   - User sessions, listed by state. They alone make a user online: [Server.SetOnline].
//   - Rate limits, off until [WithRateLimit].
//
// # What it does not
//
// Channels, messages, notifications, secrets, imports, exports, jobs and the front ends' websocket:
// those routes are answered like any that does not exist. Scopes: a token may do everything. The
// filter ?properties= and the parameter sort are ignored; the order is that of creation. There is
// one application.
//
// # What is guessed
//
// Nobody has compared the fake with the service. Of what its documents leave open it does the
// following; where an option is named, the fake can do otherwise too, and package chatkitty works
// with both:
//
//   - A name that is taken: 400 ClientError. [WithDuplicateStatus]
//   - properties are merged as RFC 7396 has it, null deletes, at any depth. [WithPropertiesMerge]
//   - A PATCH of another content type than application/json+merge-patch: 415. [WithAnyPatchType]
//   - A page without users has no _embedded. [WithEmptyEmbedded]
//   - isGuest is left out when it is false, as the documentation's examples do and its schema does
//     not. [WithExplicitIsGuest]
//   - ?name= finds the name exactly. [WithLooseNameFilter]
//   - There is no largest page size. [WithMaxPageSize]
//   - An expired token is 401 invalid_token, as OAuth2 has it. [WithExpiredTokenError]
//   - A request too many is 429 with coolOffDuration in its body and no Retry-After header.
//     [WithRetryAfterHeader]
//   - A session that begins makes presence.status AVAILABLE, the last one that ends UNAVAILABLE.
//     [WithManualStatus]
//   - Refused client credentials are 401 invalid_client; an id that is no integer 400; a route that
//     does not exist 404 ResourceNotFoundError; a method that a route does not have 405. For other
//     answers there is [Server.FailNext].
//   - displayPictureUrl of a new user is the service's generated picture, of a hosted picture its
//     own URL.
//
// The fake speaks the first of the service's two dialects; [WithSnakeCase] makes it answer in the
// second.
package chatkittytest
