// Package socketio is the server's side of Socket.IO 2 over Engine.IO 3: the
// handshake, long polling, websockets, the upgrade from one to the other,
// packets and payloads, heartbeats, and events to all who listen. There is one
// namespace, the root.
//
// It exists because it is a protocol of its own, which knows nothing of what
// the events mean: the application says who listens ([Config]) and what to emit
// ([Server.Emit]). It behaves as socket.io 2.4 with ws 7.4 does, even for
// malformed requests, except that it lacks the client's script at socket.io.js
// and polling by JSONP. It works over sockets and in memory, and fails on
// demand.
package socketio
