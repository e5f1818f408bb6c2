package fakehttp

// TB is what a Server needs of the test that it is made for; messembedtest.TB has it.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}
