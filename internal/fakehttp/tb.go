package fakehttp

// TB is what a Server needs of the test that it is made for; messembedtest.TB has it.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

// Must fails the test where something that it cannot do without did not come about. It returns false
// where a TB's FailNow does.
func (s *Server) Must(tb TB, doing string, err error) bool {
	if err == nil {
		return true
	}
	tb.Helper()
	tb.Errorf("%s: %s: %v", s.cfg.Package, doing, err)
	tb.FailNow()
	return false
}

// MustURL is [Server.URL] for a test, which fails where nothing can listen.
func (s *Server) MustURL() string {
	s.cfg.TB.Helper()
	url, err := s.URL()
	s.Must(s.cfg.TB, "listening", err)
	return url
}
