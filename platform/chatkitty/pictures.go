package chatkitty

import (
	"bytes"
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"path"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
)

// hostedPictureBody is a file that is hosted elsewhere. The service wants all four.
type hostedPictureBody struct {
	URL         string `json:"url"`
	Name        string `json:"name"`
	ContentType string `json:"contentType"`
	Size        int64  `json:"size"`
}

// SetUserPicture sends a hosted picture's address, or the picture itself as the multipart field
// "file". A name and a content type that are not given are read off the address or the content; a
// hosted picture's Size, where it is not known, is sent as 0.
func (p platform) SetUserPicture(
	ctx context.Context, call *messembed.Caller, id string, picture messembed.Picture,
) (*messembed.User, error) {
	if err := checkID(call, "id", id); err != nil {
		return nil, err
	}
	if problem := pictureProblem(picture); problem != "" {
		return nil, call.Invalid(problem)
	}
	request := messembed.Request{Args: []string{id}}
	if picture.Content == nil {
		hosted, problem := hostedPicture(picture)
		if problem != "" {
			return nil, call.Invalid(problem)
		}
		request.Body = hosted
	} else {
		body, contentType, problem := uploadedPicture(picture)
		if problem != "" {
			return nil, call.Invalid(problem)
		}
		request.Body, request.Type = body, contentType
	}
	return p.user(ctx, call, opSetUserPicture, request)
}

func pictureProblem(p messembed.Picture) string {
	if !utf8.ValidString(p.Name) {
		return "Picture.Name: must be valid UTF-8"
	}
	if p.ContentType != "" {
		if _, _, err := mime.ParseMediaType(p.ContentType); err != nil {
			return "Picture.ContentType: is no content type"
		}
	}
	return ""
}

func hostedPicture(p messembed.Picture) (body hostedPictureBody, problem string) {
	at, err := url.Parse(p.URL)
	if err != nil || at.Scheme == "" || at.Host == "" {
		return hostedPictureBody{}, "Picture.URL: is no absolute URL"
	}
	body = hostedPictureBody{p.URL, p.Name, p.ContentType, p.Size}
	if body.Name == "" {
		if body.Name = path.Base(at.Path); body.Name == "." || body.Name == "/" {
			return hostedPictureBody{}, "Picture.Name: ChatKitty wants one, and the URL has none"
		}
	}
	if body.ContentType == "" {
		if body.ContentType = mime.TypeByExtension(path.Ext(body.Name)); body.ContentType == "" {
			return hostedPictureBody{}, "Picture.ContentType: ChatKitty wants it, and the picture's name does not tell"
		}
	}
	return body, ""
}

func uploadedPicture(p messembed.Picture) (body []byte, contentType, problem string) {
	content, err := io.ReadAll(p.Content)
	switch {
	case err != nil:
		return nil, "", "Picture.Content: cannot be read"
	case len(content) == 0:
		return nil, "", "Picture.Content: is empty"
	case p.Size > 0 && p.Size != int64(len(content)):
		return nil, "", "Picture.Size: is not that of Content"
	}
	kind := p.ContentType
	if kind == "" {
		kind = http.DetectContentType(content)
	}
	name := p.Name
	if name == "" {
		name = "picture"
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("file", name)},
		"Content-Type":        {kind},
	})
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, "", "Picture: cannot be written as a form"
	}
	return form.Bytes(), w.FormDataContentType(), ""
}
