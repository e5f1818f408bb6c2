package rocketchat

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
)

// SetUserPicture has the service fetch a picture from its URL, or uploads it. The
// service keeps a copy either way.
func (p *platform) SetUserPicture(ctx context.Context, call *messembed.Caller, id string, picture messembed.Picture) (*messembed.User, error) {
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
		body, contentType, err := upload(call, id, picture)
		if err != nil {
			return nil, err
		}
		request.Body, request.Type = body, contentType
	}
	if err := done(ctx, call, opSetPicture, request); err != nil {
		return nil, err
	}
	return p.readBack(ctx, call, id)
}

// upload is the multipart form. The user comes before the file: the service reads
// the form as a stream.
func upload(call *messembed.Caller, id string, picture messembed.Picture) (body []byte, contentType string, err error) {
	content, err := io.ReadAll(picture.Content)
	if err != nil {
		failed := call.Invalid("Picture.Content: cannot be read")
		if e, ok := errors.AsType[*messembed.Error](failed); ok {
			e.Err = err
		}
		return nil, "", failed
	}
	if picture.Size > 0 && picture.Size != int64(len(content)) {
		return nil, "", call.Invalid("Picture.Size: Content has " + strconv.Itoa(len(content)) + " bytes")
	}
	kind := picture.ContentType
	if kind == "" {
		kind = http.DetectContentType(content)
	}
	if _, _, err := mime.ParseMediaType(kind); err != nil {
		return nil, "", call.Invalid("Picture.ContentType: is no media type")
	}
	name := picture.Name
	if name == "" {
		name = "avatar"
	}
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	_ = form.WriteField("userId", id) // a bytes.Buffer takes everything
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("image", name)},
		"Content-Type":        {kind},
	})
	if err != nil {
		return nil, "", call.Invalid("Picture.Name: cannot be sent")
	}
	_, _ = part.Write(content)
	_ = form.Close()
	return b.Bytes(), form.FormDataContentType(), nil
}
