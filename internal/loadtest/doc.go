// Package loadtest shows that a client under load, over a socket, to a service that fails one request in ten, leaks no goroutine, connection or
// memory. It holds tests only.
//
//	go test ./internal/loadtest                                # a second, some goroutines
//	go test ./internal/loadtest -load.duration 10s -load.goroutines 256   # the whole
package loadtest
