package fakeserver_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// A fake is one with a client of it.
type fake interface {
	fakeserver.Server
	Client(tb fakeserver.TB, opts ...messembed.Option) *messembed.Client
}

// fakes are the fakes of all services, with the names besides those of its routes
// that a fault can have: SDK methods that send another one's request, and what has
// no route.
var fakes = []struct {
	name  string
	make  func(tb fakeserver.TB) fake
	other []string
}{
	{"messembedtest", func(tb fakeserver.TB) fake { return messembedtest.New(tb) }, []string{
		"CheckCredentials", "Messages", "Users", "Chats", "EnsureUser", "ImportUsers", "SyncUsers", "WatchUsers", "ModifyUser", "BlockUser", "UnblockUser",
		"EnsureChat", "GetChatByCompanions", "BlockChat", "UnblockChat", "Token", "MessageEvents",
	}},
	{"rocketchattest", func(tb fakeserver.TB) fake { return rocketchattest.New(tb) }, []string{
		"Users", "EnsureUser", "ImportUsers", "SyncUsers", "WatchUsers", "ModifyUser", "UnblockUser", "GetPresence", "PresenceStream",
	}},
	{"chatkittytest", func(tb fakeserver.TB) fake { return chatkittytest.New(tb) }, []string{
		"Users", "EnsureUser", "ImportUsers", "SyncUsers", "WatchUsers", "ModifyUser", "GetPresence", "WatchPresence", "Token",
	}},
	{"rightechtest", func(tb fakeserver.TB) fake { return rightechtest.New(tb) }, []string{
		"CheckCredentials", "Users", "EnsureUser", "ImportUsers", "SyncUsers", "WatchUsers", "ModifyUser", "BlockUser", "UnblockUser",
	}},
}

func everyFake(t *testing.T, test func(t *testing.T, name string, newFake func(tb fakeserver.TB) fake)) {
	for _, f := range fakes {
		t.Run(f.name, func(t *testing.T) { test(t, f.name, f.make) })
	}
}

// recorder is a test that records its failures.
type recorder struct {
	fakeserver.Program
	problems []string
}

func (*recorder) FailNow() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// A fault that no request could match is a mistake. A method without a route of
// its own stands for what it sends.
func TestFaults_names(t *testing.T) {
	for _, f := range fakes {
		t.Run(f.name, func(t *testing.T) {
			tb := &recorder{}
			fake := f.make(tb)
			names := append([]string{""}, f.other...)
			require.NotEmpty(t, fake.Routes())
			for _, route := range fake.Routes() {
				names = append(names, route.Op)
			}
			for _, name := range names {
				fake.FailNext(fakeserver.Fault{Op: name, Refuse: true})
			}
			assert.Empty(t, tb.problems)

			fake.FailNext(fakeserver.Fault{Op: "CreatUser", Status: 503})
			fake.FailRandomly(0.5, 1, fakeserver.Fault{Op: "createUser"})
			fake.Fail(fakeserver.Fault{Op: "Adduser"})
			assert.Equal(t, []string{
				f.name + `: Fault: "CreatUser" is not an operation of the fake`,
				f.name + `: Fault: "createUser" is not an operation of the fake`,
				f.name + `: Fault: "Adduser" is not an operation of the fake`,
			}, tb.problems)
		})
	}
}

// In memory and over a socket a fake is the same; credentials are in no log.
func TestFakes_threeWays(t *testing.T) {
	everyFake(t, func(t *testing.T, _ string, newFake func(tb fakeserver.TB) fake) {
		fake := newFake(t)
		client := fake.Client(t)
		require.NoError(t, client.CheckCredentials(t.Context()))
		url := fake.URL()
		assert.Equal(t, url, fake.URL())
		require.NoError(t, client.CheckCredentials(t.Context()), "in memory it keeps working")

		transport := &http.Transport{DisableKeepAlives: true}
		resp, err := (&http.Client{Transport: transport}).Get(url + "/nowhere")
		require.NoError(t, err)
		resp.Body.Close()
		for _, r := range fake.Requests() {
			assert.Empty(t, r.Header["Authorization"])
			assert.Empty(t, r.Header["X-Auth-Token"])
		}
		assert.Zero(t, fake.DroppedRequests())

		fake.Close()
		_, err = (&http.Client{Transport: transport}).Get(url)
		require.Error(t, err)
	})
}

// Every fake is down until it is up again, for the requests that match.
func TestFakes_fail(t *testing.T) {
	everyFake(t, func(t *testing.T, name string, newFake func(tb fakeserver.TB) fake) {
		synctest.Test(t, func(t *testing.T) {
			tb := &recorder{}
			fake := newFake(tb)
			fake.ExpectFaultsMet()
			client := fake.Client(tb)
			stop := fake.Fail(fakeserver.Fault{Op: "CheckCredentials", Status: 503, Match: func(r fakeserver.Request) bool { return r.Method == http.MethodGet }})
			require.ErrorIs(t, client.CheckCredentials(t.Context()), messembed.ErrUnavailable)
			stop()
			require.NoError(t, client.CheckCredentials(t.Context()))
			assert.Empty(t, tb.problems, name)
			fake.Close()
		})
	})
}
