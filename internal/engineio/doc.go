// Package engineio receives the events of a Socket.IO 2 server: Engine.IO protocol 3, spoken over one websocket.
//
// It only listens. [Dial] opens the connection and returns when the server has accepted it, [Conn.Receive] hands out one
// event after the other, and a goroutine of the connection's own keeps the heartbeat and notices a server that has died.
// It does not reconnect, it does not fall back to HTTP polling and it knows nothing of what the events mean: those are
// the caller's business.
//
// The connection's URL holds credentials in its query, so no error of this package holds a URL or any word that the
// server said.
//
// Sources: the Engine.IO protocol, revision 3, and the Socket.IO protocol, revision 4, with the behaviour of
// engine.io-client 3.5 and socket.io-client 2.5 where the documents are silent.
package engineio
