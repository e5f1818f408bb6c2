package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// fakeService is what the fakes of the three services have in common.
type fakeService interface {
	AddUser(u messembed.User) (id string)
	Users() []messembed.User
	FailRandomly(share float64, seed uint64, faults ...messembedtest.Fault)
	FailNext(f messembedtest.Fault)
	Client(tb messembedtest.TB, opts ...messembed.Option) *messembed.Client
	BaseURL() string
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

// move runs a migration as the program does.
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

// With one request in ten failing on both sides all users arrive, once, as they
// should be. A second run moves none. MIGRATE_USERS sets how many; 10000 is the
// full test.
func TestMigrate_faultsOnBothSides(t *testing.T) {
	users := 1000
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
				ids := map[string]int{} // by which user of invent
				invent(users, services[name].metadata != "", func(u messembed.User) string {
					id := source.AddUser(u)
					ids[id] = creations
					creations++
					return id
				})
				require.Len(t, ids, users)
				source.FailRandomly(0.1, 1)
				target.FailRandomly(0.1, 2)

				first, said := move(t, source, target, "-from", name, "-prefix", "old-")

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
				second, _ := move(t, source, target, "-from", name, "-prefix", "old-")
				assert.Equal(t, messembed.ImportProgress{Read: users, Kept: users, Elapsed: second.Elapsed}, second.ImportProgress)
				assert.Equal(t, stored, target.Users())
			})
		})
	}
}

// contents is what of a user a migration decides.
func contents(u messembed.User) string {
	data, err := json.Marshal([]any{u.ExternalMetadata, u.PrivateExternalMetadata, u.BlockStatus})
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// wanted is what should become of user i of invent, said in full once more.
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
		external["roles"], external["locale"] = []string{defaultRole}, "de"
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
