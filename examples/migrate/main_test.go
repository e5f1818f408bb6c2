package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// fakeService is the common interface of the three services' fakes.
type fakeService interface {
	AddUser(u messembed.User) (id string)
	Users() []messembed.User
	FailRandomly(share float64, seed uint64, faults ...messembedtest.Fault)
	FailNext(f messembedtest.Fault)
	Client(tb messembedtest.TB, opts ...messembed.Option) *messembed.Client
	URL() string
}

func newFake(t *testing.T, name string) fakeService {
	switch name {
	case "rocketchat":
		return rocketchattest.New(t)
	case "chatkitty":
		return chatkittytest.New(t)
	default:
		return rightechtest.New(t, rightechtest.WithFullReads())
	}
}

// move runs a migration like the program.
func move(t *testing.T, source fakeService, target *messembedtest.Server, args ...string) (messembed.ImportReport, string) {
	t.Helper()
	s, err := parseFlags(args, io.Discard)
	require.NoError(t, err)
	var log, out bytes.Buffer
	m := newMigration(source.Client(t), target.Client(t), s, &log)
	report, err := m.run(t.Context())
	require.NoError(t, err)
	m.sumUp(&out, report)
	return report, out.String() + log.String()
}

// With one request in ten failing on both sides, all users arrive, once and correct.
// A second run moves none. MIGRATE_USERS sets how many; 10000 is the full test.
func TestMigrate_faultsOnBothSides(t *testing.T) {
	users := 300
	if text := os.Getenv("MIGRATE_USERS"); text != "" {
		var err error
		users, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	for name := range services {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source, target := newFake(t, name), messembedtest.New(t, messembedtest.WithRequestLog(-1))
				creations := 0
				ids := map[string]int{} // the number of each user in invent
				invent(users, services[name].metadata != "", func(u messembed.User) string {
					id := source.AddUser(u)
					ids[id] = creations
					creations++
					return id
				})
				require.Len(t, ids, users)
				source.FailRandomly(0.1, 1)
				target.FailRandomly(0.1, 2)

				first, said := move(t, source, target, "-from", name, "-prefix", "old-", "-contacts")

				t.Logf("%+v", first)
				assert.Equal(t, users, first.Read)
				assert.Equal(t, users, first.Created+first.Kept, "%s", said)
				assert.Zero(t, first.Failed, "%s", said)
				stored := target.Users()
				require.Len(t, stored, users)
				for _, u := range stored {
					i, ok := ids[strings.TrimPrefix(u.ID, "old-")]
					require.True(t, ok, u.ID)
					require.Equal(t, wanted(name, i, u.ExternalMetadata["avatar"]), contents(u), u.ID)
					if name != "rightech" {
						require.Contains(t, u.ExternalMetadata["avatar"], "https://")
					}
				}

				source.FailRandomly(0, 0)
				target.FailRandomly(0, 0)
				second, _ := move(t, source, target, "-from", name, "-prefix", "old-", "-contacts")
				assert.Equal(t, messembed.ImportProgress{Read: users, Kept: users, Elapsed: second.Elapsed}, second.ImportProgress)
				assert.Equal(t, stored, target.Users())
			})
		})
	}
}

