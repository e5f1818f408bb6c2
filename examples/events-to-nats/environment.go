package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

// environmentHelp lists what messembed.FromEnv reads.
const environmentHelp = `
Environment, for a real service instead of the embedded fake:
  MESSEMBED_URL             its base URL, such as https://app.example.com/api/messembed
  MESSEMBED_PASSWORD        its password
  MESSEMBED_USERNAME        any name without a colon (default: admin)
  MESSEMBED_INSECURE_HTTP   true: send the credentials over plain http too
If an OAuth2 gateway is in front of the service, instead of the password:
  MESSEMBED_CLIENT_ID, MESSEMBED_CLIENT_SECRET, MESSEMBED_TOKEN_URL, MESSEMBED_SCOPES
`

// usageOf returns a text for -help that also lists the environment.
func usageOf(flags *flag.FlagSet, line string) func() {
	return func() {
		fmt.Fprintln(flags.Output(), "usage:", line)
		flags.PrintDefaults()
		fmt.Fprint(flags.Output(), environmentHelp)
	}
}

// inEnv reports whether the environment has a variable with this prefix, even an
// empty one. One is enough to ask for a real service: if another is missing or
// misspelt, the program must fail rather than work on the embedded fake.
func inEnv(prefix string) bool {
	return slices.ContainsFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, prefix) })
}
