package adapter_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// platform passes its call to a test.
type platform struct {
	messembed.Platform
	ping func(context.Context, *messembed.Call) error
}

func (p platform) Ping(ctx context.Context, call *messembed.Call) error { return p.ping(ctx, call) }

// called runs a call and returns its error.
func called(t *testing.T, ping func(context.Context, *messembed.Call) error) error {
	t.Helper()
	client := messembedtest.New(t).Client(t, messembed.WithPlatform(platform{ping: ping}))
	return client.Ping(t.Context())
}

// users returns users with ids of one letter; "0" stands for no id.
func users(ids string) []*messembed.User {
	var all []*messembed.User
	for _, id := range ids {
		all = append(all, &messembed.User{ID: strings.Trim(string(id), "0")})
	}
	return all
}

func TestWalk(t *testing.T) {
	for name, c := range map[string]struct {
		pages string // the last is the last
		want  string
		reads int
	}{
		"one":                           {"abc", "abc", 1},
		"none":                          {"", "", 1},
		"more":                          {"abc de f", "abcdef", 3},
		"moved up by one":               {"abc cde ef", "abcdef", 3},
		"twice on a page":               {"aab c", "abc", 2},
		"the same page again and again": {"abc abc d", "abc", 2},
		"moved twice":                   {"ab bc bd", "abcd", 3},
		"without ids":                   {"a0 0b 00 c", "a00b00", 3},
		"until the consumer has enough": {"abX cd", "abX", 1},
	} {
		t.Run(name, func(t *testing.T) {
			pages := strings.Split(c.pages, " ")
			got, reads, before := "", 0, 0
			require.NoError(t, called(t, func(_ context.Context, call *messembed.Call) error {
				_, err := adapter.Walk(call, func(n, so int) (adapter.Page, error) {
					assert.Equal(t, reads, n)
					assert.Equal(t, before, so)
					reads, before = reads+1, before+len(pages[n])
					return adapter.Page{Users: users(pages[n]), Last: n == len(pages)-1}, nil
				}, func(u *messembed.User) bool {
					got += (u.ID + "0")[:1]
					return u.ID != "X"
				})
				return err
			}))
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.reads, reads)
		})
	}
	broken := errors.New("broken")
	err := called(t, func(_ context.Context, call *messembed.Call) error {
		_, err := adapter.Walk(call, func(int, int) (adapter.Page, error) { return adapter.Page{}, broken }, nil)
		return err
	})
	assert.ErrorIs(t, err, broken)
}

func TestAs(t *testing.T) {
	refused := &messembed.Error{
		Op: "another", StatusCode: 400, Code: "c", Message: "m", Details: []string{"d"}, RetryAfter: 1, Attempts: 2, MaybeApplied: true,
	}
	err := called(t, func(_ context.Context, call *messembed.Call) error {
		return adapter.As(call, messembed.ErrAlreadyExists, refused)
	})
	require.ErrorIs(t, err, messembed.ErrAlreadyExists)
	e, _ := errors.AsType[*messembed.Error](err)
	assert.Equal(t, "Ping", e.Op)
	assert.NotEmpty(t, e.RequestID)
	assert.Equal(t, []any{400, "c", "m", []string{"d"}, refused.RetryAfter, 2, true}, []any{e.StatusCode, e.Code, e.Message, e.Details, e.RetryAfter, e.Attempts, e.MaybeApplied})
}

func TestUnsettled(t *testing.T) {
	refused := &messembed.Error{StatusCode: 400, Attempts: 2}
	failed := &messembed.Error{Op: "CreateUser", StatusCode: 503, Attempts: 4}
	e, _ := errors.AsType[*messembed.Error](adapter.Unsettled(refused, failed, "name"))
	assert.Equal(t, []any{503, 2, true}, []any{e.StatusCode, e.Attempts, e.MaybeApplied})
	assert.Contains(t, e.Message, "whether the name is taken")
	assert.False(t, failed.MaybeApplied)
	assert.Equal(t, context.Canceled, adapter.Unsettled(refused, context.Canceled, "name"))
}

func TestHopeless(t *testing.T) {
	for kind, want := range map[error][2]bool{ // unsettled, settled
		messembed.ErrUnauthenticated: {true, true}, messembed.ErrPermissionDenied: {true, true}, messembed.ErrUnsupported: {true, true},
		messembed.ErrInvalidArgument: {true, true}, messembed.ErrTooLarge: {true, true}, messembed.ErrInvalidResponse: {true, false},
		messembed.ErrUnavailable: {}, messembed.ErrRateLimited: {}, messembed.ErrNotFound: {}, context.Canceled: {},
	} {
		assert.Equal(t, want, [2]bool{adapter.Hopeless(kind, false), adapter.Hopeless(kind, true)}, kind)
	}
	assert.False(t, adapter.Hopeless(nil, false))
}

func TestLoose(t *testing.T) {
	var said struct {
		A, B, C, D adapter.Loose[string]
	}
	require.NoError(t, json.Unmarshal([]byte(`{"A":"x","B":7,"C":null}`), &said))
	assert.Equal(t, adapter.Loose[string]{Value: "x", Given: true}, said.A)
	assert.Equal(t, adapter.Loose[string]{Given: true}, said.B)
	assert.Equal(t, adapter.Loose[string]{Given: true}, said.C)
	assert.Zero(t, said.D)
}
