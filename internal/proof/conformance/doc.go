// Package conformance is the suite that every chat service must pass through
// the client: always its fake, and a real one if the environment names it. It
// checks what is not found, what is a duplicate, how lost responses are
// settled, and how lists are walked. Services differ in what they can store,
// which the [Service] says, and in their operations, which
// [messembed.Client.Supports] reports, but not in what the client's methods
// mean.
//
// To add an operation, add a [Case] that names it; until then,
// TestSuite_hasEveryOperation fails. To add a service, add it to the list in
// services_test.go.
package conformance
