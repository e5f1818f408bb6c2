package main

import (
	"os"
	"testing"
	"time"
)

// TestMain lets the test's program be the server, as the command is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "child-server" {
		main()
		return
	}
	os.Exit(m.Run())
}

// Every section still measures something. Its figures mean nothing at this size.
func TestSections(t *testing.T) {
	for _, section := range sections {
		t.Run(section.name, func(t *testing.T) {
			if err := hasNode(); err != nil && (section.name == "import" || section.name == "list") {
				t.Skip(err)
			}
			r := &report{began: time.Now(), machine: machine()}
			if err := section.run(r, scale{rounds: 1, users: 10_000, share: 500}); err != nil {
				t.Fatal(err)
			}
			t.Log(r.markdown())
		})
	}
}
