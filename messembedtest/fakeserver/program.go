package fakeserver

import (
	"fmt"
	"os"
)

// Program is a [TB] for programs that are not tests, such as examples and
// development servers: it makes a fake usable from main. A failure that would
// end a test ends the program with status 1.
type Program struct{}

// Helper does nothing.
func (Program) Helper() {}

// Cleanup does nothing: the fake lives as long as the program.
func (Program) Cleanup(func()) {}

// Errorf writes to standard error.
func (Program) Errorf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// FailNow ends the program with status 1.
func (Program) FailNow() { os.Exit(1) }
