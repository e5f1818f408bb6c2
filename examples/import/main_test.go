package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// imported is the result of one run of the program.
type imported struct {
	code        int
	out, errors string
	failures    string // the file's name
}

func runImport(t *testing.T, stdin io.Reader, args ...string) imported {
	t.Helper()
	failures := filepath.Join(t.TempDir(), "failures.jsonl")
	var out, errs bytes.Buffer
	code := run(t.Context(), append([]string{"-failures", failures}, args...), stdin, &out, &errs)
	return imported{code, out.String(), errs.String(), failures}
}

// service is a fake for the program to import into.
func service(t *testing.T) *messembedtest.Server {
	fake := messembedtest.New(t)
	username, password := fake.Credentials()
	t.Setenv("MESSEMBED_URL", fake.URL())
	t.Setenv("MESSEMBED_USERNAME", username)
	t.Setenv("MESSEMBED_PASSWORD", password)
	return fake
}

func TestRun_messyCSV(t *testing.T) {
	fake := service(t)
	got := runImport(t, nil, "-map", "name=name", "-map", "city=address.city", "-map", "crm=private.crm", "-map", "age=age:number", "testdata/users.csv")

	assert.Equal(t, exitRowsFailed, got.code, got.errors)
	assert.Contains(t, got.out, "read 9: created 4, updated 0, kept 1, failed 4")
	for _, want := range []string{
		"line 7: 3 cells, but 5 columns", "line 8: not valid CSV", `line 9: column "age": not a number`, "line 10: messembed: ImportUsers: invalid argument: ID",
	} {
		assert.Contains(t, got.errors, want)
	}
	jose, ok := fake.User("1003")
	require.True(t, ok)
	assert.Equal(t, messembed.Metadata{"name": "José\nMartí", "age": 42.0, "address": map[string]any{"city": "La Habana"}}, jose.ExternalMetadata)
	assert.Equal(t, messembed.Metadata{"crm": "C-3"}, jose.PrivateExternalMetadata)
	ada, _ := fake.User("1001")
	assert.Equal(t, "Ada Lovelace", ada.ExternalMetadata["name"], "the first of two is kept")

	// Again: nothing is done twice.
	again := runImport(t, nil, "-map", "name=name", "testdata/users.csv")
	assert.Contains(t, again.out, "created 1, updated 0, kept 5", "only the one whose age is ignored now")
	again = runImport(t, nil, "-map", "name=name", "-existing", "update", "testdata/users.csv")
	assert.Contains(t, again.out, "created 0, updated 5, kept 1", "the first row of the user named twice says what is stored")
}

func TestRun_failuresAreFedInAgain(t *testing.T) {
	fake := service(t)
	for range 4 {
		fake.FailNext(messembedtest.Fault{Op: "CreateUser", Status: 400, Body: `{"statusCode":400,"message":["not now"],"error":"Bad Request"}`})
	}
	users := `{"id":"a","externalMetadata":{"n":1},"privateExternalMetadata":{"p":2}}` + "\n" + `{"id":"b","blockStatus":"CANT_SEND_AND_RECEIVE_NEW_MESSAGES"}` + "\n" +
		`{"id":"c"}` + "\n" + `{"id":"d"}` + "\n" + `{"id":"e"}` + "\n"
	first := runImport(t, strings.NewReader(users), "-")
	assert.Equal(t, exitRowsFailed, first.code)
	assert.Contains(t, first.out, "created 1, updated 0, kept 0, failed 4")
	assert.Contains(t, first.out, first.failures)

	second := runImport(t, nil, first.failures)
	assert.Equal(t, exitDone, second.code, second.errors)
	assert.Contains(t, second.out, "created 4, updated 0, kept 0, failed 0")
	a, _ := fake.User("a")
	assert.Equal(t, messembed.Metadata{"p": 2.0}, a.PrivateExternalMetadata)
	b, _ := fake.User("b")
	assert.True(t, b.Blocked())
	assert.NoFileExists(t, second.failures)
}

