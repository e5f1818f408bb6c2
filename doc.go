// Package messembed is an admin SDK for Messembed, an open-source chat service
// that applications embed. A Go backend uses it to create chat users and keep
// them current, block and delete them, mint the access tokens that front ends
// log in with, open chats, send and read messages, and receive every new
// message as it is sent. The same calls work with Rocket.Chat, ChatKitty and
// Rightech; see the packages under platform/.
//
// # Clients
//
// One [Client] serves a whole program:
//
//	client, err := messembed.New("https://app.example.com/api/messembed",
//		messembed.WithBasicAuth("admin", os.Getenv("MESSEMBED_PASSWORD")))
//
// [FromEnv] takes the same settings from the environment. [New] validates its
// arguments and sends nothing; [Client.CheckCredentials] asks the service. Call
// it at startup.
//
// # Users and tokens
//
//	user, created, err := client.EnsureUser(ctx, messembed.CreateUserParams{
//		ID:               "42", // the application's own id, any text
//		ExternalMetadata: messembed.Metadata{"name": "Ada", "avatar": "https://…"},
//	})
//	token, err := client.CreateAccessToken(ctx, user.ID) // for the front end
//
// [Client.EnsureUser] may be called at every login and concurrently. Metadata
// is JSON chosen by the application: ExternalMetadata is visible to every user
// of the chat. PrivateExternalMetadata is for what the chat need not show, but it
// is no place for secrets: Messembed gives it to anyone who asks for a user by id.
// An update replaces metadata as a whole; [Client.ModifyUser] reads a user, lets
// a function edit it and sends what changed.
//
// # The ten calls to know first
//
//   - [Client.CheckCredentials] at startup
//   - [Client.EnsureUser] and [Client.CreateAccessToken] at login
//   - [Client.ModifyUser] when a profile changes
//   - [Client.BlockUser] and [Client.DeleteUser] when someone is to leave
//   - [Client.SyncUsers] every night, which makes the service hold what a user
//     base says
//   - [Client.EnsureChat] and [Client.CreateMessage] to let two users talk, or
//     a bot with one
//   - [Client.MessageEvents] to hear every new message
//
// The rest reads ([Client.GetUser], [Client.Users], [Client.Messages]), loads
// ([Client.ImportUsers]), watches ([Client.WatchUsers]), or does one step of the
// above. What has no method is [Client.Do].
//
// # Chats, messages, live events
//
//	chat, _, err := client.EnsureChat(ctx, messembed.CreateChatParams{FirstCompanionID: "42", SecondCompanionID: "43"})
//	_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "42", Content: "hello"})
//	for event, err := range client.MessageEvents(ctx, messembed.EventOptions{}) { … }
//
// A chat has exactly two users, and only they can write in it: a bot is a user
// with a chat of its own with each person. [Client.MessageEvents] yields each
// new message of the whole service exactly once, across lost connections.
//
// # Errors
//
// Every method fails with an [*Error] of one kind, to be tested with
// [errors.Is]: [ErrNotFound], [ErrAlreadyExists], [ErrInvalidArgument],
// [ErrUnauthenticated], [ErrUnavailable] and so on. Only the errors of your own
// callbacks and sequences are not: [Client.ModifyUser] and [Client.ImportUsers]
// return them unchanged. Input to which the service would respond "500" is
// rejected before anything is sent, and the error names the field. No error,
// log line or %+v output contains a credential, a token, a query or a body.
//
// # Retries
//
// A call makes up to four attempts within 30 seconds ([WithRetry],
// [WithTimeout]). Every operation is retried where nothing was sent or the
// service is busy, and operations that are safe to retry also where a response
// was lost; the README's table has each status.
//
// Every operation except [Client.CreateMessage] is safe to retry. If the
// response to a create is lost and the retry finds the id taken, the SDK reads
// what is stored: if it matches what was requested, the call succeeds. If the
// SDK cannot determine whether an operation was carried out, it sets
// [Error].MaybeApplied.
//
// # Testing
//
// Package messembedtest has a fake server that behaves as the real one does,
// quirks included, and can fail in every way that a network can:
//
//	fake := messembedtest.New(t)
//	client := fake.Client(t)
package messembed
