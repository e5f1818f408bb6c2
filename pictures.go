package messembed

import (
	"context"
	"io"
	"net/url"
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
	call, err := c.begin(ctx, "SetUserPicture", opts)
	if err != nil {
		return nil, err
	}
	if err := call.requireID("id", id); err != nil {
		return nil, err
	}
	if err := call.checkPicture(p); err != nil {
		return nil, err
	}
	return c.platform.SetUserPicture(ctx, call, id, p)
}

func (call *Caller) checkPicture(p Picture) error {
	switch {
	case (p.URL == "") == (p.Content == nil):
		return call.Invalid("Picture: needs exactly one of URL and Content")
	case p.Size < 0:
		return call.Invalid("Picture.Size: must not be negative")
	case p.URL == "":
		return nil
	}
	if u, err := url.Parse(p.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return call.Invalid("Picture.URL: must be an http or https URL")
	}
	return nil
}
