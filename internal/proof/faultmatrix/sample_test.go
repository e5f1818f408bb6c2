package faultmatrix_test

import (
	"flag"
	"slices"
)

// everyCell runs every cell, which takes a minute of two cores. Else a fixed
// sample runs: one of 48 faults of each call, different ones for each call,
// without the statuses that no rule and no server knows.
var everyCell = flag.Bool("matrix.whole", false, "run every cell of the matrix, not a sample of them")

// leftOut reports which cells are not in the sample.
func leftOut(call string, fault int) bool { return !*everyCell && (len(call)+fault)%48 != 0 }

// faultsToRun returns the faults of which the cells are made.
func faultsToRun() []fault {
	if *everyCell {
		return allFaults()
	}
	return representative(allFaults())
}

// representative leaves out the statuses that no rule and no server knows. It
// is also used where a cell is more than one call.
func representative(faults []fault) []fault {
	known := []int{400, 401, 403, 404, 405, 406, 407, 408, 409, 410, 412, 413, 415, 418, 422, 423, 425, 426, 428, 429, 431, 451, 499,
		500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 524, 599}
	return slices.DeleteFunc(slices.Clone(faults), func(f fault) bool {
		return f.group == "status" && plainStatus.MatchString(f.name) && !slices.Contains(known, f.meaning.status)
	})
}
