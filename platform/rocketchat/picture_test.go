package rocketchat_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestSetUserPicture_hosted(t *testing.T) {
	fake := rocketchattest.New(t)
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada"}})

	user, err := fake.Client(t).SetUserPicture(t.Context(), id, messembed.Picture{URL: "https://pics.example.com/ada.png"})

	require.NoError(t, err)
	assert.Contains(t, user.Profile.AvatarURL, "/avatar/ada?etag=")
	assert.Equal(t, map[string]any{"avatarUrl": "https://pics.example.com/ada.png", "userId": id}, sent(t, fake, "SetUserPicture"))
}

// A retried upload has the same content.
func TestSetUserPicture_upload(t *testing.T) {
	fake := rocketchattest.New(t)
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada"}})
	fake.FailNext(messembedtest.Fault{Op: "SetUserPicture", Status: 502})

	_, err := fake.Client(t).SetUserPicture(t.Context(), id, messembed.Picture{
		Name: "a\"d\na.png", ContentType: "image/png", Size: 3, Content: iotest.OneByteReader(strings.NewReader("png")),
	})

	require.NoError(t, err)
	sent := fake.Requests()[1]
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

func TestSetUserPicture_permission(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithoutPermissions("edit-other-user-avatar"))
	id := fake.AddUser(messembed.User{})
	_, err := fake.Client(t).SetUserPicture(t.Context(), id, messembed.Picture{URL: "https://x"})
	failure(t, err, messembed.ErrPermissionDenied)
}
