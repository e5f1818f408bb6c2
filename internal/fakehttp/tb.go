package fakehttp

// TB is the part of a test that a Server needs; messembedtest.TB implements it.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

// Must returns true if err is nil. Otherwise it fails the test, and returns false if the TB's
// FailNow returns.
func (s *Server) Must(tb TB, doing string, err error) bool {
	if err == nil {
		return true
	}
	tb.Helper()
	tb.Errorf("%s: %s: %v", s.cfg.Package, doing, err)
	tb.FailNow()
	return false
}

// MustURL is like [Server.URL] but fails the test if the fake cannot listen.
func (s *Server) MustURL() string {
	s.cfg.TB.Helper()
	url, err := s.URL()
	s.Must(s.cfg.TB, "listening", err)
	return url
}
