package messembed

import (
	"context"
	"errors"
	"iter"
	"sync"
)

// syncing is one sync in progress.
type syncing struct {
	client   *Client
	o        SyncOptions
	op       string
	shard    shard
	bulk     *bulk[SyncOutcome]
	rows     rowStore
	blocking PlatformBlocking // under BlockVanished and Unblock
	check    *Call            // for what is checked in the goroutine that reads the input
	done     SyncProgress
	spared   bool // too many have vanished: they are left as they are

	inputRows   int // of all shards; for the goroutine that reads the input
	unnamedRows int // of them, those without a natural key

	mu    sync.Mutex // guards index
	index *syncIndex
	users int // in the index, without deleted ones; fixed once the list is read
}

func newSyncing(c *Client, op string, o SyncOptions) *syncing {
	b := newBulk[SyncOutcome](op, c.concurrencyOf(o.Concurrency), o.MaxFailures)
	s := &syncing{
		client: c, o: o, op: op, shard: shard{o.Shard, o.Shards}, bulk: b,
		rows: rowStore{client: c, op: op, onExisting: UpdateExisting, pace: b.pace},
	}
	b.atOnce, b.store, b.record, b.tell = s.atOnce, s.store, s.record, s.tell
	return s
}

func (s *syncing) run(ctx context.Context, users iter.Seq2[CreateUserParams, error]) (SyncReport, error) {
	var err error
	if s.check, err = s.client.begin(ctx, s.op, nil); err != nil {
		return SyncReport{}, err
	}
	s.check.checkSize = s.o.DryRun
	if s.o.Vanished == BlockVanished || s.o.Unblock {
		if s.blocking, err = feature[PlatformBlocking](s.check); err != nil {
			return SyncReport{}, err
		}
	}
	err = s.readList(ctx)
	if err == nil {
		err = s.bulk.run(ctx, s.all(users))
	} else {
		s.bulk.tellLast()
	}
	return SyncReport{s.done}, err
}

// readList reads the users of the service into the index. A list that breaks off
// is read again, since nothing depends on it yet; one that timed out is not.
func (s *syncing) readList(ctx context.Context) error {
	call, err := s.client.begin(ctx, s.op, nil)
	if err != nil {
		return err
	}
	backoff := call.Backoff()
	for attempt := 1; ; attempt++ {
		s.index, s.users = newSyncIndex(), 0
		err := s.list(ctx, call)
		e, ok := errors.AsType[*Error](err)
		brokeOff := ok && e.Kind == ErrUnavailable && e.StatusCode/100 == 2 && !errors.Is(err, context.DeadlineExceeded)
		if !brokeOff || attempt >= s.client.cfg.retry.MaxAttempts || !backoff.Wait(ctx, 0) {
			return err
		}
		call.Renew()
	}
}

// quickList is a Platform whose application assigns the ids, and that can read
// the list of users without keeping the users.
type quickList interface {
	usersToCompare(ctx context.Context, call *Call, yield func(*syncUser) bool) error
}

func (s *syncing) list(ctx context.Context, call *Call) error {
	if quick, ok := s.client.platform.(quickList); ok {
		return quick.usersToCompare(ctx, call, func(u *syncUser) bool {
			s.add(u.id, u)
			return true
		})
	}
	return s.client.platform.Users(ctx, call, func(u *User) bool {
		s.add(s.client.platform.UserKey(CreateUserParams{ID: u.ID, Profile: u.Profile}), syncUserOf(u))
		return true
	})
}

// add puts a user of the list into the index, unless it is another shard's, or
// has nothing by which a row could name it.
func (s *syncing) add(key string, u *syncUser) {
	if key == "" || u.id == "" || !s.shard.takes(key) {
		return
	}
	if u.state&userDeleted == 0 {
		s.users++
	}
	s.index.put(key, *u)
}

