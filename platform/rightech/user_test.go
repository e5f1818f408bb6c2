package rightech_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rightech"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
)

// exact decodes a JSON object, keeping numbers as they are written.
func exact(t *testing.T, data []byte) map[string]json.RawMessage {
	t.Helper()
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &fields))
	for name, value := range fields {
		compact, err := json.Marshal(value)
		require.NoError(t, err)
		fields[name] = compact
	}
	return fields
}

func TestDecode_losesNothing(t *testing.T) {
	files, err := filepath.Glob("testdata/user-*.json")
	require.NoError(t, err)
	require.Len(t, files, 4)
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			document, err := os.ReadFile(file)
			require.NoError(t, err)
			u, err := rightech.Decode(&messembed.User{Raw: document})
			require.NoError(t, err)
			again, err := json.Marshal(u)
			require.NoError(t, err)
			assert.Equal(t, exact(t, document), exact(t, again))
		})
	}
}

func TestDecode_readsEveryField(t *testing.T) {
	document, err := os.ReadFile("testdata/user-node.json")
	require.NoError(t, err)
	u, err := rightech.Decode(&messembed.User{Raw: document})
	require.NoError(t, err)
	created, changed := u.CreatedAt, u.ChangedAt
	assert.Equal(t, time.Date(2026, 6, 12, 22, 21, 13, 439e6, time.UTC), created.Time)
	assert.Equal(t, int64(1781302934135), changed.UnixMilli())
	assert.Equal(t, "6a2c8659e7f163fb71bd0f2b", u.ID)
	assert.Equal(t, "zxczxczxc@gmail.com", u.Login)
	assert.Equal(t, "ZXCZXCZXC", u.Name)
	assert.Equal(t, "zxczxczxc@gmail.com", u.Email)
	assert.Equal(t, "+1234567890", u.Phone)
	assert.Equal(t, "5c5061c11af9ac1100e8d55f", u.Role)
	assert.Equal(t, 1.5, u.Rights)
	assert.True(t, u.Messages)
	assert.True(t, u.Temp)
	assert.Equal(t, []string{"6a2c8659e7f163fb71bd0f2b"}, u.Access)
	assert.Equal(t, "682dd754b0738b9392dffd7e", u.Owner)
	assert.Equal(t, "62667930daacc00012016e92", u.Group)
	assert.False(t, u.Disabled || u.WebDisabled)
	assert.Nil(t, u.Extra)

	document, err = os.ReadFile("testdata/user-odd.json")
	require.NoError(t, err)
	u, err = rightech.Decode(&messembed.User{Raw: document})
	require.NoError(t, err)
	assert.Equal(t, "ru", u.Locale)
	assert.Equal(t, -180.0, u.TimezoneOffset)
	assert.Equal(t, "first\nsecond", u.Description)
	assert.NotEmpty(t, u.Links)
	assert.Empty(t, u.Email, "not a text")
	assert.Len(t, u.Extra, 2)
	assert.Contains(t, u.Extra, "email")
}

func TestDecode_changesAreEncoded(t *testing.T) {
	u, err := rightech.Decode(&messembed.User{Raw: json.RawMessage(`{"_id":"a","name":"x","time":1000,"success":true,"email":["odd"]}`)})
	require.NoError(t, err)
	assert.JSONEq(t, `true`, string(u.Extra["success"]))
	u.Name, u.Disabled, u.ChangedAt = "y", true, rightech.Time{Time: time.UnixMilli(2000)}
	delete(u.Extra, "success")
	again, err := json.Marshal(u)
	require.NoError(t, err)
	assert.JSONEq(t, `{"_id":"a","name":"y","time":1000,"email":["odd"],"disabled":true,"_at":2000}`, string(again))
	made, err := json.Marshal(rightech.User{ID: "a", Login: "x"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"_id":"a","login":"x"}`, string(made))
}

func TestDecode_ofWhatTheClientReads(t *testing.T) {
	fake := rightechtest.New(t, rightechtest.WithFullReads())
	id := fake.AddUser(messembed.User{})
	u, err := fake.Client(t).GetUser(t.Context(), id)
	require.NoError(t, err)
	typed, err := rightech.Decode(u)
	require.NoError(t, err)
	assert.Equal(t, []string{id}, typed.Access)
	assert.True(t, typed.ChangedAt.IsZero(), "nothing has changed yet")
}

func TestDecode_nothing(t *testing.T) {
	for raw, kind := range map[string]error{"": messembed.ErrInvalidArgument, "null": messembed.ErrInvalidResponse, "[]": messembed.ErrInvalidResponse, "{": messembed.ErrInvalidResponse} {
		_, err := rightech.Decode(&messembed.User{Raw: json.RawMessage(raw)})
		assert.ErrorIs(t, err, kind, "%q", raw)
	}
	_, err := rightech.Decode(nil)
	assert.ErrorIs(t, err, messembed.ErrInvalidArgument)
}