func TestRun_dryRun(t *testing.T) {
	fake := service(t)
	got := runImport(t, nil, "-dry-run", "testdata/users.jsonl")
	assert.Equal(t, exitRowsFailed, got.code)
	assert.Contains(t, got.out, "read 7: 4 valid, 3 invalid; nothing was sent")
	assert.Empty(t, fake.Requests())
	assert.NoFileExists(t, got.failures)
}

func TestRun_shards(t *testing.T) {
	fake := service(t)
	var users strings.Builder
	for c := 'a'; c <= 'z'; c++ {
		users.WriteString(`{"id":"` + string(c) + `"}` + "\n")
	}
	for _, shard := range []string{"0/3", "1/3", "2/3"} {
		got := runImport(t, strings.NewReader(users.String()), "-shard", shard, "-")
		assert.Equal(t, exitDone, got.code)
		assert.Contains(t, got.out, "kept 0, failed 0")
	}
	assert.Len(t, fake.Users(), 26)
}

func TestRun_standardInputIsSniffed(t *testing.T) {
	fake := service(t)
	for _, users := range []string{"\ufeff\n{\"id\":\"json\"}\n", "id,name\ncsv,x\n"} {
		got := runImport(t, strings.NewReader(users), "-quiet", "-")
		assert.Equal(t, exitDone, got.code, got.errors)
	}
	assert.Len(t, fake.Users(), 2)
}

// The fake must be asked for: a job whose variables are missing, or misspelt, would
// import into it and succeed.
func TestRun_withoutAService(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	t.Setenv("MESEMBED_URL", "https://chat.example.com")
	got := runImport(t, nil, "testdata/users.jsonl")
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.errors, "MESSEMBED_URL: is not set; MESSEMBED_PASSWORD: is not set")
	assert.Contains(t, got.errors, "-fake")
	assert.Empty(t, got.out)

	got = runImport(t, nil, "-fake", "testdata/users.jsonl")
	assert.Equal(t, exitRowsFailed, got.code)
	assert.Contains(t, got.errors, "Importing into the embedded fake")
	assert.Contains(t, got.out, "created 4")

	got = runImport(t, nil, "-dry-run", "testdata/users.jsonl")
	assert.Equal(t, exitRowsFailed, got.code, "to validate a file takes no service")
	assert.Contains(t, got.errors, "Importing into nothing: the rows are only validated")

	help := runImport(t, nil, "-help")
	assert.Contains(t, help.errors, "MESSEMBED_INSECURE_HTTP")
	assert.Contains(t, help.errors, exitHelp)
}

// A row that failed for want of a response makes the whole worth another run; one
// that will fail again does not. Nor does a job that cannot begin for a while end the
// night: job.yaml gives up an index at 1 and 2 only.
func TestRun_temporary(t *testing.T) {
	fake := service(t)
	later := messembedtest.Fault{Op: "CreateUser", Status: 503, RetryAfter: "3600"}
	fake.FailNext(later)
	users := "{\"id\":\"a\"}\n{}\n"
	got := runImport(t, strings.NewReader(users), "-")
	assert.Equal(t, exitLater, got.code)
	assert.Contains(t, got.errors, "rows failed for reasons that may pass; run it again later")
	again := runImport(t, strings.NewReader(users), "-")
	assert.Equal(t, exitRowsFailed, again.code)
	assert.Contains(t, again.out, "created 1, updated 0, kept 0, failed 1")

	later.Op = ""
	fake.FailNext(later)
	got = runImport(t, strings.NewReader(users), "-")
	assert.Equal(t, exitLater, got.code)
	assert.Empty(t, got.out)

	manifest, err := os.ReadFile("job.yaml")
	require.NoError(t, err)
	assert.Contains(t, string(manifest), fmt.Sprintf("values: [%d, %d]\n", exitFailed, exitRowsFailed))
}

