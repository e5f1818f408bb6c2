// Package fakehttp is what every fake service of this module is built on: one stateful [Server]
// that can be reached in three ways (as an [http.RoundTripper], as an [http.Handler] and over a
// socket), that can fail in every way a network can, and that keeps a log of what it received. It
// knows nothing of any service: the service is the [Config.Route] function that names a request's
// operation and serves it.
//
// The three ways in behave alike. In memory there is no socket and, but for operations that take
// the connection over, no goroutine, so that a fake works inside a testing/synctest bubble and
// costs little more than the work it does.
package fakehttp
