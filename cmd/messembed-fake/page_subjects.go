package main

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/messembed/messembed-go/messembedtest"
)

// subjects are the ids of the users and chats that faults were limited to. The
// fake holds such a limit as a function, which does not tell its id.
type subjects struct {
	mu  sync.Mutex
	ids []string
}

// naming returns the limit of a fault to the requests that name a user or a chat,
// as a part of the path or as a value in the body.
func (s *subjects) naming(id string) func(messembedtest.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.ids, id) {
		s.ids = append(s.ids, id)
	}
	return func(r messembedtest.Request) bool {
		for segment := range strings.SplitSeq(r.Path, "/") {
			part, err := url.PathUnescape(segment)
			if err == nil && (part == id || slices.Contains(strings.Split(part, ":"), id)) { // a chat's two users
				return true
			}
		}
		return slices.Contains(strings.Split(valuesOf(r.Body), "\n"), id)
	}
}

// of returns the id that a fault is limited to: the one of which a request with
// nothing else meets it.
func (s *subjects) of(f messembedtest.Fault) string {
	if f.Match == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.ids {
		if f.Match(messembedtest.Request{Body: []byte(encoded(id))}) {
			return id
		}
	}
	return ""
}