func TestRun_stopped(t *testing.T) {
	service(t)
	got := runImport(t, strings.NewReader(strings.Repeat("{}\n", 1000)), "-max-failures", "3", "-concurrency", "2", "-")
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.errors, "too many failures")
	got = runImport(t, strings.NewReader("name\nAda\n"), "-format", "csv", "-")
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.errors, `no column "id"`)
}

// Nothing of such a file is imported.
func TestRun_wrongFiles(t *testing.T) {
	for _, test := range wrongFiles {
		t.Run(test.name, func(t *testing.T) {
			fake := service(t)
			path := filepath.Join(t.TempDir(), test.file)
			require.NoError(t, os.WriteFile(path, []byte(test.content), 0o600))
			got := runImport(t, nil, path)
			assert.Equal(t, exitFailed, got.code)
			assert.Contains(t, got.errors, test.want)
			assert.Empty(t, fake.Users())
			assert.NoFileExists(t, got.failures)
		})
	}
}

func TestRun_goodFiles(t *testing.T) {
	for _, test := range goodFiles {
		t.Run(test.name, func(t *testing.T) {
			fake := service(t)
			path := filepath.Join(t.TempDir(), test.file)
			require.NoError(t, os.WriteFile(path, []byte(test.content), 0o600))
			got := runImport(t, nil, path)
			assert.Equal(t, exitDone, got.code, got.errors)
			assert.Len(t, fake.Users(), 2)
		})
	}
}

// Whoever imports e-mail addresses is told that anyone can read them, while there is
// time to stop it.
func TestRun_contacts(t *testing.T) {
	service(t)
	const users = "id,name,email,Tel\n1,Ada,ada@example.test,1\n2,Bob,bob@example.test,\n"
	got := runImport(t, strings.NewReader(users), "-dry-run", "-")
	assert.Equal(t, 1, strings.Count(got.errors, "Warning: e-mail addresses or phone numbers"))
	assert.Contains(t, got.errors, `by the name of "Tel", "email": whoever can reach the service and knows a user's id can read them`)
	got = runImport(t, strings.NewReader(users), "-dry-run", "-map", "email=private.contact", "-")
	assert.Contains(t, got.errors, `by the name of "email": `)
	got = runImport(t, strings.NewReader(users), "-dry-run", "-map", "name=name", "-")
	assert.NotContains(t, got.errors, "Warning")
}

// Several rows for one user are reported: one of them counts, which may not be meant.
func TestRun_repeated(t *testing.T) {
	service(t)
	const users = "id,name\n1,Ada\n2,Bob\n1,Countess\n3,Cleo\n1,Lovelace\n2,Rob\n"
	for existing, comes := range map[string]string{
		"keep":   "the first one counts",
		"update": "if they differ, the last one wins, and every run updates the user more than once",
		"fail":   "these rows fail",
	} {
		got := runImport(t, strings.NewReader(users), "-concurrency", "1", "-existing", existing, "-")
		assert.Contains(t, got.errors, "Warning: 3 rows repeat the user id of an earlier row: line 4 that of line 2, line 6 that of line 2, line 7 that of line 3; "+comes)
	}
	got := runImport(t, strings.NewReader(strings.Repeat("{\"id\":\"1\"}\n", 9)), "-concurrency", "1", "-")
	assert.Contains(t, got.errors, "8 rows repeat the user id of an earlier row: line 2 that of line 1, line 3 that of line 1, line 4 that of line 1, "+
		"line 5 that of line 1, line 6 that of line 1, …; the first")
	got = runImport(t, strings.NewReader("{\"id\":\"1\"}\n{\"id\":\"1\"}\n{}\n{}\n"), "-")
	assert.Contains(t, got.errors, "Warning: 1 row repeats the user id of an earlier row: line 2 that of line 1; the first")
}

