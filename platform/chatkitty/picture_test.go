package chatkitty_test

import (
	"bytes"
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
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func TestSetUserPicture_hosted(t *testing.T) {
	for name, c := range map[string]struct {
		picture messembed.Picture
		body    string
	}{
		"all given": {
			messembed.Picture{URL: "https://example.com/files/jane.png", Name: "Jane.png", ContentType: "image/png", Size: 123115},
			`{"url":"https://example.com/files/jane.png","name":"Jane.png","contentType":"image/png","size":123115}`,
		},
		"read off the URL": {
			messembed.Picture{URL: "https://example.com/files/jane.png?size=3"},
			`{"url":"https://example.com/files/jane.png?size=3","name":"jane.png","contentType":"image/png","size":0}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			fake := chatkittytest.New(t)
			id := fake.AddUser(messembed.User{})
			u, err := fake.Client(t).SetUserPicture(t.Context(), id, c.picture)
			require.NoError(t, err)
			assert.Equal(t, c.picture.URL, u.Profile.AvatarURL)
			assert.JSONEq(t, c.body, string(fake.Requests()[1].Body))
		})
	}
}

func TestSetUserPicture_uploaded(t *testing.T) {
	fake := chatkittytest.New(t)
	id := fake.AddUser(messembed.User{})
	content := "\x89PNG\r\n\x1a\n" + strings.Repeat("x", 100)
	fake.FailNext(messembedtest.Fault{Op: "SetUserPicture", Reset: true}) // it can be retried
	u, err := fake.Client(t).SetUserPicture(t.Context(), id, messembed.Picture{
		Name: "jané \"1\".png", Content: iotest.OneByteReader(strings.NewReader(content)), Size: int64(len(content)),
	})
	require.NoError(t, err)
	assert.Contains(t, u.Profile.AvatarURL, "jan%C3%A9")

	sent := fake.Requests()[2]
	_, parameters, err := mime.ParseMediaType(sent.Header.Get("Content-Type"))
	require.NoError(t, err)
	part, err := multipart.NewReader(bytes.NewReader(sent.Body), parameters["boundary"]).NextPart()
	require.NoError(t, err)
	assert.Equal(t, "file", part.FormName())
	assert.Equal(t, `jané "1".png`, part.FileName())
	assert.Equal(t, "image/png", part.Header.Get("Content-Type"))
	got, err := io.ReadAll(part)
	require.NoError(t, err)
	assert.Equal(t, content, string(got))
}

func TestSetUserPicture_refuses(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	broken := errors.New("disk on fire")
	for says, picture := range map[string]messembed.Picture{
		"Picture: exactly one":                   {},
		"Picture.URL:":                           {URL: "jane.png"},
		"Picture.Name: must not be empty":        {URL: "https://example.com/"},
		"Picture.Name: must be valid":            {URL: "https://example.com/a.png", Name: "\xff"},
		"Picture.ContentType: must not be empty": {URL: "https://example.com/jane"},
		"Picture.ContentType: must be a media":   {URL: "https://example.com/jane", ContentType: "image/png\r\nX: y"},
		"Picture.Content: must not be empty":     {Content: strings.NewReader("")},
		"Picture.Content: cannot":                {Content: iotest.ErrReader(broken)},
		"Picture.Size: Content has 3":            {Content: strings.NewReader("abc"), Size: 4},
	} {
		_, err := client.SetUserPicture(t.Context(), "1", picture)
		require.ErrorIs(t, err, messembed.ErrInvalidArgument, says)
		assert.ErrorContains(t, err, says)
		assert.Equal(t, says == "Picture.Content: cannot", errors.Is(err, broken), says)
		assert.NotContains(t, err.Error(), "fire")
		assert.NotContains(t, err.Error(), "*errors.")
	}
	assert.Empty(t, fake.Requests())
	_, err := client.SetUserPicture(t.Context(), "1", messembed.Picture{Content: strings.NewReader("abc")})
	assert.ErrorIs(t, err, messembed.ErrNotFound)
}
