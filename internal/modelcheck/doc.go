// Package modelcheck holds the client against a model: goroutines that share one client do random things to a fake service, which fails at random, and what
// they are told must agree with a plain model of the service at every step, and with the fake's state at the end. It holds tests only.
//
// An answer may leave open what is stored, by MaybeApplied; so the model of a user or a chat is the set of all states that it may be in. An operation
// that is told to have happened leaves of each state what follows from it, one that is told not to have happened leaves them as they are, one that
// may have happened leaves both; and when none is left, the client has not told the truth. Each goroutine has users, chats and messages of its own, for
// which that is exact; some are shared, for which shared_test.go has rules that hold in whatever order things happen.
//
// Faults are drawn by seed, request id and attempt, so that a seed fails the same way again, whatever the goroutines' order.
//
//	model_test.go    sets of states
//	users_test.go    operations on users, chats_test.go on chats and messages
//	shared_test.go   what several goroutines do to the same
//	faults_test.go   the failing transport
//	check_test.go    the test
//
//	go test ./internal/modelcheck                                       # some seconds
//	go test ./internal/modelcheck -model.ops 10000 -model.seeds 20      # the whole
//	go test ./internal/modelcheck -model.duration 10m -timeout 0        # seed after seed
//	go test ./internal/modelcheck -model.seed 42 -model.seeds 1         # one seed again
package modelcheck
