package fakehttp

import (
	"errors"
	"time"
)

var (
	started          = time.Now()
	errOutsideBubble = errors.New("the fake was made outside the synctest bubble that uses it, where it would wait for ever: call New inside the bubble")
)

// InBubble reports whether the caller runs in a testing/synctest bubble, whose
// time begins in the year 2000, long before the program was started.
func InBubble() bool { return time.Now().Unix() < started.Unix()-24*60*60 }

// checkBubble fails the test if the fake was made outside the testing/synctest
// bubble that uses it: its channels are not the bubble's, so the bubble's time
// stands still while something waits for them.
func (s *Server) checkBubble() error {
	if s.inBubble || !InBubble() {
		return nil
	}
	s.cfg.TB.Helper()
	s.cfg.TB.Errorf("%s: %v", s.cfg.Package, errOutsideBubble)
	return errOutsideBubble
}