func TestRun_numbersThatJSONLacks(t *testing.T) {
	fake := service(t)
	got := runImport(t, strings.NewReader("id,age\n1,NaN\n2,-Inf\n3,1e999\n4,36\n"), "-map", "age=age:number", "-")
	assert.Equal(t, exitRowsFailed, got.code)
	assert.Contains(t, got.errors, `line 2: column "age": not a number`)
	assert.Len(t, fake.Users(), 1)
	failures, err := os.ReadFile(got.failures)
	require.NoError(t, err)
	assert.Equal(t, 3, strings.Count(string(failures), `"_error":"column \"age\": not a number"`))
	assert.Contains(t, string(failures), `"_text":"1,NaN"`)
}

func TestRun_wrongUsage(t *testing.T) {
	service(t)
	path := filepath.Join(t.TempDir(), "users.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("{}\n"), 0o600))
	tests := map[string][]string{
		"no file":              {},
		"two files":            {"a.csv", "b.csv"},
		"no such file":         {"missing.csv"},
		"shard beyond":         {"-shard", "8/8", path},
		"shard of none":        {"-shard", "0/0", path},
		"shard with more":      {"-shard", "1/2/3", path},
		"unknown format":       {"-format", "xml", path},
		"unknown policy":       {"-existing", "replace", path},
		"a map without a key":  {"-map", "name", path},
		"a comma of two":       {"-comma", "", path},
		"failures of its own":  {"-failures", path, path},
		"negative concurrency": {"-concurrency", "-1", path},
		"negative failures":    {"-max-failures", "-1", path},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			got := runImport(t, nil, args...)
			assert.Equal(t, exitFailed, got.code, got.errors)
			assert.NotEmpty(t, got.errors)
			assert.NotContains(t, got.errors, "Importing into")
			assert.Empty(t, got.out)
		})
	}
	t.Run("wrong password", func(t *testing.T) {
		t.Setenv("MESSEMBED_PASSWORD", "wrong")
		got := runImport(t, nil, path)
		assert.Equal(t, exitFailed, got.code)
		assert.Contains(t, got.errors, "unauthenticated")
	})
	assert.Equal(t, exitDone, runImport(t, nil, "-help").code)
}

