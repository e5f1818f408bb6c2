package faultmatrix_test

import (
	"slices"
	"testing"
)

// representative leaves out statuses that no rule and no server knows. It is used where each cell takes time: with -short, under the race detector,
// and where a cell is more than one call.
func representative(faults []fault) []fault {
	known := []int{400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 418, 422, 423, 425, 426, 428, 429, 431, 451, 499,
		500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 599}
	return slices.DeleteFunc(slices.Clone(faults), func(f fault) bool {
		return f.group == "status" && plainStatus.MatchString(f.name) && !slices.Contains(known, f.meaning.status)
	})
}

// leftOut reports which cells the race detector skips, since they take ten times as long there: eleven of twelve faults of each call, different ones
// for each call.
func leftOut(call string, fault int) bool { return raceEnabled && (len(call)+fault)%12 != 0 }

// faultsToRun returns all faults, unless that would take minutes.
func faultsToRun() []fault {
	if testing.Short() || raceEnabled {
		return representative(allFaults())
	}
	return allFaults()
}
