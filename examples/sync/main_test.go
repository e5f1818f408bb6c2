package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

type md = messembed.Metadata

// service is a fake for the program to sync with.
func service(t *testing.T) *messembedtest.Server {
	t.Helper()
	fake := messembedtest.New(t)
	username, password := fake.Credentials()
	t.Setenv("MESSEMBED_URL", fake.URL())
	t.Setenv("MESSEMBED_USERNAME", username)
	t.Setenv("MESSEMBED_PASSWORD", password)
	return fake
}

// runSync runs the program on a file with this content, unless the arguments name
// one.
func runSync(t *testing.T, name, content string, args ...string) (code int, out, errs string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), append(args, path), nil, &stdout, &stderr)
	return code, stdout.String(), strings.ReplaceAll(stderr.String(), path, name)
}

// changes returns the operations that changed something.
func changes(fake *messembedtest.Server) (ops []string) {
	for _, r := range fake.Requests() {
		if r.Method != http.MethodGet {
			ops = append(ops, r.Op)
		}
	}
	return ops
}

const usersCSV = "id,name,city\n1,Ada,London\n2,Grace,New York\n3,Zoë,\n"

func furnish(fake *messembedtest.Server) {
	fake.AddUser(messembed.User{ID: "1", ExternalMetadata: md{"name": "Ada", "city": "London"}})
	fake.AddUser(messembed.User{ID: "2", ExternalMetadata: md{"name": "Grace", "city": "Boston", "age": 85.0}})
	fake.AddUser(messembed.User{ID: "9", ExternalMetadata: md{"name": "Gone"}})
}

// A dry run prints the plan; then the sync does what it said, and a second one
// nothing.
func TestRun_unblock(t *testing.T) {
	fake := service(t)
	fake.AddUser(messembed.User{ID: "1", ExternalMetadata: md{"name": "Ada"}, BlockStatus: messembed.BlockCantSendAndReceive})
	_, out, _ := runSync(t, "users.csv", "id,name\n1,Ada\n", "-unblock", "-dry-run")
	assert.Contains(t, out, "~ \"1\"          unblocked\n")
	code, out, errs := runSync(t, "users.csv", "id,name\n1,Ada\n", "-unblock")
	assert.Equal(t, exitDone, code, errs)
	assert.Contains(t, out, "updated 1")
	ada, _ := fake.User("1")
	assert.False(t, ada.Blocked())
}

func TestRun_planAndSync(t *testing.T) {
	tests := []struct{ policy, plan, counts, done string }{
		{"keep", "? \"9\"", "not in the file 1: to block 0, to delete 0", "not in the file 1: blocked 0, deleted 0"},
		{"block", "- \"9\"", "not in the file 1: to block 1, to delete 0", "not in the file 1: blocked 1, deleted 0"},
		{"delete", "- \"9\"", "not in the file 1: to block 0, to delete 1", "not in the file 1: blocked 0, deleted 1"},
	}
	for _, test := range tests {
		t.Run(test.policy, func(t *testing.T) {
			fake := service(t)
			furnish(fake)
			code, out, errs := runSync(t, "users.csv", usersCSV, "-vanished", test.policy, "-dry-run")
			assert.Equal(t, exitDone, code, errs)
			assert.Equal(t, `+ "3"          name: "Zoë"
~ "2"          age: 85 → none, city: "Boston" → "New York"
`+test.plan+"\nto create 1, to update 1, unchanged 1; "+test.counts+"; failed 0; nothing was changed\n", out)
			assert.Empty(t, changes(fake))

			code, out, errs = runSync(t, "users.csv", usersCSV, "-vanished", test.policy)
			assert.Equal(t, exitDone, code, errs)
			assert.Contains(t, out, "created 1, updated 1, unchanged 1; "+test.done+"; failed 0; in ")
			grace, _ := fake.User("2")
			assert.Equal(t, md{"name": "Grace", "city": "New York"}, grace.ExternalMetadata)
			gone, _ := fake.User("9")
			assert.Equal(t, test.policy != "keep", gone.Blocked())
			_, err := fake.Client(t).GetUser(t.Context(), "9")
			assert.Equal(t, test.policy == "delete", errors.Is(err, messembed.ErrNotFound))

			before := len(changes(fake))
			_, out, _ = runSync(t, "users.csv", usersCSV, "-vanished", test.policy)
			assert.Contains(t, out, "created 0, updated 0, unchanged 3; ")
			assert.Len(t, changes(fake), before)
		})
	}
}

