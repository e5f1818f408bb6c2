package rightech_test

import (
	"errors"
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

// A proxy may send a refusal on with status 200.
func TestDeleteUser_refusalWithStatus200(t *testing.T) {
	for _, body := range []string{`{"success":false,"code":"503"}`, `{"error":"Service Unavailable"}`, `{"statusCode":503}`} {
		fake := rightechtest.New(t)
		fake.FailNext(messembedtest.Fault{Op: "DeleteUser", Status: 200, Body: body})
		err := fake.Client(t).DeleteUser(t.Context(), fake.AddUser(messembed.User{}))
		require.ErrorIs(t, err, messembed.ErrInvalidResponse, body)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.True(t, failure.MaybeApplied)
	}
}
