package rocketchat

import (
	"context"
	"time"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// SetUserPicture makes the service fetch a picture from its URL, or uploads it.
// Either way the service stores a copy.
func (p *platform) SetUserPicture(ctx context.Context, call *messembed.Call, id string, picture messembed.Picture) (*messembed.User, error) {
	request, err := pictureRequest(call, id, picture)
	if err != nil {
		return nil, err
	}
	before, err := p.GetUser(ctx, call.Lookup(), id)
	if err != nil {
		return nil, err
	}
	if err := done(ctx, call, opSetUserPicture, request); err != nil {
		return nil, err
	}
	return p.newPicture(ctx, call, before)
}

func pictureRequest(call *messembed.Call, id string, picture messembed.Picture) (r messembed.Request, err error) {
	if picture.URL != "" {
		if !utf8.ValidString(picture.URL) {
			return r, call.Invalid("Picture.URL: must be valid UTF-8")
		}
		r.Body = struct {
			AvatarURL string `json:"avatarUrl"`
			UserID    string `json:"userId"`
		}{picture.URL, id}
		return r, nil
	}
	if err := adapter.CheckPicture(call, picture); err != nil {
		return r, err
	}
	content, err := adapter.ReadPicture(call, picture)
	if err != nil {
		return r, err
	}
	// The user id comes before the file, because the service reads the form as a
	// stream.
	r.Body, r.Type = adapter.PictureForm(picture, content, "image", "avatar", [2]string{"userId", id})
	return r, nil
}

// The service responds to a new picture half a second before it stores where
// the picture is. newPicture looks for it pictureLooks times.
const (
	pictureDelay = 700 * time.Millisecond
	pictureLooks = 4
)

// newPicture reads the user until its picture is another than before, or until
// the service had ample time.
func (p *platform) newPicture(ctx context.Context, call *messembed.Call, before *messembed.User) (*messembed.User, error) {
	backoff := call.Backoff()
	for look := 1; ; look++ {
		u, err := p.readBack(ctx, call, before.ID)
		if err != nil || u.Profile.AvatarURL != before.Profile.AvatarURL || look == pictureLooks {
			return u, err
		}
		backoff.Wait(ctx, pictureDelay) // if ctx ends, reading says so
	}
}