// contents returns the parts of a user that the migration sets.
func contents(u messembed.User) string {
	data, err := json.Marshal([]any{u.ExternalMetadata, u.PrivateExternalMetadata, u.BlockStatus})
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// wanted returns what should become of user i of invent, spelled out independently.
func wanted(name string, i int, avatar any) string {
	external := messembed.Metadata{"username": fmt.Sprintf("user%05d", i), "name": fmt.Sprintf("User %d", i)}
	private := messembed.Metadata{"email": fmt.Sprintf("user%05d@example.test", i), "phone": fmt.Sprintf("+4930%d", 10000+i)}
	var block messembed.BlockStatus
	if i%10 == 3 {
		block = "CANT_SEND_AND_RECEIVE_NEW_MESSAGES"
	}
	switch name {
	case "rocketchat":
		external["type"], external["roles"], external["avatar"] = "person", []string{"user"}, avatar
	case "chatkitty":
		external["type"], external["avatar"] = "person", fmt.Sprintf("https://pics.example.test/%d.png", i)
		private, block = nil, "" // the service has neither
	case "rightech":
		external["roles"], external["locale"] = []string{"5c5061c11af9ac1100e8d55f"}, "de"
	}
	if name != "rightech" {
		external["city"], external["n"] = fmt.Sprintf("Town %d", i%7), i
		switch i % 10 {
		case 5:
			external["crm_id"] = fmt.Sprintf("C-%d", i)
			external["nested"] = map[string]any{"_ref": "r", "list": []any{map[string]any{"a_b": true}}}
		case 7:
			external[name+"_name"] = fmt.Sprintf("Nickname %d", i)
		}
	}
	return contents(messembed.User{ExternalMetadata: external, PrivateExternalMetadata: private, BlockStatus: block})
}

// program runs the whole program and returns its output.
func program(t *testing.T, args ...string) (code int, out, errors string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// inEnvironment sets the environment variables of the target and the source, unless
// nil.
func inEnvironment(t *testing.T, source fakeService, target *messembedtest.Server) {
	t.Helper()
	for _, prefix := range []string{"ROCKETCHAT_", "CHATKITTY_", "RIGHTECH_", "MESSEMBED_"} {
		clearEnv(t, prefix)
	}
	if target != nil {
		username, password := target.Credentials()
		t.Setenv("MESSEMBED_URL", target.URL())
		t.Setenv("MESSEMBED_USERNAME", username)
		t.Setenv("MESSEMBED_PASSWORD", password)
	}
	switch fake := source.(type) {
	case *rocketchattest.Server:
		t.Setenv("ROCKETCHAT_URL", fake.URL())
		t.Setenv("ROCKETCHAT_USER_ID", fake.Credentials().UserID)
		t.Setenv("ROCKETCHAT_AUTH_TOKEN", fake.Credentials().AuthToken)
	case *chatkittytest.Server:
		t.Setenv("CHATKITTY_URL", fake.URL())
		t.Setenv("CHATKITTY_CLIENT_ID", fake.Credentials().ClientID)
		t.Setenv("CHATKITTY_CLIENT_SECRET", fake.Credentials().ClientSecret)
		t.Setenv("CHATKITTY_TOKEN_URL", fake.Credentials().TokenURL)
	case *rightechtest.Server:
		t.Setenv("RIGHTECH_URL", fake.URL())
		t.Setenv("RIGHTECH_TOKEN", fake.Credentials().Token)
	}
}

func TestRun_embedded(t *testing.T) {
	inEnvironment(t, nil, nil)
	for name := range services {
		code, out, errs := program(t, "-from", name, "-fake")
		assert.Equal(t, exitDone, code, errs)
		assert.Contains(t, out, "read 300 users: created 300, updated 0, kept 0, failed 0")
	}
}

// Over sockets: a dry run, a real run, a second one, and one with updates.
func TestRun_services(t *testing.T) {
	for name, of := range services {
		t.Run(name, func(t *testing.T) {
			source, target := newFake(t, name), messembedtest.New(t)
			invent(20, of.metadata != "", source.AddUser)
			inEnvironment(t, source, target)

			code, out, errs := program(t, "-from", name, "-dry-run")
			assert.Equal(t, exitDone, code, errs)
			assert.Contains(t, out, "read 20 users: 20 valid, 0 invalid; nothing was sent")
			assert.Empty(t, target.Requests())

			code, out, errs = program(t, "-from", name)
			assert.Equal(t, exitDone, code, errs)
			assert.NotContains(t, errs, "Warning")
			assert.Contains(t, out, "read 20 users: created 20, updated 0, kept 0, failed 0")
			first, ok := target.User(source.Users()[0].ID)
			require.True(t, ok)
			assert.Equal(t, "user00000", first.ExternalMetadata["username"])
			stored := contents(first) + string(first.Raw)
			assert.NotContains(t, stored, "@example.test")
			assert.NotContains(t, stored, "+4930")
			assert.Equal(t, name != "chatkitty", strings.Contains(out, "20  e-mail addresses and phone numbers, left out"))

			_, out, _ = program(t, "-from", name)
			assert.Contains(t, out, "created 0, updated 0, kept 20, failed 0")
			_, out, errs = program(t, "-from", name, "-update", "-contacts")
			assert.Contains(t, errs, "Warning: with -contacts, whoever can reach the service and knows a user's id can read it")
			if name == "chatkitty" { // which has no e-mail addresses
				assert.Contains(t, out, "created 0, updated 0, kept 20, failed 0")
			} else {
				assert.Contains(t, out, "created 0, updated 20, kept 0, failed 0")
			}
			first, _ = target.User(first.ID)
			assert.NotContains(t, first.ExternalMetadata, "email")
			assert.Equal(t, name != "chatkitty", first.PrivateExternalMetadata["email"] == "user00000@example.test")
		})
	}
}

func TestRun_refuses(t *testing.T) {
	target := messembedtest.New(t)
	source := newFake(t, "rocketchat")
	inEnvironment(t, source, target)
	tests := map[string]struct {
		set  [2]string
		args []string
		want string
	}{
		"wrong credentials of the source": {[2]string{"ROCKETCHAT_AUTH_TOKEN", "another-secret"}, nil, "Rocket.Chat: messembed: CheckCredentials: unauthenticated"},
		"wrong credentials of the target": {[2]string{"MESSEMBED_PASSWORD", "another-secret"}, nil, "messembed: messembed: CheckCredentials: unauthenticated"},
		"no user id and no token":         {[2]string{}, []string{"-from", "rocketchat"}, "Rocket.Chat: not set: ROCKETCHAT_USER_ID, ROCKETCHAT_AUTH_TOKEN"},
		"no URL of the target":            {[2]string{"MESSEMBED_URL", ""}, nil, "MESSEMBED_URL: is not set"},
		"an unknown service":              {[2]string{}, []string{"-from", "icq"}, "must be rocketchat, chatkitty or rightech"},
		"an argument":                     {[2]string{}, []string{"rocketchat"}, "unexpected argument"},
		"no concurrency":                  {[2]string{}, []string{"-concurrency", "0"}, "must be positive"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.set[0] != "" {
				t.Setenv(tt.set[0], tt.set[1])
			} else {
				t.Setenv("ROCKETCHAT_USER_ID", "")
				t.Setenv("ROCKETCHAT_AUTH_TOKEN", "")
			}
			code, _, errs := program(t, tt.args...)
			assert.Equal(t, exitFailed, code)
			assert.Contains(t, errs, tt.want)
			assert.NotContains(t, errs, "another-secret")
		})
	}
	assert.Empty(t, target.Users())

	clearEnv(t, "ROCKETCHAT_")
	code, _, errs := program(t, "-fake")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "refusing to move invented users into a real service")
	assert.Empty(t, target.Users())
	clearEnv(t, "MESSEMBED_")
	t.Setenv("MESEMBED_URL", "https://chat.example.com")
	code, out, errs := program(t)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "Rocket.Chat: not set: ROCKETCHAT_URL, ROCKETCHAT_USER_ID, ROCKETCHAT_AUTH_TOKEN; set them for a real service, or try an embedded one with -fake")
	assert.Contains(t, errs, "MESSEMBED_URL: is not set")
	assert.Empty(t, out)
	_, _, help := program(t, "-help")
	assert.Contains(t, help, exitHelp)
}

