// Package loadtest shows that a client under load, over a socket, to a service
// that fails one request in ten, leaks no goroutine, connection or memory. It
// holds tests only.
//
//	go test ./internal/proof/loadtest                                # a second, some goroutines
//	go test ./internal/proof/loadtest -load.duration 10s -load.goroutines 256   # the whole
package loadtest
