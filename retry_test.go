package messembed_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// The retry table of DESIGN.md, row by row, with the requests counted.
func TestRetryTable(t *testing.T) {
	safe := func(ctx context.Context, c *messembed.Client, chat string) error {
		_, err := c.UpdateUser(ctx, "ada", messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{"a": 1}})
		return err
	}
	unsafe := func(ctx context.Context, c *messembed.Client, chat string) error {
		_, err := c.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat, UserID: "ada", Content: "hi"})
		return err
	}
	tests := []struct {
		name         string
		fault        messembedtest.Fault
		safe, unsafe int // requests
		kind         error
		maybeApplied bool
	}{
		{"refused", messembedtest.Fault{Refuse: true}, 4, 4, messembed.ErrUnavailable, false},
		{"reset", messembedtest.Fault{Reset: true}, 4, 1, messembed.ErrUnavailable, true},
		{"reset after it was applied", messembedtest.Fault{Reset: true, AfterApply: true}, 4, 1, messembed.ErrUnavailable, true},
		{"answer cut short", messembedtest.Fault{Truncate: 5}, 4, 1, messembed.ErrUnavailable, true},
		{"no answer in time", messembedtest.Fault{Stall: true}, 3, 1, messembed.ErrUnavailable, true},
		{"answer stalls", messembedtest.Fault{Stall: true, Truncate: 5}, 3, 1, messembed.ErrUnavailable, true},
		{"502", messembedtest.Fault{Status: 502}, 4, 1, messembed.ErrUnavailable, true},
		{"504", messembedtest.Fault{Status: 504}, 4, 1, messembed.ErrUnavailable, true},
		{"503", messembedtest.Fault{Status: 503}, 4, 4, messembed.ErrUnavailable, false},
		{"429", messembedtest.Fault{Status: 429}, 4, 4, messembed.ErrRateLimited, false},
		{"500", messembedtest.Fault{Status: 500}, 2, 1, messembed.ErrUnavailable, true},
		{"400", messembedtest.Fault{Status: 400}, 1, 1, messembed.ErrInvalidArgument, false},
		{"401", messembedtest.Fault{Status: 401}, 1, 1, messembed.ErrUnauthenticated, false},
		{"403", messembedtest.Fault{Status: 403}, 1, 1, messembed.ErrPermissionDenied, false},
		{"408", messembedtest.Fault{Status: 408}, 1, 1, messembed.ErrInvalidArgument, false},
		{"418", messembedtest.Fault{Status: 418}, 1, 1, messembed.ErrInvalidArgument, false},
		{"501", messembedtest.Fault{Status: 501}, 1, 1, messembed.ErrUnavailable, true},
		{"HTML with 200", messembedtest.Fault{Status: 200, Body: "<html></html>"}, 1, 1, messembed.ErrInvalidResponse, true},
		{"JSON of another shape", messembedtest.Fault{Status: 200, Body: `[1]`}, 1, 1, messembed.ErrInvalidResponse, true},
		{"empty", messembedtest.Fault{Status: 200}, 1, 1, messembed.ErrInvalidResponse, true},
		{"redirect", messembedtest.Fault{Status: 302, Header: http.Header{"Location": {"https://evil.example.com/"}}}, 1, 1, messembed.ErrInvalidResponse, false},
	}
	for _, test := range tests {
		for _, operation := range []struct {
			name     string
			send     func(context.Context, *messembed.Client, string) error
			requests int
		}{{"safe to send twice", safe, test.safe}, {"not safe", unsafe, test.unsafe}} {
			t.Run(test.name+"/"+operation.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					fake := messembedtest.New(t)
					counting := &countingTransport{next: fake}
					client := fake.Client(t, messembed.WithTransport(counting))
					chat := chatOfAdaAndBob(t, client)
					fake.FailRandomly(1, 1, test.fault)
					counting.count = 0

					err := operation.send(t.Context(), client, chat)

					require.ErrorIs(t, err, test.kind)
					failure, ok := errors.AsType[*messembed.Error](err)
					require.True(t, ok)
					assert.Equal(t, operation.requests, counting.count, "requests")
					assert.Equal(t, operation.requests, failure.Attempts, "Attempts")
					assert.Equal(t, test.maybeApplied, failure.MaybeApplied, "MaybeApplied")
				})
			})
		}
	}
}