func TestRun_failures(t *testing.T) {
	source, target := newFake(t, "chatkitty"), messembedtest.New(t)
	source.AddUser(messembed.User{ExternalMetadata: messembed.Metadata{"big": strings.Repeat("x", 110_000)}})
	source.AddUser(messembed.User{ExternalMetadata: messembed.Metadata{"small": 1}})
	inEnvironment(t, source, target)

	code, out, errs := program(t, "-from", "chatkitty")
	assert.Equal(t, exitRowsFailed, code)
	assert.Contains(t, out, "created 1, updated 0, kept 0, failed 1")
	assert.Contains(t, errs, `not moved: "1": messembed: ImportUsers: too large`)

	source.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 403})
	code, _, errs = program(t, "-from", "chatkitty")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "ChatKitty: messembed: ListUsers: permission denied")

	later := messembedtest.Fault{Status: 503, RetryAfter: "3600"}
	source.FailNext(later)
	code, _, _ = program(t, "-from", "chatkitty")
	assert.Equal(t, exitLater, code)
	target.FailNext(later)
	code, _, _ = program(t, "-from", "chatkitty")
	assert.Equal(t, exitLater, code)
}

// A fresh workspace allows ten calls a minute for each route: the migration waits.
func TestMigrate_rateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, target := rocketchattest.New(t, rocketchattest.WithRateLimit(10, time.Minute)), messembedtest.New(t)
		invent(120, true, source.AddUser)
		s, err := parseFlags([]string{"-from", "rocketchat"}, io.Discard)
		require.NoError(t, err)
		var log bytes.Buffer
		client := source.Client(t, s.patient(s.from.title, s.from.limit)...)
		report, err := newMigration(client, target.Client(t), s, &log).run(t.Context())
		require.NoError(t, err)
		assert.Regexp(t, `(?m)^50 of 120 users, [0-9.]+/s, [0-9ms]+ left; waiting up to [0-9]+s: Rocket\.Chat allows no more calls for now \(status 429\): `+
			`unless configured otherwise, it allows each route 10 calls a minute; grant the account the permission api-bypass-rate-limit, `, log.String())
		assert.Greater(t, strings.Count(log.String(), "\n"), 60, "a line every ten seconds")
		assert.Equal(t, messembed.ImportProgress{Read: 120, Created: 120, Elapsed: report.Elapsed}, report.ImportProgress)
		assert.Greater(t, report.Elapsed, 10*time.Minute)
	})
}

