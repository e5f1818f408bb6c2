// Package messembedtest is a fake Messembed server to test against. It keeps users, chats and
// messages in memory, answers as the real server does, quirks included, and can fail in every way
// in which a network can.
//
//	func TestWelcome(t *testing.T) {
//		fake := messembedtest.New(t)
//		client := fake.Client(t)
//		fake.AddUser(messembed.User{ID: "ada"})
//		fake.FailNext(messembedtest.Fault{Op: "CreateChat", Reset: true, AfterApply: true}) // the answer is lost
//
//		if err := welcome(t.Context(), client, "ada"); err != nil {
//			t.Fatal(err)
//		}
//		if n := len(fake.Messages("")); n != 1 {
//			t.Errorf("%d messages", n)
//		}
//	}
//
// # Three ways in
//
// [Server.Client] makes a client that goes through memory: no socket, no port, no goroutine for a
// call. It works inside a testing/synctest bubble, where a fault's delay and the client's backoff
// cost no time, provided that the fake is made inside the bubble. A [Server] is also an
// [http.Handler], and [Server.URL] makes it listen on the loopback interface, for clients of other
// languages and for other processes. All three answer alike and fail alike. The program
// cmd/messembed-fake is the fake to start from a shell, and [Program] stands in for a test in a
// main function.
//
// # What it does
//
//   - Every route that an administrator has, `GET /ping`, `GET /users/{id}`, and `GET /user` for
//     the holder of an access token. [Server.Routes] lists them. A route that the server lacks is
//     404, as there.
//   - The server's words: status, body to the byte, key order, content type, weak ETag and 304,
//     CORS. Recordings of the real server and of its libraries are replayed in this package's
//     tests.
//   - The server's quirks: a user list without pages, 500 for what it does not expect, users whose
//     metadata is no object, `read=false` that means true, updates that copy a user into its chats,
//     and so on. A test that passes against a kinder fake fails in production.
//   - Credentials: the service's password, or an OAuth2 gateway in front ([WithClientCredentials]).
//     Access tokens are real ones, signed with [Server.JWTSecret].
//   - Live events over socket.io, by websocket and long polling, in memory too.
//     [Server.DropConnections], [Server.StallConnections] and [Server.RefuseWebsockets] make them
//     fail.
//   - Faults: [Server.FailNext] for the next request of an operation, [Server.FailRandomly] for a
//     share of all. See [Fault].
//   - Its state, to set and to read: [Server.AddUser], [Server.AddChat], [Server.User],
//     [Server.Users], [Server.Chats], [Server.Messages]; and what it received: [Server.Requests],
//     without credentials.
//
// It is deterministic: ids count up, time is the clock's ([WithClock]), random failures follow from
// a seed. It is safe for concurrent use, and one request is carried out whole before the next.
//
// # What it does not
//
//   - The routes of front ends (personal chats, updates, a user's own messages): with a good access
//     token they are 501, which no real server says.
//   - Races: of sixteen concurrent creates of one chat one succeeds, where the real server can
//     leave two chats. [Server.AddChat] makes such a pair.
//   - Limits of its own: no rate limit, no slow answer, unless a fault says so.
//   - Persistence: the end of the test is the end of the data.
//   - What stands beside the service: the API's description at /api, /api/ and /api-json, and the
//     client's script at /socket.io/socket.io.js. To the fake these are paths like any other.
//   - The users' own live connections (?token=), which are let in and hear nothing.
//   - What net/http does by itself with the bytes of a connection: the order and the case of
//     headers; HTTP/1.0 in the status line of an answer to it; the missing Content-Length of a 204;
//     100 Continue for a request without a body, and other expectations; what it refuses or takes
//     of malformed requests, such as two Host or Content-Length headers, control characters, bare
//     line feeds, other versions of HTTP. In a server of the caller's also what it does with a
//     broken escape and OPTIONS *. And what the websocket package lets pass: a close frame whose
//     reason is no UTF-8.
//   - The server's crashes. It dies of an event that is called "error".
//   - The database's finer points: what it makes of objects with a "_bsontype", or of a limit
//     beyond 64 bits, is guessed; key rules and the depth of documents are its.
package messembedtest
