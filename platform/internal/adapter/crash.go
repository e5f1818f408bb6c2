package adapter

import "github.com/messembed/messembed-go/internal/httpcall"

// Crash passes a panic of the caller's code from a goroutine of the adapter on
// to the caller's.
type Crash = httpcall.Crash
