// Command bench compares the SDK with hand-written code, with its peers and with
// what the Node SDK uses. Both sides of each figure are measured in one run, in
// alternating rounds; the server is a separate process. README.md has the results
// and describes how to reproduce them.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// scale is how much is measured: everything, or a tenth as a smoke test.
type scale struct {
	rounds int
	users  int // in the long list
	share  int // other numbers are divided by it
}

var sections = []struct {
	name string
	run  func(*report, scale) error
}{
	{"call", measureCalls},
	{"peers", measurePeers},
	{"import", measureImports},
	{"list", measureLists},
	{"sync", measureSyncs},
	{"events", measureEvents},
	{"fake", measureFakes},
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "child-server" {
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	quick := flag.Bool("quick", false, "run a tenth of everything, as a smoke test")
	only := flag.String("only", "", "regular expression of the sections to run: call, peers, import, list, sync, events, fake")
	readme := flag.Bool("readme", false, "write the results into README.md and memory.svg")
	flag.Parse()
	if err := run(*quick, *only, *readme); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(quick bool, only string, readme bool) error {
	chosen, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	s := scale{rounds: 11, users: 1_000_000, share: 1}
	if quick {
		s = scale{rounds: 3, users: 100_000, share: 10}
	}
	r := &report{began: time.Now(), machine: machine()}
	for _, section := range sections {
		if !chosen.MatchString(section.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "measuring: %s\n", section.name)
		if err := section.run(r, s); err != nil {
			return fmt.Errorf("%s: %w", section.name, err)
		}
	}
	fmt.Print(r.markdown())
	if readme {
		return r.writeREADME("README.md")
	}
	return nil
}

func machine() string {
	cpu := "unknown processor"
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if m := regexp.MustCompile(`model name\s*: (.*)`).FindSubmatch(data); m != nil {
			cpu = string(m[1])
		}
	}
	node := "no Node"
	if out, err := exec.Command("node", "--version").Output(); err == nil {
		node = "Node " + strings.TrimSpace(string(out))
	}
	return fmt.Sprintf("%s, %d cores, %s/%s, %s, %s", cpu, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), node)
}
