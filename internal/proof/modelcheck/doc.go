// Package modelcheck checks the client against a model: goroutines that share
// one client perform random operations on a fake service that fails at random.
// The results must agree with a simple model of the service at every step, and
// with the fake's state at the end. It holds tests only.
//
// With MaybeApplied, a result can leave open what is stored, so the model of a
// user or a chat is the set of all states that it may be in. An operation that
// reports success replaces each state by its result, one that reports that it
// was not carried out leaves them unchanged, and one that may have been carried
// out keeps both. If no state is left, the client has reported something
// untrue. Each goroutine has its own users, chats and messages, for which this
// is exact; for shared ones, shared_test.go has rules that hold in any order.
// Beside them a consumer of live events is stopped again and again, and goes on
// from the position that it has stored.
//
// Faults are drawn by seed, request id and attempt, so that a seed fails in the
// same way again, whatever the order of the goroutines.
//
//	model_test.go    sets of states
//	users_test.go    operations on users, sync_test.go the sync of several, chats_test.go chats and messages
//	events_test.go   the consumer of live events
//	shared_test.go   what several goroutines do to the same
//	faults_test.go   the failing transport
//	check_test.go    the test
//
//	go test ./internal/proof/modelcheck                                       # some seconds
//	go test ./internal/proof/modelcheck -model.ops 10000 -model.seeds 20      # the whole
//	go test ./internal/proof/modelcheck -model.duration 10m -timeout 0        # seed after seed
//	go test ./internal/proof/modelcheck -model.seed 42 -model.seeds 1         # one seed again
package modelcheck
