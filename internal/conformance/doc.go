// Package conformance is the suite that every chat service must pass through the
// client, its fake always and a real one when the environment names it: what is
// not found, what is a duplicate, what a lost answer comes to, how lists are
// walked. A service differs in what it can store, which its [Service] tells, and
// in which operations it has, which [messembed.Client.Supports] tells; not in
// what the client's methods mean.
//
// To add an operation, add a [Case] that names it: TestSuite_hasEveryOperation
// fails until there is one. To add a service, add it to the list in
// services_test.go.
package conformance
