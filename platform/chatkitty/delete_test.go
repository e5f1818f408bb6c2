package chatkitty_test

import (
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