// all yields the rows of the input and then, if it was read whole, the users
// that vanished from it.
func (s *syncing) all(users iter.Seq2[CreateUserParams, error]) iter.Seq2[bulkRow, error] {
	return func(yield func(bulkRow, error) bool) {
		for row, err := range s.bulk.numbered(users, s.keyOf, s.shard) {
			if !yield(row, err) || err != nil {
				return
			}
		}
		vanished, touched := s.vanished()
		tooMany := s.tooManyVanished(touched)
		s.spared = tooMany != nil
		for _, place := range vanished {
			s.mu.Lock()
			key, u := s.index.named(place)
			s.mu.Unlock()
			if !yield(bulkRow{key: key, id: u.id, blocked: u.state&userBlocked != 0}, nil) {
				return
			}
		}
		if s.spared {
			yield(bulkRow{}, tooMany)
		}
	}
}

// keyOf returns the natural key of a row, and counts the rows.
func (s *syncing) keyOf(p CreateUserParams) string {
	key := s.client.platform.UserKey(p)
	s.inputRows++
	if key == "" {
		s.unnamedRows++
	}
	return key
}

// change returns what a row changes of a user, if anything.
func (s *syncing) change(u *syncUser, row *CreateUserParams) (p UpdateUserParams, differs bool) {
	p, differs = u.fields.change(row)
	if s.o.Unblock && u.state&userBlocked != 0 && row.BlockStatus == "" {
		p.RemoveBlockStatus, differs = true, true
	}
	return p, differs
}

// vanished returns where the users are that no row named, and how many of them
// are to be changed.
func (s *syncing) vanished() (places []uint64, touched int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for place, state := range s.index.all() {
		if state&(userInInput|userDeleted) != 0 {
			continue
		}
		places = append(places, place)
		if s.touches(state&userBlocked != 0) {
			touched++
		}
	}
	return places, touched
}

// touches reports whether a vanished user is to be changed.
func (s *syncing) touches(blocked bool) bool {
	return s.o.Vanished == DeleteVanished || s.o.Vanished == BlockVanished && !blocked
}

