// Package fakehttp is the basis of every fake service in this module: one
// stateful [Server] that can be used in three ways (as an [http.RoundTripper],
// as an [http.Handler], and over a socket), that can fail in every way that a
// network can, and that logs the requests it receives. It knows nothing about
// any service: the service is the [Config.Route] function, which names the
// operation of a request and serves it.
//
// All three ways behave alike. In memory there is no socket and, except for
// operations that take over the connection, no goroutine, so a fake works
// inside a testing/synctest bubble and costs little more than the work it does.
package fakehttp
