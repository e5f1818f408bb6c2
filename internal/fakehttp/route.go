package fakehttp

import (
	"net/url"
	"slices"
	"strings"

	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

// Routes implements [fakeserver.Server].
func (s *Server) Routes() []fakeserver.Route { return slices.Clone(s.cfg.Routes) }

func (s *Server) hasOperation(name string) bool {
	return slices.Contains(s.cfg.Operations, name) ||
		slices.ContainsFunc(s.cfg.Routes, func(r fakeserver.Route) bool { return r.Op == name })
}

// MatchPath reports whether a path, percent-encoded, is that of a route such as
// "/users/:id", and returns the parameter :id, decoded. The other parameters match
// anything.
func MatchPath(route, path string) (id string, ok bool) {
	want, got := strings.Split(route, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return "", false
	}
	for i, segment := range want {
		plain, err := url.PathUnescape(got[i])
		switch {
		case err != nil:
			return "", false
		case segment == ":id":
			id = plain
		case strings.HasPrefix(segment, ":"):
		case segment != plain:
			return "", false
		}
	}
	return id, true
}
