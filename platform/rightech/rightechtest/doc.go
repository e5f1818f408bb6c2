// Package rightechtest provides a fake of Rightech IoT Cloud's users, for
// testing code that uses package rightech. It needs no network, stores what it
// receives, checks credentials, and can fail in every way that a network can:
//
//	fake := rightechtest.New(t)
//	client := fake.Client(t)
//
// # What it does
//
//   - Users: create, get, update, delete, list by limit and offset, with search, where.<field> and
//     only. Ids are 24 characters that count up; times are milliseconds; _at exists after the first
//     change. "success" is added to every object; lists are bare arrays.
//   - Logins and addresses are unique. role, name, email, login and password are required. A login
//     has 4 to 40 characters, a password at least 8 with a lower-case letter, an upper-case letter
//     and a digit. Passwords are in no response and not in Requests.
//   - One API token, sent as Bearer, for one group: users of other groups ([Server.SetGroup]) are
//     not listed. [WithScopes] limits what it may do.
//   - POST /api/v1/users/tokens.
//   - Errors are RicErrors. With [WithHTMLErrors], gateway errors are the HTML page of the nginx in
//     front of the service.
//
// # What it does not do
//
// Only users are supported: other routes do not exist. There is no log-in by
// login and password, and there are no roles (any text is a role), child
// groups, from and to, or licences. Temporary users do not expire.
//
// # What is sourced
//
// From the service's documentation, its SDK and its official n8n node:
//
//   - The routes, their parameters, and 200 for every success. Objects carry "success"; lists are bare
//     arrays of the token's own group, without a total.
//   - The fields of a user; times in milliseconds, _at from the first change on; a get has group, and
//     a list does not. A PATCH returns the whole user.
//   - What a create requires, and the rules for logins and passwords.
//   - RicErrors, whose first tag is error_ and the status text; 401, 403 and 404; nginx's page.
//
// # What is derived
//
//   - An update ignores an address, which the official node cannot change.
//   - A list is paged by limit and offset, as the official node does.
//
// # What is a guess
//
// The fake has not been compared with the service. Where the service's
// documents are silent, it behaves as follows. If an option is named, it makes
// the fake behave otherwise; package rightech works with both:
//
//   - The token route accepts {"user": id, "expires"?: ms} and returns {"token": jwt, "success":
//     true}; it requires the API token, although the documentation's example shows none.
//     [WithTokenShape], [WithOpenTokenRoute]
//   - A login or address that is taken is 400 with the tags error_unique and error_users; a missing
//     or malformed value is 400 with error_validation and error_users. [WithDuplicateError]
//   - A delete returns {"success":true}. [WithDeleteBody]
//   - search covers names, addresses, phones and logins. [WithoutLoginSearch]
//   - List and get omit time, _at, access and owner, as in the documentation's examples; create and
//     update return all fields. [WithFullReads]
//   - A list is one JSON array in one piece; the service may also write one item per line.
//     [WithStreamedLists]
//   - The code of an error is a text, although Rightech's own edge software has a number.
//     [WithNumericCodes]
//   - A user is a bare object, although the fixtures of the official node have arrays of one.
//     [WithWrappedObjects]
//   - A list obeys its offset. [WithIgnoredOffset]
//   - The second tag of an error about users is error_users; a malformed id is 404. Use FailNext for
//     other responses.
package rightechtest
