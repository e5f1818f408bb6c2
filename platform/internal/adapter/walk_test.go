package adapter_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

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
				_, err := adapter.Walk(call, messembed.Operation{}, func(n, so int) (adapter.Page, error) {
					assert.Equal(t, reads, n)
					assert.Equal(t, before, so)
					reads, before = reads+1, before+len(pages[n])
					return adapter.Page{Users: users(pages[n]), Total: -1, Last: n == len(pages)-1}, nil
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
	for total, want := range map[int]error{2: nil, 3: messembed.ErrInvalidResponse} {
		err := called(t, func(_ context.Context, call *messembed.Call) error {
			_, err := adapter.Walk(call, messembed.Operation{}, func(int, int) (adapter.Page, error) {
				return adapter.Page{Users: users("ab"), Total: total}, nil
			}, func(*messembed.User) bool { return true })
			return err
		})
		require.ErrorIs(t, err, want, "the same page again and again, of %d", total)
	}
	broken := errors.New("broken")
	err := called(t, func(_ context.Context, call *messembed.Call) error {
		_, err := adapter.Walk(call, messembed.Operation{}, func(int, int) (adapter.Page, error) { return adapter.Page{}, broken }, nil)
		return err
	})
	assert.ErrorIs(t, err, broken)
}
