// Package messembedtest provides a fake Messembed server for testing. It stores
// users, chats and messages in memory, responds as the real server does, quirks
// included, and can fail in every way that a network can.
//
//	func TestWelcome(t *testing.T) {
//		fake := messembedtest.New(t)
//		client := fake.Client(t)
//		fake.AddUser(messembed.User{ID: "ada"})
//		fake.FailNext(messembedtest.Fault{Op: "CreateChat", Reset: true, AfterApply: true}) // the response is lost
//
//		if err := welcome(t.Context(), client, "ada"); err != nil {
//			t.Fatal(err)
//		}
//		if n := len(fake.Messages("")); n != 1 {
//			t.Errorf("%d messages", n)
//		}
//	}
//
// # Three ways to use it
//
// [Server.Client] returns a client that works in memory: no socket, no port, no
// goroutine for a call. It works inside a testing/synctest bubble if the fake
// is created there; a fault's delay and the client's backoff then take no time.
// On a fake from outside the bubble, what would wait for ever fails the test. A
// [Server] is also an [http.Handler], and its URL method makes it listen on the
// loopback interface, for clients in other languages and for other processes.
// All three respond alike and fail alike. The program cmd/messembed-fake runs
// the fake from a shell, and [Program] replaces the test in a main function.
//
// These ways, the faults and the request log are the same for the fakes of all
// services: a [Server] embeds a [fakeserver.Server], which documents them.
//
// # What it does
//
//   - Every route that an administrator can use, `GET /ping`, `GET /users/{id}`, and `GET /user` for
//     the holder of an access token; see Routes. A route that the server lacks is 404, as
//     there.
//   - The server's responses: status, body to the byte, key order, content type, weak ETag and 304,
//     CORS. This package's tests replay recordings of the real server and of its libraries.
//   - The server's quirks: a user list without pages, 500 for input that it does not expect, users
//     whose metadata is not an object, `read=false` that means true, updates that copy a user into
//     its chats, and so on. A test that passes against a more forgiving fake fails in production.
//   - Credentials: the service's password, or an OAuth2 gateway in front ([WithClientCredentials]).
//     Access tokens are real ones, signed with [Server.JWTSecret].
//   - Live events over socket.io, by websocket and long polling, in memory too.
//     [Server.DropConnections], [Server.StallConnections] and [Server.RefuseWebsockets] make them
//     fail.
//   - Faults: FailNext for the next request of an operation, Fail until it is stopped, FailRandomly
//     for a share of all requests. See [fakeserver.Fault].
//   - Access to its state: [Server.AddUser], [Server.AddChat], [Server.AddMessage], [Server.User],
//     [Server.Users], [Server.Chats] and [Server.Messages]; and to the requests it received, without credentials:
//     Requests.
//
// It is deterministic: ids count up, time comes from the clock ([WithClock]),
// and random failures depend only on a seed. It is safe for concurrent use, and
// completes each request before the next.
//
// # What it does not do
//
//   - The routes of front ends (personal chats, updates, a user's own messages): with a valid access
//     token they are 501, which the real server never sends.
//   - Races: of sixteen concurrent creates of one chat, one succeeds, where the real server can leave
//     several chats. [Server.AddChat] makes such a pair.
//   - Limits of its own: there is no rate limit and no slow response without a fault.
//   - Persistence: the data is lost when the test ends.
//   - Pages beside the service: the API's description at /api, /api/ and /api-json, and the client's
//     script at /socket.io/socket.io.js. The fake treats these paths like any other.
//   - The users' own live connections (?token=), which are accepted but receive nothing.
//   - What the real server understands but no client of it sends: dates in a format other than ISO
//     8601 (here they are 400), bodies in UTF-7 and UTF-16 (here they are 500), and polling by JSONP
//     (here ?j= is ignored).
//   - The details of a connection that net/http decides: the order and the case of headers; HTTP/1.0
//     in the status line of a response to it; the missing Content-Length of a 204; 100 Continue for a
//     request without a body, and other expectations; which malformed requests are rejected or
//     accepted, such as those with two Host or Content-Length headers, control characters, bare line
//     feeds or other versions of HTTP. In a server of the caller's own, also the handling of a broken
//     escape and of OPTIONS *. And a detail that the websocket package decides: it accepts a close
//     frame whose reason is not UTF-8.
//   - The server's crashes: an event called "error" ends the real server, but not the fake.
//   - The database's finer points: the handling of objects with a "_bsontype", and of a limit beyond
//     64 bits, is guessed; the rules for keys and the depth of documents are the database's.
//
// # How it is built
//
// This package is the chat server. What the real one owes to JavaScript, to
// Node's web libraries and to Socket.IO is not about chats, and is in the
// packages js, node and socketio below internal.
package messembedtest