func TestRun_jsonl(t *testing.T) {
	fake := service(t)
	furnish(fake)
	users := "\ufeff" + `{"id":"1","privateExternalMetadata":{"crm":"C-1"},"blockStatus":"CANT_SEND_AND_RECEIVE_NEW_MESSAGES"}` + "\n\n" + `{"id":"2"}` + "\n"
	code, out, errs := runSync(t, "users.jsonl", users, "-dry-run")
	assert.Equal(t, exitDone, code, errs)
	assert.Contains(t, out, `~ "1"          private crm: "C-1", blocked`+"\n", "what a row does not give stays")
	code, out, _ = runSync(t, "users.jsonl", users)
	assert.Equal(t, exitDone, code)
	assert.Contains(t, out, "created 0, updated 1, unchanged 1; not in the file 1: ")
	ada, _ := fake.User("1")
	assert.True(t, ada.Blocked())
	assert.Equal(t, md{"name": "Ada", "city": "London"}, ada.ExternalMetadata)
}

func TestRun_longPlan(t *testing.T) {
	service(t)
	var users strings.Builder
	users.WriteString("id,name\n")
	for i := range 30 {
		fmt.Fprintf(&users, "%d,%s\n", i, strings.Repeat("x", 100))
	}
	_, out, _ := runSync(t, "users.csv", users.String(), "-dry-run", "-show", "2")
	assert.Equal(t, 4, strings.Count(out, "\n"), out)
	assert.Contains(t, out, `name: "`+strings.Repeat("x", 39)+"…\n")
	assert.Contains(t, out, "+ … and 28 more to create\n")
}

func TestRun_rowsFailed(t *testing.T) {
	fake := service(t)
	furnish(fake)
	fake.FailNext(messembedtest.Fault{Op: "UpdateUser", Status: 400, Body: `{"statusCode":400,"message":["not now"],"error":"Bad Request"}`})
	code, out, errs := runSync(t, "users.csv", strings.Replace(usersCSV, "name,city", "name,ci.ty", 1), "-vanished", "delete", "-concurrency", "1")
	assert.Equal(t, exitRowsFailed, code)
	assert.Contains(t, out, "failed 3; in ")
	assert.Contains(t, errs, `line 2, user "1": messembed: SyncUsers: invalid argument: externalMetadata.ci.ty: a key must not contain a dot`)
	assert.Contains(t, errs, `vanished user "9": messembed: SyncUsers: invalid argument: not now`)
	_, there := fake.User("1")
	assert.True(t, there, "a row that fails is in the file all the same")
}

func TestRun_goodFiles(t *testing.T) {
	for _, test := range goodFiles {
		t.Run(test.name, func(t *testing.T) {
			fake := service(t)
			code, out, errs := runSync(t, test.file, test.content)
			assert.Equal(t, exitDone, code, errs)
			assert.Contains(t, out, "created 2, ")
			two, _ := fake.User("2")
			assert.Equal(t, md{"name": "Bob"}, two.ExternalMetadata)
		})
	}
}

// Standard input can be read only once: it is copied.
func TestRun_standardInput(t *testing.T) {
	fake := service(t)
	furnish(fake)
	t.Setenv("TMPDIR", t.TempDir())
	var out, errs bytes.Buffer
	assert.Equal(t, exitDone, run(t.Context(), []string{"-vanished", "delete", "-"}, strings.NewReader(usersCSV), &out, &errs), errs.String())
	assert.Contains(t, out.String(), "created 1, updated 1, unchanged 1; not in the file 1: blocked 0, deleted 1")
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	assert.Empty(t, left, "the copy is removed")

	errs.Reset()
	assert.Equal(t, exitFailed, run(t.Context(), []string{"-vanished", "delete", "-"}, strings.NewReader("id,name\n1"), &out, &errs))
	assert.Contains(t, errs.String(), "sync: standard input: line 2: 1 cells, but 2 columns")
}

