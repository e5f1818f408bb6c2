package rocketchat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestDeleteUser_lastOwner(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{})
	fake.SetLastOwner(id, "general")

	e := failure(t, client.DeleteUser(t.Context(), id), messembed.ErrPermissionDenied)
	assert.Equal(t, "user-last-owner", e.Code)
	assert.Contains(t, e.Message, "ConfirmRelinquish")
	_, err := client.BlockUser(t.Context(), id)
	failure(t, err, messembed.ErrPermissionDenied)
	_, err = client.UpdateUser(t.Context(), id, messembed.UpdateUserParams{BlockStatus: messembed.BlockDeactivated})
	failure(t, err, messembed.ErrPermissionDenied)

	user, err := client.BlockUser(t.Context(), id, rocketchat.ConfirmRelinquish())
	require.NoError(t, err)
	assert.True(t, user.Blocked())
	fake.SetLastOwner(id, "general")
	require.NoError(t, client.DeleteUser(t.Context(), id, rocketchat.ConfirmRelinquish()))
	assert.Empty(t, fake.Users())
}

func TestDeleteUser_lostAnswer(t *testing.T) {
	fake := rocketchattest.New(t)
	id := fake.AddUser(messembed.User{})
	fake.FailNext(messembedtest.Fault{Op: "DeleteUser", Reset: true, AfterApply: true})

	require.NoError(t, fake.Client(t).DeleteUser(t.Context(), id))
}
