// Package engineio receives the events of a Socket.IO 2 server over Engine.IO
// protocol 3 and one websocket.
//
// It only listens. [Dial] opens the connection and returns when the server has
// accepted it, [Conn.Receive] returns one event after the other, and a
// goroutine of the connection keeps up the heartbeat and detects a dead server.
// It does not reconnect, does not fall back to HTTP polling and does not know
// what the events mean; that is left to the caller.
//
// The URL of the connection has credentials in its query, so no error of this
// package contains a URL or any text from the server.
//
// Sources: the Engine.IO protocol, revision 3, and the Socket.IO protocol,
// revision 4, with the behaviour of engine.io-client 3.5 and socket.io-client
// 2.5 where the documents are silent.
package engineio
