package modelcheck_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	messembed "github.com/messembed/messembed-go"
)

// possible is the set of states that something may be in.
type possible[S comparable] struct {
	name   string
	states []S
}

// A step is the effect of an operation on one state, and its result.
type step[S comparable] struct {
	after []S   // one state, or all possible ones; none means unchanged
	kind  error // nil means success
	also  error // another correct kind; errSuccess means that success is correct too
}

// errSuccess represents success if a step may end in two ways.
var errSuccess = errors.New("success")

// told narrows the set by the result of an operation, and returns an error if
// no state is left, which means that the result was untrue.
func (p *possible[S]) told(op string, err error, does func(S) step[S], matches func(S) bool) error {
	var left []S
	add := func(states ...S) {
		for _, s := range states {
			if !slices.Contains(left, s) {
				left = append(left, s)
			}
		}
	}
	for _, before := range p.states {
		s := does(before)
		after := s.after
		if len(after) == 0 {
			after = []S{before}
		}
		succeeds := s.kind == nil || s.also == errSuccess
		var e *messembed.Error
		switch {
		case err == nil:
			for _, state := range after {
				if succeeds && (matches == nil || matches(state)) {
					add(state)
				}
			}
		case !errors.As(err, &e):
			return fmt.Errorf("%s %s: %T is not an *Error: %w", op, p.name, err, err)
		case isBusiness(err) && !e.MaybeApplied:
			if s.kind != nil && errors.Is(err, s.kind) || s.also != nil && errors.Is(err, s.also) {
				add(before)
			}
		default:
			add(before)
			if e.MaybeApplied && succeeds {
				add(after...)
			}
		}
	}
	if len(left) == 0 {
		return fmt.Errorf("%s %s: result %q, which no state of %v allows", op, p.name, fmt.Sprint(err), p.states)
	}
	p.states = left
	return nil
}

// isBusiness reports whether an error is about the stored data, which no fault
// of the transport produces.
func isBusiness(err error) bool {
	return errors.Is(err, messembed.ErrNotFound) || errors.Is(err, messembed.ErrAlreadyExists) || errors.Is(err, messembed.ErrChatInactive) ||
		errors.Is(err, messembed.ErrUserBlocked)
}

var kinds = []error{
	messembed.ErrInvalidArgument, messembed.ErrUnauthenticated, messembed.ErrPermissionDenied, messembed.ErrNotFound, messembed.ErrAlreadyExists,
	messembed.ErrUserBlocked, messembed.ErrChatInactive, messembed.ErrRateLimited, messembed.ErrUnavailable, messembed.ErrTooLarge,
	messembed.ErrInvalidResponse, messembed.ErrTooManyFailures, messembed.ErrUnsupported,
}

// checkError checks what holds for every error.
func checkError(op string, err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*messembed.Error](err)
	if !ok {
		return fmt.Errorf("%s: %T is not an *Error: %w", op, err, err)
	}
	is := 0
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			is++
		}
	}
	if is != 1 || !strings.HasPrefix(op, e.Op) || e.Attempts < 0 || e.Attempts > 5 {
		return fmt.Errorf("%s: an error of %d kinds, %d attempts: %w", op, is, e.Attempts, err)
	}
	return nil
}
