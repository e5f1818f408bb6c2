package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
	"github.com/messembed/messembed-go/platform/rightech"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// patient makes a client wait out a rate limit of a few calls a minute, or a restart
// of the service, and say that it does.
func patient(w *waiting) []messembed.Option {
	return []messembed.Option{
		messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 8, MaxBackoff: time.Minute}),
		messembed.WithTimeout(0), // attempts are bounded in time and number
		messembed.WithLogger(slog.New(w)),
	}
}

// service is a source of users.
type service struct {
	name, title string
	prefix      string   // of the environment variables that name the real service
	needs, may  []string // the variables that are required, and the others
	connect     func(opts []messembed.Option) (client *messembed.Client, where string, err error)
	fake        func(users int, opts []messembed.Option) *messembed.Client
	// carried lists the service's user fields that are moved; noise lists those that
	// say nothing about the user, or only about the moment. All others are lost.
	carried, noise []string
	metadata       string // the field that contains the metadata
	limit          string // what to know of its rate limit
}

// fromEnv returns a client for the service that the environment names.
func (s service) fromEnv(opts []messembed.Option) (client *messembed.Client, where string, err error) {
	var missing []string
	for _, name := range s.needs {
		if os.Getenv(name) == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, "", fmt.Errorf("%s: not set: %s", s.title, strings.Join(missing, ", "))
	}
	return s.connect(opts)
}

var services = map[string]service{
	"rocketchat": {
		name: "rocketchat", title: "Rocket.Chat", prefix: "ROCKETCHAT_",
		needs: []string{"ROCKETCHAT_URL", "ROCKETCHAT_USER_ID", "ROCKETCHAT_AUTH_TOKEN"},
		connect: func(opts []messembed.Option) (*messembed.Client, string, error) {
			url := os.Getenv("ROCKETCHAT_URL")
			client, err := rocketchat.New(url, rocketchat.Credentials{
				UserID: os.Getenv("ROCKETCHAT_USER_ID"), AuthToken: os.Getenv("ROCKETCHAT_AUTH_TOKEN"),
			}, opts...)
			return client, url, err
		},
		fake: func(users int, opts []messembed.Option) *messembed.Client {
			fake := rocketchattest.New(messembedtest.Program{})
			invent(users, true, fake.AddUser)
			return fake.Client(messembedtest.Program{}, opts...)
		},
		metadata: "customFields",
		limit: ": unless configured otherwise, it allows each route 10 calls a minute; " +
			"grant the account the permission api-bypass-rate-limit, or raise the limit in Administration, Rate Limiter",
		carried: []string{
			"_id", "name", "username", "emails", "phone", "phones", "roles", "type", "active", "avatarUrl", "avatarETag", "avatarOrigin",
			"language", "customFields",
		},
		noise: []string{
			"nameInsensitive", "canViewAllInfo", "status", "statusConnection", "statusDefault", "statusSource", "statusExpiresAt", "utcOffset",
			"_updatedAt", "inactiveReason",
		},
	},
	"chatkitty": {
		name: "chatkitty", title: "ChatKitty", prefix: "CHATKITTY_",
		needs: []string{"CHATKITTY_CLIENT_ID", "CHATKITTY_CLIENT_SECRET"}, may: []string{"CHATKITTY_URL", "CHATKITTY_TOKEN_URL"},
		connect: func(opts []messembed.Option) (*messembed.Client, string, error) {
			url := os.Getenv("CHATKITTY_URL")
			if url == "" {
				url = chatkitty.BaseURL
			}
			client, err := chatkitty.New(url, chatkitty.Credentials{
				ClientID: os.Getenv("CHATKITTY_CLIENT_ID"), ClientSecret: os.Getenv("CHATKITTY_CLIENT_SECRET"),
				TokenURL: os.Getenv("CHATKITTY_TOKEN_URL"),
			}, opts...)
			return client, url, err
		},
		fake: func(users int, opts []messembed.Option) *messembed.Client {
			fake := chatkittytest.New(messembedtest.Program{})
			invent(users, true, fake.AddUser)
			return fake.Client(messembedtest.Program{}, opts...)
		},
		metadata: "properties",
		carried: []string{
			"id", "type", "name", "displayName", "display_name", "displayPictureUrl", "display_picture_url", "isGuest", "is_guest", "properties",
		},
		noise: []string{"_links", "links", "presence", "callStatus", "call_status"},
	},
	"rightech": {
		name: "rightech", title: "Rightech", prefix: "RIGHTECH_",
		needs: []string{"RIGHTECH_URL", "RIGHTECH_TOKEN"},
		connect: func(opts []messembed.Option) (*messembed.Client, string, error) {
			url := os.Getenv("RIGHTECH_URL")
			client, err := rightech.New(url, rightech.Credentials{Token: os.Getenv("RIGHTECH_TOKEN")}, opts...)
			return client, url, err
		},
		fake: func(users int, opts []messembed.Option) *messembed.Client {
			fake := rightechtest.New(messembedtest.Program{}, rightechtest.WithFullReads())
			invent(users, false, fake.AddUser)
			return fake.Client(messembedtest.Program{}, opts...)
		},
		carried: []string{"_id", "login", "name", "email", "phone", "role", "disabled", "locale"},
		noise:   []string{"success", "links", "_at"},
	},
}