// atOnce carries out what needs no request.
func (s *syncing) atOnce(row *bulkRow) (outcome SyncOutcome, done bool, err error) {
	if row.number == 0 {
		switch {
		case s.spared || !s.touches(row.blocked):
			return SyncVanished, true, nil
		case s.o.DryRun && s.o.Vanished == BlockVanished:
			return SyncBlocked, true, nil
		}
		return SyncDeleted, s.o.DryRun, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, there := s.index.get(row.key)
	row.id = row.params.ID
	if there {
		row.id = u.id
		s.index.setState(u.place, userInInput)
	}
	there = there && u.state&userDeleted == 0
	compared := there && !s.abbreviated(row.params)
	var change UpdateUserParams
	differs := false
	if compared {
		change, differs = s.change(&u, &row.params)
		if !differs && row.params.givesNoMore(u.id) {
			return SyncUnchanged, true, nil // what is stored can be stored
		}
	}
	if err := s.client.platform.CheckCreateUser(s.check, row.params); err != nil {
		return SyncFailed, true, err
	}
	switch {
	case compared && !differs:
		return SyncUnchanged, true, nil
	case !s.o.DryRun, there && !compared:
		return "", false, nil
	case compared:
		u.fields.apply(change)
		s.note(row, u)
		return SyncUpdated, true, nil
	}
	p := &row.params
	s.note(row, syncUser{id: row.id, fields: fieldsOf(&User{
		ExternalMetadata: p.ExternalMetadata, PrivateExternalMetadata: p.PrivateExternalMetadata, BlockStatus: p.BlockStatus, Profile: p.Profile,
	})})
	return SyncCreated, true, nil
}

// givesNoMore reports whether a row for the user with this id gives nothing that
// cannot be compared.
func (p *CreateUserParams) givesNoMore(id string) bool {
	return p.Password == "" && (p.ID == "" || p.ID == id)
}

// abbreviated reports whether the row gives something that the service's list
// leaves out.
func (s *syncing) abbreviated(p CreateUserParams) bool {
	short, ok := s.client.platform.(PlatformAbbreviatedList)
	return ok && short.ListLeavesOut(p)
}

// note replaces what the index knows of a row's user. The caller holds mu.
func (s *syncing) note(row *bulkRow, u syncUser) {
	u.state = userInInput
	s.index.put(row.key, u)
}

// store carries out what needs requests.
func (s *syncing) store(ctx context.Context, row *bulkRow) (SyncOutcome, error) {
	call, err := s.rows.begin(ctx, row)
	if err != nil {
		return SyncFailed, err
	}
	if row.number == 0 {
		return s.vanish(ctx, call, row)
	}
	s.mu.Lock()
	u, there := s.index.get(row.key)
	s.mu.Unlock()
	if !there {
		return s.create(ctx, call, row)
	}
	var change UpdateUserParams
	outcome, differs := SyncUpdated, true
	switch {
	case u.state&userDeleted != 0:
		change, outcome = reviving(row.params), SyncCreated
	case s.abbreviated(row.params):
		whole, err := s.client.platform.GetUser(ctx, call.Lookup(), u.id)
		if errors.Is(err, ErrNotFound) {
			return s.create(ctx, call, row)
		}
		if err != nil {
			return SyncFailed, err
		}
		u.fields = fieldsOf(whole)
		change, differs = s.change(&u, &row.params)
	default:
		change, differs = s.change(&u, &row.params)
	}
	if !differs {
		return SyncUnchanged, nil
	}
	if !s.o.DryRun {
		call.Renew()
		doubt, err := patiently(ctx, call, func() error {
			_, err := s.client.platform.UpdateUser(ctx, call, u.id, change)
			return err
		})
		if errors.Is(err, ErrNotFound) {
			return s.create(ctx, call, row) // somebody else deleted it meanwhile
		}
		if err != nil {
			return SyncFailed, inDoubt(err, doubt)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u.fields.apply(change)
	s.note(row, u)
	return outcome, nil
}

// create creates a user that the list does not have, or brings one up to date
// that somebody else has created meanwhile.
func (s *syncing) create(ctx context.Context, call *Call, row *bulkRow) (SyncOutcome, error) {
	outcome, stored, err := s.rows.create(ctx, call, row)
	if err != nil {
		return SyncFailed, err
	}
	row.id = stored.ID
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note(row, syncUser{id: stored.ID, fields: fieldsOf(stored)})
	switch outcome {
	case RowUpdated:
		return SyncUpdated, nil
	case RowKept:
		return SyncUnchanged, nil
	}
	return SyncCreated, nil
}

// vanish blocks or deletes a user that the input does not have. If somebody else
// has deleted it meanwhile, there is nothing left to do.
func (s *syncing) vanish(ctx context.Context, call *Call, row *bulkRow) (SyncOutcome, error) {
	outcome := SyncDeleted
	doubt, err := patiently(ctx, call, func() (err error) {
		if s.o.Vanished == BlockVanished {
			outcome = SyncBlocked
			_, err = s.blocking.SetUserBlocked(ctx, call, row.id, true)
			return err
		}
		return s.client.deleteUser(ctx, call, row.id)
	})
	switch {
	case err == nil, errors.Is(err, ErrNotFound) && outcome == SyncDeleted && doubt:
		return outcome, nil
	case errors.Is(err, ErrNotFound):
		return SyncVanished, nil
	}
	return SyncFailed, inDoubt(err, doubt)
}

func (s *syncing) record(row *bulkRow, outcome SyncOutcome, err error) {
	if row.number != 0 {
		s.done.Read++
	} else {
		s.done.Vanished++
	}
	switch outcome {
	case SyncCreated:
		s.done.Created++
	case SyncUpdated:
		s.done.Updated++
	case SyncUnchanged:
		s.done.Unchanged++
	case SyncBlocked:
		s.done.Blocked++
	case SyncDeleted:
		s.done.Deleted++
	case SyncFailed:
		s.done.Failed++
	case SyncVanished:
	}
	if s.o.OnRow != nil {
		s.o.OnRow(SyncRow{Row: row.number, ID: row.id, Params: row.params, Outcome: outcome, Err: err})
	}
}

func (s *syncing) tell(p bulkProgress) {
	s.done.Elapsed = p.elapsed
	if s.o.Progress != nil {
		s.o.Progress(s.done)
	}
}