type countingTransport struct {
	next  http.RoundTripper
	count int
}

func (t *countingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.count++
	return t.next.RoundTrip(r)
}

func TestRetry_succeedsAfterAFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		for _, fault := range []messembedtest.Fault{{Reset: true}, {Status: 502}, {Status: 500}} {
			fake.FailNext(fault)
		}
		user, err := fake.Client(t).CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
		require.NoError(t, err)
		assert.Equal(t, "ada", user.ID)
	})
}

func TestRetryAfter(t *testing.T) {
	in := func(d time.Duration) func() string {
		return func() string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	}
	always := func(s string) func() string { return func() string { return s } }
	tests := []struct {
		name       string
		value      func() string
		wait       time.Duration // the only wait, after which the call succeeds
		retryAfter time.Duration // RetryAfter of the error that ends the call at once
	}{
		{name: "seconds", value: always("3"), wait: 3 * time.Second},
		{name: "none", value: always("0"), wait: 0},
		{name: "date", value: in(5 * time.Second), wait: 5 * time.Second},
		{name: "date that is past", value: in(-time.Hour), wait: 0},
		{name: "more than MaxBackoff", value: always("11"), retryAfter: 11 * time.Second},
		{name: "a year", value: always("31536000"), retryAfter: 365 * 24 * time.Hour},
		{name: "more than a number holds", value: always("99999999999999999999999"), retryAfter: 10 * 365 * 24 * time.Hour},
		{name: "a date in a year", value: in(365 * 24 * time.Hour), retryAfter: 365 * 24 * time.Hour},
	}
	for _, status := range []int{429, 503} {
		for _, test := range tests {
			t.Run(http.StatusText(status)+"/"+test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					fake := messembedtest.New(t)
					client := fake.Client(t)
					fake.AddUser(messembed.User{ID: "ada"})
					fake.FailNext(messembedtest.Fault{Status: status, RetryAfter: test.value()})
					began := time.Now()

					_, err := client.GetUser(t.Context(), "ada")

					assert.Equal(t, test.wait, time.Since(began).Truncate(time.Second))
					if test.retryAfter == 0 {
						require.NoError(t, err)
						return
					}
					failure, ok := errors.AsType[*messembed.Error](err)
					require.True(t, ok)
					assert.Equal(t, test.retryAfter, failure.RetryAfter)
					assert.Equal(t, 1, failure.Attempts)
				})
			})
		}
	}
	for _, malformed := range []string{"-5", "soon", "1.5", " "} {
		t.Run("malformed "+malformed, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				fake.AddUser(messembed.User{ID: "ada"})
				fake.FailNext(messembedtest.Fault{Status: 503, RetryAfter: malformed})
				_, err := fake.Client(t).GetUser(t.Context(), "ada")
				require.NoError(t, err)
			})
		})
	}
}

func TestRetryAfter_beyondTheDeadlineEndsTheCallAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.FailNext(messembedtest.Fault{Status: 429, RetryAfter: "8"})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()

		_, err := fake.Client(t).GetUser(ctx, "ada")

		require.ErrorIs(t, err, messembed.ErrRateLimited)
		assert.Zero(t, time.Since(began))
	})
}

func TestRetry_waitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.FailNext(messembedtest.Fault{Status: 503, RetryAfter: "9"})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()

		_, err := fake.Client(t).GetUser(ctx, "ada")

		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, messembed.ErrUnavailable)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.Equal(t, 503, failure.StatusCode, "the last answer is not hidden")
		assert.Equal(t, time.Second, time.Since(began))
	})
}