// -map chooses where the columns go. Metadata to which no column goes stays as it is;
// the other is replaced, by nothing where all cells are empty.
func TestRun_maps(t *testing.T) {
	fake := service(t)
	fake.AddUser(messembed.User{ID: "1", ExternalMetadata: md{"name": "Ada"}, PrivateExternalMetadata: md{"crm": "C-1"}})
	tests := []struct {
		name, row      string
		maps           []string
		public, hidden md
	}{
		{"into public metadata", "Ada,36,C-9", []string{"age=years:number"}, md{"years": 36.0}, md{"crm": "C-1"}},
		{"into private metadata", "Ada,36,C-9", []string{"crm=private.ids.crm"}, md{"years": 36.0}, md{"ids": map[string]any{"crm": "C-9"}}},
		{"empty cells", ",,", []string{"crm=private.crm"}, md{"years": 36.0}, md{}},
		{"every column", "Ada,,", nil, md{"name": "Ada"}, md{}},
		{"every column is empty", ",,", nil, md{}, md{}},
	}
	for _, test := range tests {
		args := []string{}
		for _, m := range test.maps {
			args = append(args, "-map", m)
		}
		code, _, errs := runSync(t, "users.csv", "id,name,age,crm\n1,"+test.row+"\n", args...)
		assert.Equal(t, exitDone, code, errs)
		one, _ := fake.User("1")
		assert.Equal(t, test.public, one.ExternalMetadata, test.name)
		assert.Equal(t, test.hidden, one.PrivateExternalMetadata, test.name)
	}
	code, _, errs := runSync(t, "users.csv", "id\n1\n")
	assert.Equal(t, exitDone, code, errs)
	code, out, _ := runSync(t, "users.csv", "id,name\n1,x\n", "-map", "nick=name")
	assert.Equal(t, exitFailed, code)
	assert.Empty(t, out)
}

// A file of ids alone empties nobody's metadata.
func TestRun_idsOnly(t *testing.T) {
	fake := service(t)
	furnish(fake)
	code, out, errs := runSync(t, "users.csv", "id\n1\n2\n")
	assert.Equal(t, exitDone, code, errs)
	assert.Contains(t, out, "created 0, updated 0, unchanged 2; ")
}

// What is right but may not be meant is said before anything is sent.
func TestRun_warnings(t *testing.T) {
	service(t)
	const users = "id,name,e-mail\n1,Ada,ada@example.test\n2,Bob,\n1,Countess,\n"
	_, _, errs := runSync(t, "users.csv", users, "-dry-run")
	warnings, _, found := strings.Cut(errs, "Syncing 3 rows")
	assert.True(t, found)
	assert.Contains(t, warnings, `Warning: e-mail addresses or phone numbers, by the name of "e-mail": whoever can reach the service and knows a user's id can read them`)
	assert.Contains(t, warnings, "Warning: 1 row repeats the user id of an earlier row: line 4 that of line 2; if they differ, the last one wins, and every run updates")
	_, _, errs = runSync(t, "users.csv", users, "-dry-run", "-map", "e-mail=contact")
	assert.Contains(t, errs, `by the name of "e-mail": `)
	_, _, errs = runSync(t, "users.csv", "id,name,e-mail\n1,Ada,ada@example.test\n", "-dry-run", "-map", "name=name")
	assert.NotContains(t, errs, "Warning")
}

// More users than expected are missing: half a file must not empty the chat.
func TestRun_tooManyVanished(t *testing.T) {
	fake := service(t)
	for i := range 100 {
		fake.AddUser(messembed.User{ID: fmt.Sprint("u", i)})
	}
	code, out, errs := runSync(t, "users.csv", usersCSV, "-vanished", "delete")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "sync: stopped: messembed: SyncUsers: too many vanished users: 100 of 100 users are not in the input, at most 10 may be blocked or deleted")
	assert.Contains(t, out, "not in the file 100: blocked 0, deleted 0")
	assert.Len(t, fake.Users(), 103)

	code, out, _ = runSync(t, "users.csv", usersCSV, "-vanished", "delete", "-max-vanished", "100")
	assert.Equal(t, exitDone, code)
	assert.Contains(t, out, "deleted 100")
}

// Of the users that are not in the file, some are blocked already: the numbers say so,
// rather than contradict.
func TestRun_tooManyVanishedSomeBlocked(t *testing.T) {
	fake := service(t)
	for i := range 100 {
		u := messembed.User{ID: fmt.Sprint("u", i)}
		if i < 30 {
			u.BlockStatus = messembed.BlockCantSendAndReceive
		}
		fake.AddUser(u)
	}
	for _, dry := range []bool{true, false} {
		code, out, errs := runSync(t, "users.csv", usersCSV, "-vanished", "block", fmt.Sprintf("-dry-run=%t", dry))
		assert.Equal(t, exitFailed, code)
		assert.Contains(t, out, "not in the file 100: ")
		assert.Contains(t, errs, "sync: of the 100 users that are not in the file, 70 would be blocked, and 30 are blocked already; none of them was touched\n")
	}
}

