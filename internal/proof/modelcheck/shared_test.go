package modelcheck_test

import (
	"fmt"
	"sync"

	messembed "github.com/messembed/messembed-go"
)

// A common is data shared by several goroutines: users that all try to create,
// each with a value of its own; a user that all change; a chat that all write
// in. The rules for it hold in any order.
type common struct {
	userIDs []string
	changed string // the id of the user that all change
	chatID  string
	sender  string

	mu      sync.Mutex
	created map[string][]int // by user: the values of those whose create succeeded
	maybe   map[string][]int // and of those whose create may have
	seen    map[string]int   // by user: the value that was read
	values  map[int]bool     // of the changed user: true if reported as written
	talk    talk
}

// act performs a random operation on the shared data.
func (s *common) act(a *actor) error {
	id := s.userIDs[a.random.IntN(len(s.userIDs))]
	n := a.unique()
	params := messembed.CreateUserParams{ID: id, ExternalMetadata: meta(n)}
	switch a.random.IntN(6) {
	case 0:
		_, err := a.client.CreateUser(a.ctx, params, a.id("CreateUser"))
		return s.create(id, n, err == nil, err)
	case 1:
		u, created, err := a.client.EnsureUser(a.ctx, params, a.id("EnsureUser"))
		if err == nil {
			if failed := s.read(id, u); failed != nil {
				return failed
			}
		}
		return s.create(id, n, created, err)
	case 2:
		u, err := a.client.GetUser(a.ctx, id, a.id("GetUser"))
		if err == nil {
			return s.read(id, u)
		}
		return checkError(a.op, err)
	case 3:
		_, err := a.client.UpdateUser(a.ctx, s.changed, messembed.UpdateUserParams{ExternalMetadata: meta(n)}, a.id("UpdateUser"))
		s.mu.Lock()
		defer s.mu.Unlock()
		if e, _ := err.(*messembed.Error); e == nil || e.MaybeApplied { //nolint:errorlint // it is what the method returns
			s.values[n] = err == nil
		}
		return checkError(a.op, err)
	}
	content := fmt.Sprintf("shared %d", n)
	_, err := a.client.CreateMessage(a.ctx, messembed.CreateMessageParams{ChatID: s.chatID, UserID: s.sender, Content: content}, a.id("CreateMessage"))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.talk.note(content, err)
	return checkError(a.op, err)
}

func (s *common) create(id string, n int, created bool, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, _ := err.(*messembed.Error) //nolint:errorlint // it is what the method returns
	switch {
	case created:
		s.created[id] = append(s.created[id], n)
	case e != nil && e.MaybeApplied:
		s.maybe[id] = append(s.maybe[id], n)
	}
	return checkError("", nil)
}

// read checks that all reads of a user that nobody changes are equal.
func (s *common) read(id string, u *messembed.User) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := number(u.ExternalMetadata)
	if before, ok := s.seen[id]; ok && before != n {
		return fmt.Errorf("%s was %d and is %d, but nobody changes it", id, before, n)
	}
	s.seen[id] = n
	return nil
}

// compare compares the final state with all results.
func (s *common) compare(stored map[string]user, contents []string) error {
	for _, id := range s.userIDs {
		u, created, maybe := stored[id], s.created[id], s.maybe[id]
		switch {
		case len(created) > 1:
			return fmt.Errorf("%s: %d creates reported success: %v", id, len(created), created)
		case len(created) == 1 && u.ext != created[0]:
			return fmt.Errorf("%s is %v, but %d was reported as created", id, u, created[0])
		case len(created) == 0 && u.exists && !contains(maybe, u.ext):
			return fmt.Errorf("%s is %v, but only %v are possible", id, u, maybe)
		}
		if n, ok := s.seen[id]; ok && n != u.ext {
			return fmt.Errorf("%s is %v, but was read as %d", id, u, n)
		}
	}
	if _, known := s.values[stored[s.changed].ext]; !known && stored[s.changed].ext != 0 {
		return fmt.Errorf("%s is %v, which nobody has written", s.changed, stored[s.changed])
	}
	return s.talk.compare(contents)
}

func contains(ns []int, n int) bool {
	for _, m := range ns {
		if m == n {
			return true
		}
	}
	return false
}
