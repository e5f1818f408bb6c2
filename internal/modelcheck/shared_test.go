package modelcheck_test

import (
	"fmt"
	"sync"

	messembed "github.com/messembed/messembed-go"
)

// A common is what several goroutines do to the same: users that all want to create, with something of their own in each; a user that all change; a chat
// that all write in. What holds of them holds in whatever order things happen.
type common struct {
	userIDs []string
	changed string // the id of the user that all change
	chatID  string
	sender  string

	mu      sync.Mutex
	created map[string][]int // by user: the values of those who were told that they have created it
	maybe   map[string][]int // and of those who may have
	seen    map[string]int   // by user: the value that was read of it
	values  map[int]bool     // of the changed user: true when told to have been written
	talk    talk
}

// act does something at random to what is shared.
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

// read: of a user that nobody changes, all read the same.
func (s *common) read(id string, u *messembed.User) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := number(u.ExternalMetadata)
	if before, ok := s.seen[id]; ok && before != n {
		return fmt.Errorf("%s was %d and is %d, and nobody changes it", id, before, n)
	}
	s.seen[id] = n
	return nil
}

// compare holds the end against what all were told.
func (s *common) compare(stored map[string]user, contents []string) error {
	for _, id := range s.userIDs {
		u, created, maybe := stored[id], s.created[id], s.maybe[id]
		switch {
		case len(created) > 1:
			return fmt.Errorf("%s: %d were told that they created it: %v", id, len(created), created)
		case len(created) == 1 && u.ext != created[0]:
			return fmt.Errorf("%s is %v, and %d was told to be there", id, u, created[0])
		case len(created) == 0 && u.exists && !contains(maybe, u.ext):
			return fmt.Errorf("%s is %v, and only %v may be there", id, u, maybe)
		}
		if n, ok := s.seen[id]; ok && n != u.ext {
			return fmt.Errorf("%s is %v, and was read as %d", id, u, n)
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
