package fakehttp

import (
	"errors"
	"time"
)

var errOutsideBubble = errors.New("the fake was made outside the synctest bubble that uses it, where it would wait for ever: call New inside the bubble")

// checkBubble fails the test if the fake was made outside the testing/synctest
// bubble that uses it: its channels are not the bubble's, so the bubble's time
// stands still while something waits for them. A bubble's time begins in the
// year 2000, long before the fake was made.
func (s *Server) checkBubble() error {
	if time.Now().Unix() >= s.made.Unix()-24*60*60 {
		return nil
	}
	s.cfg.TB.Helper()
	s.cfg.TB.Errorf("%s: %v", s.cfg.Package, errOutsideBubble)
	return errOutsideBubble
}
