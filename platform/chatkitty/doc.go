// Package chatkitty returns a [messembed.Client] for ChatKitty's Platform API:
// users, their pictures and their presence.
//
//	client, err := chatkitty.New(chatkitty.BaseURL, chatkitty.Credentials{ClientID: id, ClientSecret: secret})
//
// ChatKitty differs from Messembed as follows:
//
//   - The service assigns the ids, 64-bit integers, which are decimal text
//     here. Any other id is ErrInvalidArgument, and nothing is sent. The
//     natural key of a user is its name, which is Profile.Username here:
//     EnsureUser and the retries of a create look users up by it.
//   - Creating a user requires Profile.Username and Profile.DisplayName. The
//     service also has Profile.Guest; set AvatarURL with SetUserPicture.
//     Anything it cannot store is ErrInvalidArgument, such as an address, a
//     password or private metadata.
//   - ExternalMetadata is the user's properties. The service merges them, but
//     UpdateUser still replaces them as a whole: it reads them first and sends
//     null for removed keys. A null that is not stored yet cannot be written
//     this way and is ErrInvalidArgument.
//   - Presence is read from the user and watched by polling. SetPresence sends
//     AVAILABLE for online and UNAVAILABLE for the rest; the service derives
//     from user sessions whether a user is online at all, which cannot be set.
//   - The service numbers pages. Users deleted during a walk shift the rest,
//     and as many are missed: to delete all users, collect the ids first.
//   - There is no blocking, and there are no access tokens: users log in with a
//     user session of the front end's SDK.
//
// The service's documentation spells fields in two ways (displayName and
// display_name, links as an object and as an array). This package requests the
// first and reads both. It was written from public documents and tested against
// [chatkittytest], whose documentation lists the guesses.
//
// [chatkittytest]:
// https://pkg.go.dev/github.com/messembed/messembed-go/platform/chatkitty/chatkittytest
package chatkitty
