package rocketchattest

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

func isMultipart(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
}

// setAvatar accepts a URL as JSON or an image as a form. The fake neither
// fetches nor stores it.
func (s *Server) setAvatar(c *call) (document, *failure) {
	if c.request.Header.Get("Content-Type") == "" {
		return nil, plainFailure("Missing Content-Type")
	}
	params, origin := c.body, "url"
	if isMultipart(c.request) {
		form, failed := readForm(c.request)
		if failed != nil {
			return nil, failed
		}
		params, origin = form, "rest"
	} else {
		if failed := s.invalid("invalid-params", validator{version: s.version}.check(avatarSchema(), c.body)); failed != nil {
			return nil, failed
		}
		if c.body["avatarUrl"] == nil {
			return nil, plainFailure("Missing Content-Type")
		}
	}
	u := c.caller
	if params["userId"] != nil || params["username"] != nil {
		var failed *failure
		if u, failed = s.userFromParams(params); failed != nil {
			return nil, failed
		}
	}
	if u != c.caller && !s.may(c, "edit-other-user-avatar") {
		return nil, s.forbidden()
	}
	etag := s.ids.id()
	store := func() {
		if s.find(u.id()) == u {
			u.doc["avatarOrigin"], u.doc["avatarETag"], u.doc["_updatedAt"] = origin, etag, s.timestamp()
		}
	}
	if s.pictureDelay <= 0 {
		store()
		return document{}, nil
	}
	time.AfterFunc(s.pictureDelay, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		store()
	})
	return document{}, nil
}

// readForm reads the fields and checks that there is an image.
func readForm(r *http.Request) (document, *failure) {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, plainFailure("Missing Content-Type")
	}
	form := multipart.NewReader(bytes.NewReader(fakehttp.Body(r)), params["boundary"])
	fields, image := document{}, false
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, plainFailure("Unexpected end of form")
		}
		data, _ := io.ReadAll(part)
		if part.FileName() != "" {
			image = image || part.FormName() == "image" && len(data) > 0
			continue
		}
		fields[part.FormName()] = string(data)
	}
	if !image {
		return nil, plainFailure("The 'image' param is required")
	}
	return fields, nil
}

func (s *Server) getAvatar(c *call) (document, *failure) {
	u, failed := s.userFromParams(c.query)
	if failed != nil {
		return nil, failed
	}
	return document{"location": s.http.Origin() + s.basePath + "/avatar/" + u.text("username")}, nil
}
