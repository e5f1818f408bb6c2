// Package ddp receives users' presence from Rocket.Chat over DDP, Meteor's
// protocol of JSON messages on a websocket: it connects, logs in, subscribes,
// answers and sends heartbeats, and gives each change of a status as it comes.
// It knows nothing of reconnecting: whoever uses it dials again.
//
// Sources: Meteor's DDP specification, version 1; Rocket.Chat's
// packages/ddp-client/src/types/streams.ts and
// apps/meteor/app/notifications/server/lib/Presence.ts.
package ddp
