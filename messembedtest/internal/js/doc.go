// Package js holds JavaScript's values and what the language does with them:
// objects that keep the order of their keys, JSON.parse and JSON.stringify,
// numbers, strings, dates. It follows V8 in Node 14, byte for byte and including
// the messages of errors.
//
// It exists because encoding/json differs from JSON.parse and JSON.stringify in
// the order of keys, duplicate keys, numbers, lone surrogates and errors.
//
// The comments name the JavaScript that each function stands for. V8's older
// format of dates is not supported.
package js
