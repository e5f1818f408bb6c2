// Package rightech returns a [messembed.Client] for Rightech IoT Cloud: its
// users, which are accounts of the platform's operators.
//
//	client, err := rightech.New("https://dev.rightech.io", rightech.Credentials{Token: token})
//
// The base URL is the root of the service: https://dev.rightech.io,
// https://sandbox.rightech.io, https://app.rightech.io or your own
// installation. Create the token in the service's project settings; anything
// beyond its scopes is ErrPermissionDenied.
//
// Rightech differs from Messembed as follows:
//
//   - The service assigns the ids, 24 characters. The natural key of a user is
//     its login, which is Profile.Username here: EnsureUser and the retries of
//     a create look users up by it.
//   - Creating a user requires Profile.Username, DisplayName, one of Emails and
//     one of Roles (a role's id), and Password; Phone and BlockDeactivated are
//     optional. There is no metadata: both kinds are ErrInvalidArgument. Only
//     users of the token's own group are listed.
//   - Blocking sets "disabled": the user cannot log in. CreatedAt and UpdatedAt
//     are set if the service sends them, which its lists may not.
//   - CreateAccessToken is a guess: the service documents that the route
//     exists, but neither its request nor its response. If the guess is wrong,
//     override it; see [TokenShape].
//   - The service pages by offset. Users deleted during a walk shift the rest,
//     and as many are missed: to delete all users, collect the ids first.
//   - There are no pictures and no presence.
//
// The package was written from public documents and tested against
// [rightechtest], whose documentation lists the guesses.
//
// [rightechtest]:
// https://pkg.go.dev/github.com/messembed/messembed-go/platform/rightech/rightechtest
package rightech
