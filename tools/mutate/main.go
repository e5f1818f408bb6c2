// Command mutate looks for code that no test misses. It changes one place of a
// package at a time, as a careless edit would, runs tests with the change, and
// reports the changes that they did not notice. The files stay as they are: each
// change is an overlay of the compiler.
//
//	go run -C tools ./mutate -dir ../internal/httpcall -sample 100
//	go run -C tools ./mutate -dir .. -files '^(sync|bulk)' -run 'Sync|Import'
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

var (
	dir      = flag.String("dir", ".", "folder of the package to change")
	files    = flag.String("files", "", "regular expression of its files; empty: all but tests")
	tests    = flag.String("tests", ".", "packages to test, as seen from the package's folder, separated by commas")
	only     = flag.String("run", "", "regular expression of the tests to run, as of go test; empty: all")
	sample   = flag.Int("sample", 0, "number of changes to try, chosen at random; 0: all")
	seed     = flag.Uint64("seed", 1, "of the choice")
	parallel = flag.Int("parallel", 2, "changes to try at a time")
	limit    = flag.Duration("timeout", 2*time.Minute, "for the tests of one change; a longer run has noticed it")
	match    = flag.String("match", "", "regular expression of the changes to try, as -list shows them; empty: all")
	list     = flag.Bool("list", false, "only list the changes")
)

func main() {
	flag.Parse()
	survived, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	if survived > 0 {
		os.Exit(1)
	}
}

func run() (survived int, err error) {
	changes, err := changesOf(*dir, *files)
	if err != nil {
		return 0, err
	}
	matches, err := regexp.Compile(*match)
	if err != nil {
		return 0, err
	}
	changes = slices.DeleteFunc(changes, func(c change) bool { return !matches.MatchString(c.String()) })
	if *sample > 0 && *sample < len(changes) {
		random := rand.New(rand.NewPCG(*seed, 0))
		random.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
		changes = changes[:*sample]
	}
	if *list {
		for _, c := range changes {
			fmt.Println(c)
		}
		return 0, nil
	}
	if outcome, err := try(nil); err != nil || outcome != "survived" {
		return 0, errors.Join(err, errors.New("the tests fail without any change"))
	}
	counts := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	queue := make(chan change)
	for range *parallel {
		wg.Go(func() {
			for c := range queue {
				outcome, tried := try(&c)
				mu.Lock()
				if counts[outcome]++; outcome == "survived" {
					fmt.Println(c)
				}
				err = errors.Join(err, tried)
				mu.Unlock()
			}
		})
	}
	for _, c := range changes {
		queue <- c
	}
	close(queue)
	wg.Wait()
	fmt.Printf("%d changes: %d noticed, %d do not compile, %d survived\n", len(changes), counts["noticed"], counts["broken"], counts["survived"])
	return counts["survived"], err
}

// changesOf returns the changes of a folder's package.
func changesOf(dir, pattern string) ([]change, error) {
	matches, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var all []change
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || !matches.MatchString(filepath.Base(name)) {
			continue
		}
		found, err := changesIn(name)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// try runs the tests with a change: they notice it, it does not compile (broken),
// or it survives.
func try(c *change) (outcome string, err error) {
	temp, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	args := []string{"test", "-vet=off", "-failfast", "-short", "-count=1", "-timeout=" + limit.String(), "-run=" + *only}
	if c != nil {
		overlay, err := c.overlay(temp)
		if err != nil {
			return "", err
		}
		args = append(args, "-overlay="+overlay)
	}
	ctx, cancel := context.WithTimeout(context.Background(), *limit+time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", append(args, strings.Split(*tests, ",")...)...)
	cmd.Dir = *dir
	out, failed := cmd.CombinedOutput()
	switch {
	case failed == nil:
		return "survived", nil
	case bytes.Contains(out, []byte("[build failed]")), bytes.Contains(out, []byte("[setup failed]")):
		return "broken", nil
	}
	return "noticed", nil
}

// overlay writes the changed file, and the list that makes the compiler read it.
func (c *change) overlay(temp string) (string, error) {
	path, err := filepath.Abs(c.file)
	if err != nil {
		return "", err
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(temp, "changed.go")
	text := string(source[:c.from]) + c.text + string(source[c.to:])
	if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
		return "", err
	}
	data, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(temp, "overlay.json")
	return overlay, os.WriteFile(overlay, data, 0o600)
}