// A file that is not right throughout changes nothing: the user of a row that cannot
// be read would seem to have vanished.
func TestRun_brokenFile(t *testing.T) {
	tests := []struct{ name, file, content, want string }{
		{"no rows", "users.csv", "id,name\n", "users.csv has no users; is it complete?"},
		{"no lines", "users.jsonl", "", "users.jsonl has no users; is it complete?"},
		{"cut off", "users.csv", "id,name\n1,Ada\n2", "users.csv: line 3: 1 cells, but 2 columns"},
		{"a row without an id", "users.csv", "id,name\n1,Ada\n ,Bob\n", "users.csv: line 3: no user id"},
		{"a quote left open", "users.csv", "id,name\n1,\"Ada\n2,Bob\n", "users.csv: line 2: not valid CSV"},
		{"a misspelt key", "users.jsonl", "{\"id\":\"1\"}\n{\"id\":\"2\",\"metadata\":{}}\n", `users.jsonl: line 2: not a user: unknown field "metadata"`},
		{"two values on a line", "users.jsonl", "{\"id\":\"1\"} {\"id\":\"2\"}\n", "line 1: not a user: more than one value on the line"},
		{"a line that is too long", "users.jsonl", "{\"id\":\"1\"}\n\"" + strings.Repeat("x", 2<<20), "line 2: the line is longer than 1 MiB"},
		{"JSONL cut off", "users.jsonl", "{\"id\":\"1\"}\n{\"id\":", "line 2: not valid JSON: unexpected EOF"},
	}
	tests = append(tests, wrongFiles...)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake := service(t)
			furnish(fake)
			code, out, errs := runSync(t, test.file, test.content, "-vanished", "delete")
			assert.Equal(t, exitFailed, code)
			assert.Contains(t, errs, test.want)
			assert.Empty(t, out)
			assert.Empty(t, fake.Requests())
		})
	}
}

// With the arguments of job.yaml, each pod takes a part of the rows and of the
// vanished users.
func TestRun_shards(t *testing.T) {
	fake := service(t)
	var users strings.Builder
	users.WriteString("id,name\n")
	for i := range 40 {
		fake.AddUser(messembed.User{ID: fmt.Sprint("old", i)})
		fmt.Fprintf(&users, "new%d,x\n", i)
	}
	manifest, err := os.ReadFile("job.yaml")
	require.NoError(t, err)
	_, given, found := strings.Cut(string(manifest), "args: ")
	require.True(t, found)
	given, _, _ = strings.Cut(given, "\n")
	var args []string
	require.NoError(t, json.Unmarshal([]byte(given), &args))
	require.Equal(t, "/users/users.csv", args[len(args)-1])
	for pod := range 8 {
		own := append([]string{}, args[:len(args)-1]...)
		for i := range own {
			own[i] = strings.ReplaceAll(own[i], "$(JOB_COMPLETION_INDEX)", strconv.Itoa(pod))
		}
		code, out, errs := runSync(t, "users.csv", users.String(), own...)
		assert.Equal(t, exitDone, code, errs)
		assert.NotContains(t, out, "created 40, ")
	}
	kept := 0
	for _, u := range fake.Users() {
		if !u.Blocked() { // as DeleteUser leaves a user
			assert.Contains(t, u.ID, "new")
			kept++
		}
	}
	assert.Equal(t, 40, kept)
}

