package rocketchat

import (
	"context"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// SetUserPicture makes the service fetch a picture from its URL, or uploads it.
// Either way the service stores a copy.
func (p *platform) SetUserPicture(ctx context.Context, call *messembed.Call, id string, picture messembed.Picture) (*messembed.User, error) {
	var request messembed.Request
	if picture.URL != "" {
		if !utf8.ValidString(picture.URL) {
			return nil, call.Invalid("Picture.URL: must be valid UTF-8")
		}
		request.Body = struct {
			AvatarURL string `json:"avatarUrl"`
			UserID    string `json:"userId"`
		}{picture.URL, id}
	} else {
		if err := adapter.CheckPicture(call, picture); err != nil {
			return nil, err
		}
		content, err := adapter.ReadPicture(call, picture)
		if err != nil {
			return nil, err
		}
		// The user id comes before the file, because the service reads the form
		// as a stream.
		request.Body, request.Type = adapter.PictureForm(picture, content, "image", "avatar", [2]string{"userId", id})
	}
	if err := done(ctx, call, opSetUserPicture, request); err != nil {
		return nil, err
	}
	return p.readBack(ctx, call, id)
}
