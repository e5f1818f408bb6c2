package rightech_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
)

func TestDeleteUser(t *testing.T) {
	for _, body := range []string{`{"success":true}`, "", "OK", "<html>", "[]"} {
		fake := rightechtest.New(t, rightechtest.WithDeleteBody(body))
		client := fake.Client(t)
		id := fake.AddUser(messembed.User{})
		require.NoError(t, client.DeleteUser(t.Context(), id), body)
		assert.Empty(t, fake.Users())
		require.ErrorIs(t, client.DeleteUser(t.Context(), id), messembed.ErrNotFound)

		id = fake.AddUser(messembed.User{})
		fake.FailNext(messembedtest.Fault{Op: "DeleteUser", Reset: true, AfterApply: true})
		require.NoError(t, client.DeleteUser(t.Context(), id), "a lost response")
	}
}
