package rocketchat_test

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestSetUserPicture_hosted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada"}})

		user, err := fake.Client(t).SetUserPicture(t.Context(), id, messembed.Picture{URL: "https://pics.example.com/ada.png"})

		require.NoError(t, err)
		assert.Contains(t, user.Profile.AvatarURL, "/avatar/ada?etag=")
		assert.Equal(t, map[string]any{"avatarUrl": "https://pics.example.com/ada.png", "userId": id}, sent(t, fake, "SetUserPicture"))
	})
}

// A retried upload has the same content.
func TestSetUserPicture_upload(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithPictureDelay(0))
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada"}})
	fake.FailNext(messembedtest.Fault{Op: "SetUserPicture", Status: 502})

	_, err := fake.Client(t).SetUserPicture(t.Context(), id, messembed.Picture{
		Name: "a\"d\na.png", ContentType: "image/png", Size: 3, Content: iotest.OneByteReader(strings.NewReader("png")),
	})

	require.NoError(t, err)
	require.Equal(t, []string{"GetUser", "SetUserPicture", "SetUserPicture", "GetUser"}, ops(fake))
	sent := fake.Requests()[2]
	_, mediaParams, err := mime.ParseMediaType(sent.Header.Get("Content-Type"))
	require.NoError(t, err)
	form := multipart.NewReader(strings.NewReader(string(sent.Body)), mediaParams["boundary"])
	part, err := form.NextPart()
	require.NoError(t, err)
	assert.Equal(t, "userId", part.FormName())
	part, err = form.NextPart()
	require.NoError(t, err)
	assert.Equal(t, "image", part.FormName())
	assert.Equal(t, "image/png", part.Header.Get("Content-Type"))
	data, err := io.ReadAll(part)
	require.NoError(t, err)
	assert.Equal(t, "png", string(data))
	_, err = form.NextPart()
	assert.Equal(t, io.EOF, err)
}

func TestSetUserPicture_refused(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	broken := errors.New("disk on fire")
	for says, picture := range map[string]messembed.Picture{
		"Picture.Content:":     {Content: iotest.ErrReader(broken)},
		"Picture.Size:":        {Content: strings.NewReader("abc"), Size: 4},
		"Picture.ContentType:": {Content: strings.NewReader("abc"), ContentType: "image/png\r\nX: y"},
		"Picture.Name:":        {Content: strings.NewReader("abc"), Name: "\xff"},
		"Picture.URL:":         {URL: "https://\xff"},
	} {
		_, err := client.SetUserPicture(t.Context(), "u", picture)
		e := failure(t, err, messembed.ErrInvalidArgument)
		assert.Contains(t, e.Message, says)
		assert.NotContains(t, e.Error(), "fire")
		assert.NotContains(t, e.Error(), "*errors.")
		assert.Equal(t, says == "Picture.Content:", errors.Is(err, broken))
	}
	assert.Empty(t, fake.Requests())
}

// The service responds half a second before the new picture can be read.
func TestSetUserPicture_storedLater(t *testing.T) {
	for name, c := range map[string]struct {
		delay time.Duration
		reads int // after the change
		late  bool
	}{
		"at once": {0, 1, false}, "half a second": {500 * time.Millisecond, 2, false}, "too late": {time.Minute, 4, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rocketchattest.New(t, rocketchattest.WithPictureDelay(c.delay))
				client := fake.Client(t)
				id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada", AvatarURL: "https://pics.example.com/old.png"}})
				picture := messembed.Picture{URL: "https://pics.example.com/ada.png"}
				before, err := client.GetUser(t.Context(), id)
				require.NoError(t, err)
				reads := count(fake, "GetUser")

				user, err := client.SetUserPicture(t.Context(), id, picture)

				require.NoError(t, err)
				assert.Equal(t, c.late, user.Profile.AvatarURL == before.Profile.AvatarURL)
				assert.Equal(t, 1+c.reads, count(fake, "GetUser")-reads)
			})
		})
	}
}

// While it waits for the new picture, the call can be ended; the picture is set.
func TestSetUserPicture_endedWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		id := fake.AddUser(messembed.User{})
		fake.FailNext(messembedtest.Fault{Op: "SetUserPicture", Status: 200, Body: `{"success":true}`})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()

		_, err := fake.Client(t).SetUserPicture(ctx, id, messembed.Picture{URL: "https://pics.example.com/ada.png"})

		assert.True(t, failure(t, err, messembed.ErrUnavailable).MaybeApplied)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestSetUserPicture_permission(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithoutPermissions("edit-other-user-avatar"))
	id := fake.AddUser(messembed.User{})
	_, err := fake.Client(t).SetUserPicture(t.Context(), id, messembed.Picture{URL: "https://x"})
	failure(t, err, messembed.ErrPermissionDenied)
}
