// Package jsonstream reads the JSON of long lists: [Elements] cuts an array
// into its elements as it arrives, [Parser] reads one element. It knows nothing
// of users.
//
// It exists because it is fast: it reads a list of users more than twice as
// fast as encoding/json's Token and Decode or go-json-experiment/json;
// bench/README.md has the figures. It produces what encoding/json does for an
// any, and rejects what that rejects; fuzz tests compare the two.
package jsonstream
