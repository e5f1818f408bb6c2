// Package ddp receives users' presence from Rocket.Chat over DDP, Meteor's
// protocol of JSON messages on a websocket: it connects, logs in, subscribes,
// exchanges heartbeats, and returns each status change as it arrives. It does
// not reconnect; the caller dials again.
//
// Sources: Meteor's DDP specification, version 1; Rocket.Chat's
// packages/ddp-client/src/types/streams.ts and
// apps/meteor/app/notifications/server/lib/Presence.ts.
package ddp
