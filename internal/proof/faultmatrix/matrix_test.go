package faultmatrix_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	messembed "github.com/messembed/messembed-go"
)

// allCalls are the rows of the matrix.
func allCalls() []*call {
	return slices.Concat(readCalls(), credentialsCalls(), userCalls(), chatCalls(), messageCalls(), importCalls(), syncCalls(), doCalls(), unsupportedCalls())
}

// allFaults are its columns.
func allFaults() []fault {
	return slices.Concat(connectionFaults(), cutFaults(), answerFaults(), redirectFaults(), businessFaults(), pauseFaults(), statusFaults())
}

// maxReported limits the differences reported for one call: a mistake in one
// cell is mostly a mistake in many.
var maxReported = flag.Int("matrix.report", 15, "maximum number of differences shown per call")

// TestFaultMatrix runs every call × every fault × every position, or a sample,
// and compares each with the rules.
func TestFaultMatrix(t *testing.T) {
	faults := faultsToRun()
	var cells atomic.Int64
	t.Run("calls", func(t *testing.T) {
		for _, c := range allCalls() {
			t.Run(c.name(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { cells.Add(int64(runRow(t, c, faults, nil))) })
			})
		}
	})
	fmt.Printf("fault matrix: %d cells (%d calls × %d faults × %d positions)\n", cells.Load(), len(allCalls()), len(faults), len(positions))
}

// runRow runs one call with every fault in every position, over a socket if there is one.
func runRow(t *testing.T, c *call, faults []fault, s *socket) (cells int) {
	noFault := func(string, int) *fault { return nil }
	good := c.runOver(s, noFault)
	if p, v := c.expect(noFault); len(c.before) == 0 {
		for _, difference := range c.differences(good, good, p, v) {
			t.Errorf("without a fault: %s", difference)
		}
	}
	c.stored = good.before
	reported := 0
	for i := range faults {
		if leftOut(c.name(), i) {
			continue
		}
		for _, at := range positions {
			cells++
			plan := c.plan(&faults[i], at)
			p, v := c.expect(plan)
			for _, difference := range c.differences(c.runOver(s, plan), good, p, v) {
				if reported++; reported <= *maxReported {
					t.Errorf("%s, %s: %s", faults[i].name, at, difference)
				}
			}
		}
	}
	if reported > *maxReported {
		t.Errorf("… and %d more differences", reported-*maxReported)
	}
	return cells
}

// TestFaultMatrix_isWhole fails if a client method that sends something is not in the matrix.
func TestFaultMatrix_isWhole(t *testing.T) {
	covered := map[string]bool{"MessageEvents": true, "WatchUsers": true} // each has a matrix of its own
	for _, c := range allCalls() {
		covered[c.method] = true
	}
	client := reflect.TypeFor[*messembed.Client]()
	for i := range client.NumMethod() {
		method := client.Method(i)
		sends := method.Type.NumIn() > 1 && method.Type.In(1) == reflect.TypeFor[context.Context]()
		if sends && !covered[method.Name] {
			t.Errorf("%s is not in the matrix", method.Name)
		}
		delete(covered, method.Name)
	}
	for name := range covered {
		t.Errorf("%s is in the matrix but not a method of Client", name)
	}
}

// TestFaultMatrix_namesFaultsOnce keeps the table readable.
func TestFaultMatrix_namesFaultsOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range allFaults() {
		if seen[f.name] {
			t.Errorf("two faults are called %q", f.name)
		}
		seen[f.name] = true
	}
}

// TestMain lets the heap grow: the matrix creates a fake service for every cell.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