// Ctrl-C in the middle: moved users stay, and the next run continues.
func TestRun_interrupted(t *testing.T) {
	source, target := newFake(t, "rightech"), messembedtest.New(t)
	invent(120, false, source.AddUser)
	inEnvironment(t, source, target)
	source.FailNext(messembedtest.Fault{Op: "ListUsers"}) // CheckCredentials
	source.FailNext(messembedtest.Fault{Op: "ListUsers"}) // the first page
	source.FailNext(messembedtest.Fault{Op: "ListUsers", Stall: true})
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ended := make(chan int, 1)
	var out, errs bytes.Buffer
	go func() { ended <- run(ctx, []string{"-from", "rightech"}, &out, &errs) }()
	require.Eventually(t, func() bool { return len(target.Users()) == pageSize }, 20*time.Second, time.Millisecond)
	interrupt()
	assert.Equal(t, exitInterrupted, <-ended)
	var created, failed int // users without a response at the interruption count as failed
	_, err := fmt.Sscanf(out.String()[strings.Index(out.String(), "read 50 users"):], "read 50 users: created %d, updated 0, kept 0, failed %d", &created, &failed)
	require.NoError(t, err, out.String())
	assert.Equal(t, 50, created+failed)
	assert.Contains(t, errs.String(), "run it again to continue")

	_, said, _ := program(t, "-from", "rightech")
	assert.Contains(t, said, "read 120 users: created 70, updated 0, kept 50, failed 0")
}

func TestConverter(t *testing.T) {
	lost := &losses{kinds: map[string]*loss{}}
	c := converter{from: services["chatkitty"], prefix: "ck-", contacts: true, losses: lost}
	got := c.params(&messembed.User{
		ID:      "7",
		Profile: messembed.Profile{DisplayName: "Ada", Emails: []messembed.Email{{Address: "ada@example.test"}}},
		ExternalMetadata: messembed.Metadata{
			"name": "Countess", "email": "countess@example.test", "chatkitty_name": "taken", "a.b": 1.0, "a_b": 2.0, "a\x00b": 3.0, "$": 4.0, "": 5.0,
			"big": json.Number("9007199254740993"), "deep": []any{[]any{map[string]any{"x.y": nil}}},
		},
		Raw: json.RawMessage(`{"id":7,"properties":{"a":1},"fresh":"a secret","older":null,"nothing":[ ]}`),
	})
	assert.Equal(t, messembed.CreateUserParams{
		ID: "ck-7",
		ExternalMetadata: messembed.Metadata{
			"name": "Ada", "chatkitty_name": "taken", "chatkitty_name_2": "Countess", "a_b": 2.0, "a_b_2": 3.0, "a_b_3": 1.0, "_": 4.0, "": 5.0,
			"big": "9007199254740993", "deep": []any{[]any{map[string]any{"x_y": nil}}},
		},
		PrivateExternalMetadata: messembed.Metadata{"email": "ada@example.test", "chatkitty_email": "countess@example.test"},
	}, got)
	var out bytes.Buffer
	lost.print(&out)
	assert.Contains(t, out.String(), `       4  keys that Messembed cannot store, renamed`)
	assert.Contains(t, out.String(), `7: "a\x00b" to "a_b_2"`)
	assert.Contains(t, out.String(), `       1  field "fresh"`)
	assert.NotContains(t, out.String(), "secret")
	assert.NotContains(t, out.String(), "older")

	c.params(&messembed.User{Raw: json.RawMessage(`{"id":null,"properties":[1]}`)})
	assert.Contains(t, lost.kinds, "metadata that is not an object")
}
