package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// listed is the output of readlist and node/list.js.
type listed struct {
	Users     int
	Bytes     int64
	Seconds   float64
	First     float64 // share of the bytes received when the first user was available
	FirstTime float64 // seconds until then
	Parse     float64 // seconds of JSON.parse alone; Node
	PeakKiB   float64 // of the process
}

func (l listed) megabytes() float64 { return float64(l.Bytes) / 1e6 / l.Seconds }

// point is one measurement of one list size, for the plot.
type point struct {
	kind  string
	users int
	listed
}

var listKinds = []struct{ kind, name string }{
	{"sdk", "SDK, Users"},
	{"tokens", "encoding/json, Token and Decode"},
	{"whole", "encoding/json, Unmarshal of the whole list"},
	{"node", "Node, JSON.parse of the whole list"},
}

// measureLists reads lists in separate processes, one after the other, so that
// each has its own peak memory. The Go program is small, since linked code takes
// memory too.
func measureLists(r *report, s scale) error {
	if err := hasNode(); err != nil {
		return err
	}
	url, stop, err := startServer()
	if err != nil {
		return err
	}
	defer stop()
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	reader := filepath.Join(dir, "readlist")
	if out, err := exec.Command("go", "build", "-o", reader, "./readlist").CombinedOutput(); err != nil {
		return fmt.Errorf("building readlist: %w: %s", err, out)
	}
	longest := map[string][]listed{}
	for users := 1000; users <= s.users; users *= 10 {
		rounds := 3
		if users == s.users {
			rounds = max(3, s.rounds/2)
		}
		each := map[string][]listed{}
		for range rounds {
			for _, k := range listKinds {
				l, err := readList(reader, k.kind, fmt.Sprintf("%s/list/%d", url, users))
				if err != nil {
					return fmt.Errorf("%s: %w", k.kind, err)
				}
				if l.Users != users {
					return fmt.Errorf("%s read %d of %d users", k.kind, l.Users, users)
				}
				each[k.kind] = append(each[k.kind], l)
			}
		}
		for _, k := range listKinds {
			r.points = append(r.points, point{k.kind, users, medianOf(each[k.kind])})
		}
		longest = each
	}
	r.lists(longest, s.users)
	return nil
}

func readList(reader, kind, url string) (l listed, err error) {
	if kind == "node" {
		err = output(&l, "node", "--max-old-space-size=12000", "node/list.js", url)
	} else {
		err = output(&l, reader, kind, url)
	}
	return l, err
}

func medianOf(ls []listed) listed {
	l := ls[0]
	l.Seconds = median(ls, func(l listed) float64 { return l.Seconds })
	l.PeakKiB = median(ls, func(l listed) float64 { return l.PeakKiB })
	return l
}

func (r *report) lists(each map[string][]listed, users int) {
	g := r.group(fmt.Sprintf("A list of %d users, %.0f MB", users, float64(each["sdk"][0].Bytes)/1e6))
	speed := func(l listed) float64 { return l.megabytes() }
	peak := func(l listed) float64 { return l.PeakKiB / 1024 }
	parse := func(l listed) float64 { return float64(l.Bytes) / 1e6 / l.Parse }
	sdk := each["sdk"]
	mb := func(v float64) string { return fmt.Sprintf("%.0f MB/s", v) }
	mib := func(v float64) string { return fmt.Sprintf("%.1f MiB", v) }
	for _, k := range listKinds[1:] {
		goal := 0.0
		switch k.kind {
		case "tokens":
			goal = 2
		case "node":
			goal = 1
		}
		g.atLeast(goal, "speed, vs. "+k.name, mb(median(sdk, speed)), mb(median(each[k.kind], speed)), ratio(sdk, speed, each[k.kind], speed))
	}
	g.atLeast(1, "speed, vs. Node's JSON.parse alone, of text in memory", mb(median(sdk, speed)), mb(median(each["node"], parse)), ratio(sdk, speed, each["node"], parse))
	for _, k := range listKinds[1:] {
		g.atMost(0, "peak memory of the process, vs. "+k.name, mib(median(sdk, peak)), mib(median(each[k.kind], peak)), ratio(sdk, peak, each[k.kind], peak))
	}
	most := median(sdk, peak)
	g.add(result{what: "peak memory of the process", sdk: mib(most), goal: "≤ 24 MiB", reached: most <= 24})
	first := median(sdk, func(l listed) float64 { return l.First })
	g.add(result{what: "share of the response received at the first user", sdk: fmt.Sprintf("%.4f %%", first*100), goal: "< 1 %", reached: first < 0.01})
	firstTime := func(l listed) float64 { return l.FirstTime * 1000 }
	g.atMost(0, "time to the first user, vs. "+listKinds[2].name, fmt.Sprintf("%.1f ms", median(sdk, firstTime)),
		fmt.Sprintf("%.0f ms", median(each["whole"], firstTime)), ratio(sdk, firstTime, each["whole"], firstTime))
}
