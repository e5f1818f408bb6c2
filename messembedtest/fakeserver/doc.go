// Package fakeserver holds what the fakes of all services have in common: the
// methods of a [Server], the [Fault] that makes a request fail, and the
// [Request] that a fake received.
//
// The fakes are in packages messembedtest, rocketchattest, chatkittytest and
// rightechtest. What they share needs no import of this package: a method is
// called on the fake itself, and package messembedtest has a name of its own
// for each of the types. A helper that is to serve every fake takes a [Server].
package fakeserver
