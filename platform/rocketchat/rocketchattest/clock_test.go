package rocketchattest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestWithClock(t *testing.T) {
	now := time.Date(2022, 8, 1, 12, 0, 0, 0, time.UTC)
	fake := rocketchattest.New(t, rocketchattest.WithClock(func() time.Time { return now }))
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada", DisplayName: "Ada"}})
	user, err := fake.Client(t).GetUser(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, now, user.CreatedAt)
}