func TestRun_usage(t *testing.T) {
	service(t)
	for name, args := range map[string][]string{
		"two files":          {"other.csv"},
		"unknown policy":     {"-vanished", "erase"},
		"negative limit":     {"-max-vanished", "-1"},
		"shard beyond":       {"-shard", "8/8"},
		"a comma of two":     {"-comma", "ab"},
		"an unknown flag":    {"-force"},
		"negative show":      {"-show", "-1"},
		"negative failures":  {"-max-failures", "-1"},
		"no such column":     {"-id", "user"},
		"no shards":          {"-shard", "0/0"},
		"a shard with more":  {"-shard", "0/2/4"},
		"negative in flight": {"-concurrency", "-1"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := runSync(t, "users.csv", usersCSV, args...)
			assert.Equal(t, exitFailed, code)
			assert.NotEmpty(t, errs)
			assert.Empty(t, out)
		})
	}
	t.Run("a wrong password", func(t *testing.T) {
		t.Setenv("MESSEMBED_PASSWORD", "wrong")
		code, _, errs := runSync(t, "users.csv", usersCSV)
		assert.Equal(t, exitFailed, code)
		assert.Contains(t, errs, "unauthenticated")
	})
	t.Run("a misspelt variable", func(t *testing.T) {
		clearEnv(t, "MESSEMBED_")
		t.Setenv("MESSEMBED_ULR", "https://chat.example.com")
		code, out, errs := runSync(t, "users.csv", usersCSV)
		assert.Equal(t, exitFailed, code)
		assert.Contains(t, errs, "MESSEMBED_URL: is not set")
		assert.Contains(t, errs, "unknown: MESSEMBED_ULR")
		assert.Empty(t, out)
	})
	var help bytes.Buffer
	assert.Equal(t, exitDone, run(t.Context(), []string{"-help"}, nil, &help, &help))
	assert.Contains(t, help.String(), "MESSEMBED_PASSWORD")
	assert.Contains(t, help.String(), exitHelp)
}

func TestRun_withoutAService(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	t.Setenv("MESEMBED_URL", "https://chat.example.com")
	var out, errs bytes.Buffer
	assert.Equal(t, exitFailed, run(t.Context(), []string{"-quiet", "testdata/users.csv"}, nil, &out, &errs))
	assert.Contains(t, errs.String(), "MESSEMBED_URL: is not set")
	assert.Contains(t, errs.String(), "-fake")
	assert.Empty(t, out.String())
	assert.Equal(t, exitDone, run(t.Context(), []string{"-quiet", "-fake", "testdata/users.csv"}, nil, &out, &errs))
	assert.Contains(t, errs.String(), "the embedded fake")
	assert.Contains(t, out.String(), "created 3, ")
}

// An outage does not end the night: whatever of it stopped the sync, or a row, the job
// runs it again, since job.yaml gives up an index at 1 and 2 only.
func TestRun_temporary(t *testing.T) {
	for name, op := range map[string]string{
		"at the beginning": "", "as the list is read": "ListUsers", "as a user is created": "CreateUser", "as one is updated": "UpdateUser", "as one is deleted": "DeleteUser",
	} {
		t.Run(name, func(t *testing.T) {
			fake := service(t)
			furnish(fake)
			fake.FailNext(messembedtest.Fault{Op: op, Status: 503, RetryAfter: "3600"})
			code, _, errs := runSync(t, "users.csv", usersCSV, "-vanished", "delete")
			assert.Equal(t, exitLater, code, errs)
			code, _, errs = runSync(t, "users.csv", usersCSV, "-vanished", "delete")
			assert.Equal(t, exitDone, code, errs)
		})
	}
	manifest, err := os.ReadFile("job.yaml")
	require.NoError(t, err)
	assert.Contains(t, string(manifest), fmt.Sprintf("values: [%d, %d]\n", exitFailed, exitRowsFailed))
}

// Ctrl-C in the middle: nothing that vanished is touched.
func TestRun_interrupted(t *testing.T) {
	fake := service(t)
	furnish(fake)
	fake.FailNext(messembedtest.Fault{Op: "CreateUser", Stall: true})
	ctx, interrupt := context.WithCancel(t.Context())
	path := filepath.Join(t.TempDir(), "users.csv")
	require.NoError(t, os.WriteFile(path, []byte("id\n7\n"), 0o600))
	ended := make(chan int, 1)
	var out, errs bytes.Buffer
	go func() {
		ended <- run(ctx, []string{"-vanished", "delete", "-concurrency", "1", path}, nil, &out, &errs)
	}()
	require.Eventually(t, func() bool { return len(changes(fake)) > 0 }, 20e9, 1e6)
	interrupt()
	assert.Equal(t, exitInterrupted, <-ended)
	assert.Contains(t, out.String(), "not in the file 0: blocked 0, deleted 0; failed 1")
	assert.Len(t, fake.Users(), 3)
}
