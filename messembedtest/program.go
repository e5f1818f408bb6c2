package messembedtest

import (
	"fmt"
	"os"
)

// Program stands in for a test where there is none, as in an example or a
// development server: it makes [New] usable from main. What would fail a test
// ends the program with status 1.
type Program struct{}

// Helper does nothing.
func (Program) Helper() {}

// Cleanup does nothing: the fake lives as long as the program.
func (Program) Cleanup(func()) {}

// Errorf writes to standard error.
func (Program) Errorf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// FailNow ends the program.
func (Program) FailNow() { os.Exit(1) }
