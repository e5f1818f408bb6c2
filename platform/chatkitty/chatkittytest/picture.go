package chatkittytest

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strconv"
)

func (s *Server) setPicture(c *call) reply {
	u, missing := s.find(c)
	if u == nil {
		return missing
	}
	kind, parameters, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	address := ""
	switch kind {
	case "application/json", ownType:
		address = hostedFile(c.body)
	case "multipart/form-data":
		if name := uploadedFile(c.body, parameters["boundary"]); name != "" {
			address = api + "/files/" + strconv.FormatInt(u.id, 10) + "/" + url.PathEscape(name)
		}
	default:
		return unsupportedMediaType()
	}
	if address == "" {
		return clientError()
	}
	u.pictureURL = address
	return success(s.render(c.dialect, u))
}

// hostedFile returns the URL of a file that is described completely.
func hostedFile(body []byte) string {
	var file struct {
		URL         string `json:"url"`
		Name        string `json:"name"`
		ContentType string `json:"contentType"`
		Size        *int64 `json:"size"`
	}
	if err := json.Unmarshal(body, &file); err != nil || file.Name == "" || file.ContentType == "" || file.Size == nil {
		return ""
	}
	return file.URL
}

// uploadedFile returns the name of the form's file.
func uploadedFile(body []byte, boundary string) string {
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if err != nil {
			return ""
		}
		content, err := io.ReadAll(part)
		if err == nil && part.FormName() == "file" && len(content) > 0 {
			return part.FileName()
		}
	}
}
