// Package rightechtest is a fake of Rightech IoT Cloud's users, to test against what uses package
// rightech. It needs no network, keeps what it is given, checks credentials, and can fail in every
// way a network can:
//
//	fake := rightechtest.New(t)
//	client := fake.Client(t)
//	fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true})
//
// # What it does
//
//   - Users: create, get, update, delete, list by limit and offset, with search, where.<field> and
//     only. Ids are 24 characters that count up; times are milliseconds; _at is there after the
//     first change. "success" is mixed into every object, lists are bare arrays.
//   - A login and an address are unique. role, name, email, login and password are required, the
//     login has 4 to 40 characters, the password at least 8 with a lower-case letter, an upper-case
//     one and a digit. A password is never answered and not shown in [Server.Requests].
//   - One API token, sent as Bearer, for one group: users of others ([Server.SetGroup]) are not
//     listed. [WithScopes] limits what it may do.
//   - POST /api/v1/users/tokens.
//   - Errors are RicErrors. With [WithHTMLErrors] the statuses of a failing gateway come as the
//     HTML page of the nginx before the service.
//
// # What it does not
//
// Anything but users: other routes do not exist. Log-in by login and password, roles (a role is any
// text), child groups, from and to, licences. Temporary users do not expire.
//
// # What is guessed
//
// Nobody has compared the fake with the service. Of what its documents leave open it does the
// following; where an option is named, the fake can do otherwise too, and package rightech works
// with both:
//
//   - The token route takes {"user": id, "expires"?: ms} and answers {"token": jwt, "success":
//     true}; it wants the API token though the documentation's example shows none.
//     [WithTokenShape], [WithOpenTokenRoute]
//   - A login or an address that is taken: 400 with the tags error_unique and error_users; what is
//     missing or malformed: 400 with error_validation and error_users. [WithDuplicateError]
//   - A delete answers {"success":true}. [WithDeleteBody]
//   - search looks at names, addresses, phones and logins. [WithoutLoginSearch]
//   - List and get leave time, _at, access, owner and group out, as the documentation's examples
//     do; create and update answer with all. [WithFullReads]
//   - A list is one JSON array in one piece; the service may also write one item a line.
//     [WithStreamedLists]
//   - 401, 403 and 404 have tags such as error_unauthorized; a malformed id is 404; an update of an
//     address is ignored. For other answers there is [Server.FailNext].
package rightechtest
