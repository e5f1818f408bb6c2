// Package faultmatrix shows that nothing is lost, done twice or leaked, whatever fails. It holds tests only.
//
// The matrix is generated: every call of the client × every fault × every position in the call. No outcome is written by hand.
// oracle_test.go derives each from the tables of the design, not from the client's code; the client is then run against the fake with
// that fault, and the error, the attempts, the requests, the time and the fake's state are compared with it.
//
//	meaning_test.go   what a fault means, in the design's words
//	faults_*_test.go  the faults
//	calls_*_test.go   the calls, with what is stored before each and what each sends
//	oracle_test.go    the rules
//	inject_test.go    how a fault gets into a call
//	cell_test.go      one call with one fault
//	canary_test.go    what must never be seen in an error or a log
//	matrix_test.go    all cells
//	sample_test.go    which of them run
//	document_test.go  docs/faults.md
//
//	go test ./internal/proof/faultmatrix                 # a sample of the cells, and whether docs/faults.md is up to date
//	go test ./internal/proof/faultmatrix -matrix.whole   # all cells
//	go test ./internal/proof/faultmatrix -run TestFaultTable -update   # writes docs/faults.md
package faultmatrix
