package chatkitty

import (
	"context"
	"mime"
	"net/url"
	"path"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// hostedPictureBody is a file hosted elsewhere. The service requires all four
// fields.
type hostedPictureBody struct {
	URL         string `json:"url"`
	Name        string `json:"name"`
	ContentType string `json:"contentType"`
	Size        int64  `json:"size"`
}

// SetUserPicture sends the URL of a hosted picture, or the picture itself as
// the multipart field "file". A missing name or content type is derived from
// the URL or the content; the Size of a hosted picture is sent as 0 if unknown.
func (p *platform) SetUserPicture(
	ctx context.Context, call *messembed.Call, id string, picture messembed.Picture,
) (*messembed.User, error) {
	if err := checkID(call, "id", id); err != nil {
		return nil, err
	}
	if err := adapter.CheckPicture(call, picture); err != nil {
		return nil, err
	}
	request := messembed.Request{Args: []string{id}}
	if picture.Content == nil {
		hosted, problem := hostedPicture(picture)
		if problem != "" {
			return nil, call.Invalid(problem)
		}
		request.Body = hosted
	} else {
		content, err := adapter.ReadPicture(call, picture)
		if err != nil {
			return nil, err
		}
		if len(content) == 0 {
			return nil, call.Invalid("Picture.Content: must not be empty")
		}
		request.Body, request.Type = adapter.PictureForm(picture, content, "file", "picture")
	}
	return p.user(ctx, call, opSetUserPicture, adapter.Who{ID: id}, request)
}

func hostedPicture(p messembed.Picture) (body hostedPictureBody, problem string) {
	at, err := url.Parse(p.URL)
	if err != nil || at.Scheme == "" || at.Host == "" {
		return hostedPictureBody{}, "Picture.URL: must be an absolute URL"
	}
	body = hostedPictureBody{p.URL, p.Name, p.ContentType, p.Size}
	if body.Name == "" {
		if body.Name = path.Base(at.Path); body.Name == "." || body.Name == "/" {
			return hostedPictureBody{}, "Picture.Name: must not be empty, since the URL contains no file name"
		}
	}
	if body.ContentType == "" {
		if body.ContentType = mime.TypeByExtension(path.Ext(body.Name)); body.ContentType == "" {
			return hostedPictureBody{}, "Picture.ContentType: must not be empty, since the picture's name does not imply it"
		}
	}
	return body, ""
}
