// Package rightech makes a [messembed.Client] talk to Rightech IoT Cloud: its users, which are
// accounts of the platform's operators.
//
//	client, err := rightech.New("https://dev.rightech.io", rightech.Credentials{Token: token})
//
// The base URL is the service's root: https://dev.rightech.io, https://sandbox.rightech.io,
// https://app.rightech.io or one's own. The token is made in the service's project settings; what
// it may do, its scopes there say, and beyond them everything is ErrPermissionDenied.
//
// What is Rightech's own:
//
//   - The service gives the ids, 24 characters. The natural key of a user is its login, here
//     Profile.Username: EnsureUser looks up by it, and a lost create is settled by it.
//   - A create needs Profile.Username, DisplayName, one of Emails and one of Roles (a role's id),
//     and Password; Phone and BlockDeactivated are what it can have besides. There is no metadata:
//     both kinds are ErrInvalidArgument. Only users of the token's own group are listed.
//   - Blocking is "disabled": the user cannot log in. CreatedAt and UpdatedAt are set where the
//     service says them, which its lists may not.
//   - CreateAccessToken is a guess: the service documents that the route is there, and neither what
//     it is sent nor what it answers. See [TokenShape] for what to change when it proves wrong.
//   - The service pages by offset. Users who are deleted while a walk goes on make the rest move up,
//     and as many are left out: to delete all, collect the ids first.
//   - There are no pictures and no presence.
//
// It was written from public documents and tested against [rightechtest]; which of its facts are
// guesses, that package's documentation lists.
//
// [rightechtest]: https://pkg.go.dev/github.com/messembed/messembed-go/platform/rightech/rightechtest
package rightech