func TestEndedContextSendsNothing(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: "ada"})
	require.ErrorIs(t, err, context.Canceled)
	failure, _ := errors.AsType[*messembed.Error](err)
	assert.Zero(t, failure.Attempts)
	assert.False(t, failure.MaybeApplied)
	assert.Empty(t, fake.Requests())
}

func TestTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.FailRandomly(1, 1, messembedtest.Fault{Stall: true})
		client := fake.Client(t, messembed.WithAttemptTimeout(2*time.Second), messembed.WithTimeout(5*time.Second))
		began := time.Now()

		_, err := client.GetUser(t.Context(), "ada")

		require.ErrorIs(t, err, messembed.ErrUnavailable)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 5*time.Second, time.Since(began).Truncate(time.Second))
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.Equal(t, 3, failure.Attempts, "two whole attempts and the rest of the time")
	})
}

func TestBackoff_isBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.FailRandomly(1, 1, messembedtest.Fault{Status: 503})
		client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 20, MinBackoff: 100 * time.Millisecond, MaxBackoff: 200 * time.Millisecond}))
		began := time.Now()
		_, err := client.GetUser(t.Context(), "ada")
		require.ErrorIs(t, err, messembed.ErrUnavailable)
		assert.Less(t, time.Since(began), 19*200*time.Millisecond)
		assert.Positive(t, time.Since(began))
		assert.Len(t, fake.Requests(), 20)
	})
}

func TestLostAnswers(t *testing.T) {
	lost := messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true}
	params := messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Ada", "age": 36, "tags": []string{"x"}}}

	t.Run("settled as created", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			fake.FailNext(lost)
			user, err := fake.Client(t).CreateUser(t.Context(), params)
			require.NoError(t, err)
			assert.Equal(t, "Ada", user.ExternalMetadata["name"])
			assert.Len(t, fake.Users(), 1)
		})
	})
	t.Run("something else is there", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Another"}})
			fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true})
			_, err := fake.Client(t).CreateUser(t.Context(), params)
			require.ErrorIs(t, err, messembed.ErrAlreadyExists)
			failure, _ := errors.AsType[*messembed.Error](err)
			assert.Equal(t, 2, failure.Attempts, "the look-up does not count")
			assert.False(t, failure.MaybeApplied)
		})
	})
	t.Run("the look-up fails", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			fake.FailNext(lost)
			for range 4 {
				fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 502})
			}
			_, err := fake.Client(t).CreateUser(t.Context(), params)
			require.ErrorIs(t, err, messembed.ErrUnavailable)
			failure, _ := errors.AsType[*messembed.Error](err)
			assert.True(t, failure.MaybeApplied)
			assert.Equal(t, 2, failure.Attempts)
		})
	})
	t.Run("one attempt only", func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.FailNext(lost)
		_, err := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1})).CreateUser(t.Context(), params)
		require.ErrorIs(t, err, messembed.ErrUnavailable)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.True(t, failure.MaybeApplied)
	})
	t.Run("a first attempt that is refused is no second", func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "ada"})
		_, err := fake.Client(t).CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
		require.ErrorIs(t, err, messembed.ErrAlreadyExists)
	})
	t.Run("delete", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t, messembedtest.WithDeleteRoute())
			fake.AddUser(messembed.User{ID: "ada"})
			fake.FailNext(messembedtest.Fault{Op: "DeleteUser", Reset: true, AfterApply: true})
			require.NoError(t, fake.Client(t).DeleteUser(t.Context(), "ada"))
			assert.Empty(t, fake.Users())
		})
	})
	t.Run("chat", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			client := fake.Client(t)
			for _, id := range []string{"ada", "bo:b"} {
				fake.AddUser(messembed.User{ID: id})
			}
			fake.FailNext(messembedtest.Fault{Op: "CreateChat", Truncate: 3})
			chat, err := client.CreateChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bo:b"})
			require.NoError(t, err)
			assert.Equal(t, "bo:b", chat.SecondCompanion.ID)
			page, err := client.ListChats(t.Context())
			require.NoError(t, err)
			assert.Len(t, page.Chats, 1)
		})
	})
}
