// Package faultmatrix shows that nothing is lost, done twice or leaked,
// whatever fails. It holds tests only.
//
// The matrix is generated: every call of the client × every fault × every
// position in the call. No outcome is written by hand. oracle_test.go derives
// each from rules of its own, not from the client's code; the client is then
// run against the fake with that fault, and the error, the attempts, the
// requests, the time and the fake's state are compared with it.
//
//	meaning_test.go   what a fault means, in the words of the rules
//	faults_*_test.go  the faults
//	calls_*_test.go   the calls, with what is stored before each and what each sends
//	oracle_test.go    the rules
//	inject_test.go    how a fault gets into a call
//	cell_test.go      one call with one fault
//	canary_test.go    what must never be seen in an error or a log
//	matrix_test.go    all cells
//	sample_test.go    which of them run
//	document_test.go  docs/faults.md, with summary_test.go
//	requests_test.go  docs/requests.md: what each call sends
//	retries_test.go   the README's table of what is retried
//
//	go test ./internal/proof/faultmatrix                 # a sample of the cells, and whether the documents are up to date
//	go test ./internal/proof/faultmatrix -matrix.whole   # all cells
//	go generate ./internal/proof/faultmatrix             # writes the documents
package faultmatrix
