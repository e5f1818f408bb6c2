// Package chatkitty makes a [messembed.Client] talk to ChatKitty's Platform API: users, their
// pictures and their presence.
//
//	client, err := chatkitty.New(chatkitty.BaseURL, chatkitty.Credentials{ClientID: id, ClientSecret: secret})
//
// What is ChatKitty's own:
//
//   - The service gives the ids, 64-bit integers, here as decimal text. An id that is none is
//     ErrInvalidArgument and nothing is sent. The natural key of a user is its name, here
//     Profile.Username: EnsureUser looks up by it, and a lost create is settled by it.
//   - A create needs Profile.Username and Profile.DisplayName. Of a profile the service has
//     Username, DisplayName and Guest besides; AvatarURL is set with SetUserPicture. What it has no
//     place for is ErrInvalidArgument: an address, a password, private metadata.
//   - ExternalMetadata is the user's properties. The service merges them; UpdateUser replaces them
//     whole all the same: it reads first and sends null for what is gone. A null that is not stored
//     yet cannot be written so, and is ErrInvalidArgument.
//   - Presence is read from the user and watched by polling. SetPresence sends AVAILABLE for online
//     and UNAVAILABLE for the rest; whether somebody is online at all the service knows from user
//     sessions and nobody can set.
//   - The service counts pages. Users who are deleted while a walk goes on make the rest move up, and
//     as many are left out: to delete all, collect the ids first.
//   - There is no blocking, and no access token: users log in by a user session of the front end's
//     SDK.
//
// The service's documentation spells fields in two ways (displayName and display_name, links as an
// object and as an array). This package asks for the first and reads both. It was written from
// public documents and tested against [chatkittytest]; which of its facts are guesses, that
// package's documentation lists.
//
// [chatkittytest]: https://pkg.go.dev/github.com/messembed/messembed-go/platform/chatkitty/chatkittytest
package chatkitty
