package chatkitty_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func TestDeleteUser(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{})
	require.NoError(t, client.DeleteUser(t.Context(), id), "the answer is the application and is not read as a user")
	assert.Empty(t, fake.Users())
	require.ErrorIs(t, client.DeleteUser(t.Context(), id), messembed.ErrNotFound)
}

func TestDeleteUser_lostAnswer(t *testing.T) {
	for name, fault := range map[string]messembedtest.Fault{
		"connection reset": {Op: "DeleteUser", Reset: true, AfterApply: true},
		"answer cut short": {Op: "DeleteUser", Truncate: 3},
	} {
		t.Run(name, func(t *testing.T) {
			fake := chatkittytest.New(t)
			id := fake.AddUser(messembed.User{})
			fake.FailNext(fault)
			require.NoError(t, fake.Client(t).DeleteUser(t.Context(), id))
			assert.Empty(t, fake.Users())
		})
	}
}

// A proxy may send a refusal on with status 200.
func TestDeleteUser_refusalWithStatus200(t *testing.T) {
	fake := chatkittytest.New(t)
	fake.FailNext(messembedtest.Fault{Op: "DeleteUser", Status: 200, Body: `{"error":"InternalServerError","message":"try again"}`})
	err := fake.Client(t).DeleteUser(t.Context(), fake.AddUser(messembed.User{}))
	require.ErrorIs(t, err, messembed.ErrInvalidResponse)
	failure, _ := errors.AsType[*messembed.Error](err)
	assert.True(t, failure.MaybeApplied)
}
