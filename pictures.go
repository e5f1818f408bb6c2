package messembed

import (
	"context"
	"io"
)

// Picture is a user's picture: a hosted one by URL, or an upload by Content.
type Picture struct {
	URL         string // of a picture that is hosted elsewhere
	Name        string // the file's: "jane.png"
	ContentType string // "image/png"
	Size        int64  // bytes, where known
	Content     io.Reader
}

// SetUserPicture sets a user's picture and returns the user; an unknown one is
// ErrNotFound. Content is read into memory, so that it can be sent again.
// Rocket.Chat and ChatKitty have it ([FeatureUserPictures]); on Messembed a
// picture is a URL in ExternalMetadata, "avatar" by custom.
func (c *Client) SetUserPicture(ctx context.Context, id string, p Picture, opts ...RequestOption) (*User, error) {
	call, err := c.begin("SetUserPicture", opts)
	if err != nil {
		return nil, err
	}
	if err := call.requireID("id", id); err != nil {
		return nil, err
	}
	if (p.URL == "") == (p.Content == nil) {
		return nil, call.Invalid("Picture: needs either URL or Content")
	}
	if p.Size < 0 {
		return nil, call.Invalid("Picture.Size: must not be negative")
	}
	return c.platform.SetUserPicture(ctx, call, id, p)
}
