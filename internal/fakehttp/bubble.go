package fakehttp

import (
	"runtime"
	"strings"
)

// bubble identifies the testing/synctest bubble in which the caller runs. It is
// "" outside of any. The runtime tells in the head of a stack trace, and nowhere
// else: "goroutine 8 [running, synctest bubble 1]:".
func bubble() string {
	var trace [128]byte
	head, _, _ := strings.Cut(string(trace[:runtime.Stack(trace[:], false)]), "]")
	_, id, _ := strings.Cut(head, "synctest bubble ")
	return id
}

// InBubble reports whether the caller runs in a testing/synctest bubble.
func InBubble() bool { return bubble() != "" }

// checkStall replaces a fault that stalls by a broken connection, and fails the
// test, if the fake belongs to another bubble than the request: time does not go
// on in a bubble while something in it waits for a channel of somebody else's, so
// no timeout would ever end the request.
func (x *exchange) checkStall() {
	if !x.fault.Stall || bubble() == x.server.bubble {
		return
	}
	cfg := &x.server.cfg
	cfg.TB.Errorf("%s: a fault that stalls in a testing/synctest bubble requires a fake that is made inside it", cfg.Package)
	x.fault.Stall, x.fault.Reset = false, x.fault.Truncate == 0
}
