package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each example is copied alone, so those that do the same, such as using a real
// service or reading a file of users, have the same files for that.
func TestExamples_environmentIsTheSame(t *testing.T) {
	shared := []struct {
		least int // how many examples have the files
		names []string
	}{
		{11, []string{"environment.go", "environment_test.go"}},
		{3, []string{"connect.go", "connect_test.go", "exits.go", "exits_test.go"}},
		{2, []string{
			"columns.go", "contacts.go", "contacts_test.go", "input.go", "input_test.go", "lines.go", "recent.go", "repeated.go", "rows.go",
			"progress.go", "progress_test.go", "waiting.go",
		}},
	}
	for _, these := range shared {
		for _, name := range these.names {
			files, err := filepath.Glob(filepath.Join(moduleRoot(t), "examples", "*", name))
			require.NoError(t, err)
			if name == "progress.go" || name == "waiting.go" { // that of migrate shows two services
				files = slices.DeleteFunc(files, func(path string) bool { return filepath.Base(filepath.Dir(path)) == "migrate" })
			}
			require.GreaterOrEqual(t, len(files), these.least, name)
			first, err := os.ReadFile(files[0])
			require.NoError(t, err)
			for _, path := range files[1:] {
				other, err := os.ReadFile(path)
				require.NoError(t, err)
				assert.Equal(t, string(first), string(other), path)
			}
		}
	}
}

// An example whose environment names a service incompletely ends with an error: it
// does not work on the fake, as if all was well. -help lists the variables that
// FromEnv reads. Linking all programs takes longer than all other tests of the
// documentation, so one of them stands for the rest unless WHOLE_TESTS is set.
func TestExamples_environment(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(moduleRoot(t), "client_env.go"))
	require.NoError(t, err)
	variables := regexp.MustCompile(`MESSEMBED_[A-Z_]+`).FindAllString(string(source), -1)
	require.NotEmpty(t, variables)

	pattern := "quickstart"
	if os.Getenv("WHOLE_TESTS") != "" {
		pattern = "*"
	}
	environments, err := filepath.Glob(filepath.Join(moduleRoot(t), "examples", pattern, "environment.go"))
	require.NoError(t, err)
	require.NotEmpty(t, environments)
	arguments := map[string][]string{"import": {"testdata/users.csv"}, "sync": {"testdata/users.csv"}}
	for _, path := range environments {
		dir, name := filepath.Dir(path), filepath.Base(filepath.Dir(path))
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), name)
			build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
			build.Dir = dir
			out, err := build.CombinedOutput()
			require.NoError(t, err, "%s", out)
			run := func(env []string, args ...string) (string, error) {
				cmd := exec.CommandContext(t.Context(), program, args...)
				cmd.Dir = dir
				for _, v := range os.Environ() {
					if !strings.HasPrefix(v, "MESSEMBED_") {
						cmd.Env = append(cmd.Env, v)
					}
				}
				cmd.Env = append(cmd.Env, env...)
				out, err := cmd.CombinedOutput()
				return string(out), err
			}

			said, err := run([]string{"MESSEMBED_ULR=https://chat.example.com", "MESSEMBED_PASSWORD=secret", "NATS_URL=nats://127.0.0.1:1"}, arguments[name]...)
			require.Error(t, err, said)
			if _, err := os.Stat(filepath.Join(dir, "connect.go")); err == nil {
				assert.Contains(t, said, "unknown: MESSEMBED_ULR")
			}
			assert.Contains(t, said, "MESSEMBED_URL: is not set")

			help, err := run(nil, "-help")
			require.NoError(t, err, help)
			for _, variable := range variables {
				assert.Contains(t, help, variable)
			}
		})
	}
}
