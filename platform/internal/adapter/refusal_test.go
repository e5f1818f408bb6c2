package adapter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

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
