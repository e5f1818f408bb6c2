// Package messembed is an admin SDK for Messembed, an open-source chat service
// that applications embed. A Go backend uses it to put its users into the chat,
// keep them current, block and delete them, mint the access tokens that front
// ends log in with, open chats, send and read messages, and hear every new
// message live. The same calls work on Rocket.Chat, ChatKitty and Rightech: see
// the packages below platform/.
//
// # A client
//
// One [Client] serves a whole program:
//
//	client, err := messembed.New("https://app.example.com/api/messembed",
//		messembed.WithBasicAuth("admin", os.Getenv("MESSEMBED_PASSWORD")))
//
// or [FromEnv]. [New] finds every mistake in its arguments; nothing is sent.
// [Client.CheckCredentials] asks the service, at a program's start.
//
// # Users and tokens
//
//	user, created, err := client.EnsureUser(ctx, messembed.CreateUserParams{
//		ID:               "42", // the application's own id, any text
//		ExternalMetadata: messembed.Metadata{"name": "Ada", "avatar": "https://…"},
//	})
//	token, err := client.CreateAccessToken(ctx, user.ID) // for the front end
//
// [Client.EnsureUser] is safe at each log-in and by many at once. Metadata is
// JSON of the application's: ExternalMetadata every user of the chat can see,
// PrivateExternalMetadata is for servers. An update replaces metadata whole;
// [Client.ModifyUser] reads, lets a function edit and sends what differs.
// [Client.Users] walks the list as it comes, in little memory however long it is,
// and [Client.ImportUsers] puts a whole user base in.
//
// # Chats, messages, live events
//
//	chat, _, err := client.EnsureChat(ctx, messembed.CreateChatParams{FirstCompanionID: "42", SecondCompanionID: "43"})
//	_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "42", Content: "hello"})
//	for event, err := range client.MessageEvents(ctx, messembed.EventOptions{}) { … }
//
// [Client.MessageEvents] yields each new message of the whole service, in order,
// once, across lost connections.
//
// # Errors
//
// Every method fails with an [*Error] of one kind, for [errors.Is]: [ErrNotFound],
// [ErrAlreadyExists], [ErrInvalidArgument], [ErrUnauthenticated], [ErrUnavailable]
// and so on. What the service would answer with "500" is found before anything is
// sent and named by its field. No error, log line or %+v holds a credential, a
// token, a query or a body.
//
// # What is sent again
//
// A call is tried up to four times within 30 seconds ([WithRetry], [WithTimeout]):
//
//   - connection refused, no such host: every operation, for nothing was sent;
//   - connection broken, no answer in time, 502, 504: what is safe to send twice;
//   - 429, 503: every operation, after Retry-After or the backoff;
//   - 500: what is safe to send twice, once.
//
// All operations are safe to send twice but [Client.CreateMessage]. When the answer
// to a create is lost and the next is that the id is taken, the SDK reads what is
// stored: is it what was asked for, the call has succeeded. When it cannot know,
// [Error].MaybeApplied says so.
//
// # Tests
//
// Package messembedtest has a fake server that answers as the real one does,
// quirks included, and can fail in every way that a network can:
//
//	fake := messembedtest.New(t)
//	client := fake.Client(t)
package messembed
