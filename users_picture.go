package messembed

import (
	"context"
	"io"
	"net/url"
)

// Picture is a user's picture, given either by URL, if it is hosted elsewhere,
// or by Content, to be uploaded.
type Picture struct {
	URL         string // http or https
	Name        string // file name of an upload, such as "jane.png"
	ContentType string // such as "image/png"
	Size        int64  // of Content, in bytes; 0 if unknown
	Content     io.Reader
}

// SetUserPicture sets a user's picture and returns the user. An unknown user is
// ErrNotFound; a Picture without exactly one of URL and Content is
// ErrInvalidArgument. Content is read into memory, so that it can be sent
// again. It is safe to retry.
//
// Rocket.Chat and ChatKitty have pictures ([FeatureUserPictures]). On Messembed
// a picture is a URL in ExternalMetadata, conventionally under "avatar".
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
	pictures, err := feature[PlatformPictures](call)
	if err != nil {
		return nil, err
	}
	return pictures.SetUserPicture(ctx, call, id, p)
}

func (call *Call) checkPicture(p Picture) error {
	switch {
	case (p.URL == "") == (p.Content == nil):
		return call.Invalid("Picture: exactly one of URL and Content must be set")
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