// TestInterrupt presses Ctrl-C on the program while it waits for standard input.
func TestInterrupt(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "import")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	fake := service(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	program := exec.CommandContext(ctx, binary, "-failures", "", "-format", "jsonl", "-")
	stdin, err := program.StdinPipe()
	require.NoError(t, err)
	var said, errs bytes.Buffer
	program.Stdout, program.Stderr = &said, &errs
	require.NoError(t, program.Start())
	_, err = io.WriteString(stdin, "{\"id\":\"a\"}\n{\"id\":\"b\"}\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(fake.Users()) == 2 }, 20*time.Second, 5*time.Millisecond)

	require.NoError(t, program.Process.Signal(os.Interrupt))

	var exit *exec.ExitError
	require.ErrorAs(t, program.Wait(), &exit)
	assert.Equal(t, exitInterrupted, exit.ExitCode())
	var created, failed int // a user whose response was still on its way counts as failed
	_, err = fmt.Sscanf(said.String(), "read 2: created %d, updated 0, kept 0, failed %d", &created, &failed)
	require.NoError(t, err, "%s", &said)
	assert.Equal(t, 2, created+failed)
	assert.Contains(t, errs.String(), "run it again to continue")
}

// A job that is killed in the middle goes on behind the row up to which all are
// finished: nothing is sent for the rows before.
func TestKilled(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "import")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	fake := service(t)
	dir := t.TempDir()
	users, state, failures := filepath.Join(dir, "users.jsonl"), filepath.Join(dir, "state"), filepath.Join(dir, "failures.jsonl")
	const rows = 3000
	var text strings.Builder
	for i := range rows {
		if i%100 == 99 {
			text.WriteString("{\"id\":\n") // a broken row
		} else {
			fmt.Fprintf(&text, "{\"id\":\"%d\"}\n", i+1)
		}
	}
	require.NoError(t, os.WriteFile(users, []byte(text.String()), 0o600))
	args := []string{"-resume", state, "-failures", failures, users}
	kept := func() (s resumeState) {
		if data, err := os.ReadFile(state); err == nil {
			require.NoError(t, json.Unmarshal(data, &s))
		}
		return s
	}

	for _, until := range []int{500, 1500} {
		program := exec.CommandContext(t.Context(), binary, args...)
		require.NoError(t, program.Start())
		require.Eventually(t, func() bool { return kept().Through >= until }, 20*time.Second, time.Millisecond)
		require.NoError(t, program.Process.Kill())
		_ = program.Wait()
		if through := kept().Through; assert.Less(t, through, rows) {
			before := len(fake.Requests())
			code := run(t.Context(), append([]string{"-max-failures", "1"}, args...), nil, io.Discard, io.Discard)
			assert.Equal(t, exitFailed, code)
			for _, r := range fake.Requests()[before:] {
				if r.Op == "CreateUser" {
					var user struct{ ID string }
					require.NoError(t, json.Unmarshal(r.Body, &user))
					number, err := strconv.Atoi(user.ID)
					require.NoError(t, err)
					assert.Greater(t, number, through)
				}
			}
		}
	}

	var said, errs bytes.Buffer
	assert.Equal(t, exitRowsFailed, run(t.Context(), args, nil, &said, &errs), "%s", &errs)
	assert.Contains(t, errs.String(), "Going on behind row ")
	assert.Len(t, fake.Users(), rows-rows/100)
	assert.NoFileExists(t, state)
	file, err := os.ReadFile(failures)
	require.NoError(t, err)
	for i := 100; i <= rows; i += 100 {
		assert.Contains(t, string(file), fmt.Sprintf(`"_line":%d,`, i), "each of the failed rows is kept")
	}
}

func TestResume_refuses(t *testing.T) {
	fake := service(t)
	dir := t.TempDir()
	users, state := filepath.Join(dir, "users.jsonl"), filepath.Join(dir, "state")
	require.NoError(t, os.WriteFile(users, []byte("{}\n{\"id\":\"a\"}\n{\"id\":\"b\"}\n"), 0o600))
	stopped := runImport(t, nil, "-resume", state, "-max-failures", "1", "-concurrency", "1", users)
	require.Equal(t, exitFailed, stopped.code)
	require.FileExists(t, state)

	tests := map[string]struct {
		change func()
		args   []string
		want   string
	}{
		"standard input": {nil, []string{"-"}, "-resume: needs a file, not standard input"},
		"a dry run":      {nil, []string{"-dry-run", users}, "-resume: a dry run has nothing to go on with"},
		"another policy": {nil, []string{"-existing", "update", users}, "is of another input or of other flags; delete it"},
		"another shard":  {nil, []string{"-shard", "0/2", users}, "is of another input or of other flags; delete it"},
		"another input":  {func() { require.NoError(t, os.WriteFile(users, []byte("{\"id\":\"c\"}\n"), 0o600)) }, []string{users}, "is of another input or of other flags; delete it"},
		"something else": {func() { require.NoError(t, os.WriteFile(state, []byte("hello"), 0o600)) }, []string{users}, "is not what this program writes; delete it"},
	}
	for _, name := range []string{"standard input", "a dry run", "another policy", "another shard", "another input", "something else"} {
		t.Run(name, func(t *testing.T) {
			if tests[name].change != nil {
				tests[name].change()
			}
			before := len(fake.Users())
			got := runImport(t, nil, append([]string{"-resume", state}, tests[name].args...)...)
			assert.Equal(t, exitFailed, got.code)
			assert.Contains(t, got.errors, tests[name].want)
			assert.Len(t, fake.Users(), before)
		})
	}
}
