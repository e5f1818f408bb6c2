package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/chatkitty"
	"github.com/messembed/messembed-go/platform/rocketchat"
)

// usage is the text for -help.
func usage() {
	out := flag.CommandLine.Output()
	fmt.Fprintln(out, "usage: presence [flags] [username …]")
	flag.PrintDefaults()
	fmt.Fprint(out, `
Environment, for a real service instead of a fake workspace:
  Rocket.Chat   ROCKETCHAT_URL, ROCKETCHAT_USER_ID, ROCKETCHAT_AUTH_TOKEN
  ChatKitty     CHATKITTY_CLIENT_ID, CHATKITTY_CLIENT_SECRET; if not the public ones, CHATKITTY_URL, CHATKITTY_TOKEN_URL
NO_COLOR leaves out the colours.
`)
}

// fromEnv returns a client for the service that the environment names, or nil if it
// names none.
func fromEnv() (client *messembed.Client, where string, err error) {
	switch {
	case inEnv("ROCKETCHAT_"):
		if err := needed("ROCKETCHAT_URL", "ROCKETCHAT_USER_ID", "ROCKETCHAT_AUTH_TOKEN"); err != nil {
			return nil, "", err
		}
		where = os.Getenv("ROCKETCHAT_URL")
		client, err = rocketchat.New(where, rocketchat.Credentials{
			UserID: os.Getenv("ROCKETCHAT_USER_ID"), AuthToken: os.Getenv("ROCKETCHAT_AUTH_TOKEN"),
		})
	case inEnv("CHATKITTY_"):
		if err := needed("CHATKITTY_CLIENT_ID", "CHATKITTY_CLIENT_SECRET"); err != nil {
			return nil, "", err
		}
		if where = os.Getenv("CHATKITTY_URL"); where == "" {
			where = chatkitty.BaseURL
		}
		client, err = chatkitty.New(where, chatkitty.Credentials{
			ClientID: os.Getenv("CHATKITTY_CLIENT_ID"), ClientSecret: os.Getenv("CHATKITTY_CLIENT_SECRET"),
			TokenURL: os.Getenv("CHATKITTY_TOKEN_URL"),
		})
	}
	return client, where, err
}

// inEnv reports whether the environment has a variable with this prefix, even an
// empty one. One is enough to ask for a real service: if another is missing or
// misspelt, the program must fail rather than show the fake workspace.
func inEnv(prefix string) bool {
	return slices.ContainsFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, prefix) })
}

// needed returns an error that names those of the variables that are not set.
func needed(names ...string) error {
	missing := slices.DeleteFunc(names, func(name string) bool { return os.Getenv(name) != "" })
	if len(missing) > 0 {
		return fmt.Errorf("not set: %s", strings.Join(missing, ", "))
	}
	return nil
}
