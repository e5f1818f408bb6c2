package adapter

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/httpcall"
)

// CheckPicture rejects a name or content type that cannot be sent.
func CheckPicture(call *messembed.Call, p messembed.Picture) error {
	var problems Problems
	problems.Text("Picture.Name", p.Name)
	if p.ContentType != "" {
		_, _, err := mime.ParseMediaType(p.ContentType)
		problems.Add(err != nil, "Picture.ContentType: must be a media type")
	}
	return call.Invalid(problems...)
}

// ReadPicture reads a picture's Content into memory, so that it can be sent
// again.
func ReadPicture(call *messembed.Call, p messembed.Picture) ([]byte, error) {
	content, err := io.ReadAll(p.Content)
	if err != nil {
		failed := call.Invalid("Picture.Content: cannot be read")
		if e, ok := errors.AsType[*messembed.Error](failed); ok {
			e.Err = httpcall.NewCause(readError{err})
		}
		return nil, failed
	}
	if p.Size > 0 && p.Size != int64(len(content)) {
		return nil, call.Invalid("Picture.Size: Content has " + strconv.Itoa(len(content)) + " bytes")
	}
	return content, nil
}

// readError hides the error text of the caller's reader, which may contain a
// path or an address.
type readError struct{ err error }

func (readError) Error() string { return "Read failed" }

func (e readError) Unwrap() error { return e.err }

// PictureForm builds a multipart form with the content in a field after the
// values, which are pairs of name and text. name is used if the picture has
// none, and a missing content type is detected from the content.
func PictureForm(p messembed.Picture, content []byte, field, name string, values ...[2]string) (body []byte, contentType string) {
	if p.Name != "" {
		name = p.Name
	}
	kind := p.ContentType
	if kind == "" {
		kind = http.DetectContentType(content)
	}
	var b bytes.Buffer // writes to it never fail
	form := multipart.NewWriter(&b)
	for _, value := range values {
		_ = form.WriteField(value[0], value[1])
	}
	part, _ := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition(field, name)},
		"Content-Type":        {kind},
	})
	_, _ = part.Write(content)
	_ = form.Close()
	return b.Bytes(), form.FormDataContentType()
}
