package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"
)

// report collects the results of one run.
type report struct {
	began   time.Time
	machine string
	groups  []*group
	points  []point // of the plot
}

// group is a table of the report.
type group struct {
	title string
	side  string // whose figures come first
	rows  []result
}

// result is a figure of both sides.
type result struct {
	what, sdk, other, ratio string
	goal                    string // "" means none
	reached                 bool
}

func (r *report) group(title string) *group {
	g := &group{title: title, side: "SDK"}
	r.groups = append(r.groups, g)
	return g
}

func (g *group) add(row result) { g.rows = append(g.rows, row) }

// atMost adds a row whose ratio should not exceed the goal; 0 means no goal.
func (g *group) atMost(goal float64, what, sdk, other string, ratio float64) {
	row := result{what: what, sdk: sdk, other: other, ratio: fmt.Sprintf("%.2f", ratio), reached: ratio <= goal}
	if goal > 0 {
		row.goal = fmt.Sprintf("≤ %.3g", goal)
	}
	g.add(row)
}

// atLeast adds a row whose ratio should not be below the goal; 0 means no goal.
func (g *group) atLeast(goal float64, what, sdk, other string, ratio float64) {
	row := result{what: what, sdk: sdk, other: other, ratio: fmt.Sprintf("%.2f", ratio), reached: ratio >= goal}
	if goal > 0 {
		row.goal = fmt.Sprintf("≥ %.3g", goal)
	}
	g.add(row)
}

func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s. The run took %v.\n", r.began.UTC().Format("2006-01-02 15:04 MST"), r.machine, time.Since(r.began).Round(time.Second))
	for _, g := range r.groups {
		fmt.Fprintf(&b, "\n### %s\n\n| | %s | baseline | ratio | goal |\n|---|---:|---:|---:|---|\n", g.title, g.side)
		for _, row := range g.rows {
			goal := row.goal
			if goal != "" {
				goal += map[bool]string{true: " ✓", false: " **missed**"}[row.reached]
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", row.what, row.sdk, row.other, row.ratio, goal)
		}
	}
	return b.String()
}

const (
	resultsBegin = "<!-- results: written by the program -->\n"
	resultsEnd   = "<!-- end of the results -->\n"
)

// writeREADME writes the results between the two markers.
func (r *report) writeREADME(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(data, []byte(resultsBegin))
	_, after, ok2 := bytes.Cut(rest, []byte(resultsEnd))
	if !ok || !ok2 {
		return fmt.Errorf("%s has no markers for the results", path)
	}
	text := string(before) + resultsBegin + "\n" + r.markdown() + "\n" + resultsEnd + string(after)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return err
	}
	if len(r.points) == 0 {
		return nil
	}
	return os.WriteFile("memory.svg", []byte(plot(r.points)), 0o644)
}

func micro(seconds float64) string { return fmt.Sprintf("%.1f µs", seconds*1e6) }

func perSecond(n int, seconds float64) string { return fmt.Sprintf("%.0f/s", float64(n)/seconds) }
