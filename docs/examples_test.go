package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each example is copied alone, so those that can use a real service have the same
// file for that.
func TestExamples_environmentIsTheSame(t *testing.T) {
	for _, name := range []string{"environment.go", "environment_test.go"} {
		files, err := filepath.Glob(filepath.Join(moduleRoot(t), "examples", "*", name))
		require.NoError(t, err)
		require.Greater(t, len(files), 10)
		first, err := os.ReadFile(files[0])
		require.NoError(t, err)
		for _, path := range files[1:] {
			other, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(first), string(other), path)
		}
	}
}

// An example whose environment names a service incompletely ends with an error: it
// does not work on the fake, as if all was well. -help lists the variables that
// FromEnv reads. Linking all programs takes longer than all other tests of the
// documentation, so two of them stand for the rest unless EVERY_EXAMPLE is set.
func TestExamples_environment(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(moduleRoot(t), "client_env.go"))
	require.NoError(t, err)
	variables := regexp.MustCompile(`MESSEMBED_[A-Z_]+`).FindAllString(string(source), -1)
	require.NotEmpty(t, variables)

	names := []string{"migrate", "quickstart"}
	if os.Getenv("EVERY_EXAMPLE") != "" {
		names = append(names, "account-deletion", "bot", "gateway", "login", "moderation", "seed-conversation", "signup-hook", "unit-test")
	}
	bin := t.TempDir()
	args := []string{"build", "-o", bin + string(filepath.Separator)}
	for _, name := range names {
		args = append(args, "./examples/"+name)
	}
	build := exec.CommandContext(t.Context(), "go", args...)
	build.Dir = moduleRoot(t)
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			run := func(env []string, args ...string) (string, error) {
				cmd := exec.CommandContext(t.Context(), filepath.Join(bin, name), args...)
				for _, v := range os.Environ() {
					if !strings.HasPrefix(v, "MESSEMBED_") {
						cmd.Env = append(cmd.Env, v)
					}
				}
				cmd.Env = append(cmd.Env, env...)
				out, err := cmd.CombinedOutput()
				return string(out), err
			}
			said, err := run([]string{"MESSEMBED_ULR=https://chat.example.com", "MESSEMBED_PASSWORD=secret"})
			require.Error(t, err, said)
			if name == "migrate" {
				assert.Contains(t, said, "refusing to move invented users")
			} else {
				assert.Contains(t, said, "MESSEMBED_URL: is not set")
			}
			help, err := run(nil, "-help")
			require.NoError(t, err, help)
			for _, variable := range variables {
				assert.Contains(t, help, variable)
			}
		})
	}
}
