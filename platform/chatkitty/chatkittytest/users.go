package chatkittytest

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// find returns the user that the path names.
func (s *Server) find(c *call) (*user, reply) {
	id, err := strconv.ParseInt(c.id, 10, 64)
	if err != nil {
		return nil, clientError()
	}
	if u := s.byID[id]; u != nil {
		return u, reply{}
	}
	return nil, notFound()
}

// userBody is the body of a create or an update, in both spellings.
type userBody struct {
	Name             *string         `json:"name"`
	DisplayName      *string         `json:"displayName"`
	DisplayNameSnake *string         `json:"display_name"`
	IsGuest          *bool           `json:"isGuest"`
	IsGuestSnake     *bool           `json:"is_guest"`
	Properties       json.RawMessage `json:"properties"`
	Presence         *struct {
		Status *string `json:"status"`
	} `json:"presence"`
}

func readUserBody(data []byte) (b userBody, properties map[string]any, good bool) {
	if err := json.Unmarshal(data, &b); err != nil {
		return b, nil, false
	}
	if b.DisplayName == nil {
		b.DisplayName = b.DisplayNameSnake
	}
	if b.IsGuest == nil {
		b.IsGuest = b.IsGuestSnake
	}
	if len(b.Properties) > 0 && string(b.Properties) != "null" {
		var err error
		if properties, err = readObject(b.Properties); err != nil {
			return b, nil, false
		}
	}
	return b, properties, true
}

func (s *Server) createUser(c *call) reply {
	if kind, _, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type")); kind != "application/json" {
		return unsupportedMediaType()
	}
	b, properties, good := readUserBody(c.body)
	if !good || b.Name == nil || *b.Name == "" || b.DisplayName == nil || *b.DisplayName == "" || b.IsGuest == nil {
		return clientError()
	}
	if s.byName[*b.Name] != nil {
		return clientErrorWith(s.guesses.duplicateStatus)
	}
	if properties == nil {
		properties = map[string]any{}
	}
	u := &user{
		id: s.lastID + 1, kind: "PERSON", name: *b.Name, displayName: *b.DisplayName, guest: *b.IsGuest, status: unavailable,
		properties: properties,
	}
	s.insert(u)
	return success(s.render(u))
}

func (s *Server) getUser(c *call) reply {
	u, missing := s.find(c)
	if u == nil {
		return missing
	}
	return success(s.render(u))
}

func (s *Server) userExists(c *call) reply {
	switch {
	case !c.query.Has("name"):
		return clientError()
	case s.byName[c.query.Get("name")] == nil:
		return notFound()
	}
	return success(object{})
}

func (s *Server) listUsers(c *call) reply {
	found := s.users
	if c.query.Has("name") {
		found = nil
		for _, u := range s.users {
			if s.nameFits(u.name, c.query.Get("name")) {
				found = append(found, u)
			}
		}
	}
	return s.page(c, "users", len(found), func(i int) object { return s.render(found[i]) })
}

func (s *Server) nameFits(name, filter string) bool {
	if s.guesses.looseNameFilter {
		return strings.Contains(strings.ToLower(name), strings.ToLower(filter))
	}
	return name == filter
}

// updateUser merges. It ignores a name in the body, since the name cannot change.
func (s *Server) updateUser(c *call) reply {
	u, missing := s.find(c)
	if u == nil {
		return missing
	}
	kind, _, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	others := []string{"application/json", "application/merge-patch+json"}
	if kind != "application/json+merge-patch" && !(s.guesses.anyPatchType && slices.Contains(others, kind)) {
		return unsupportedMediaType()
	}
	b, properties, good := readUserBody(c.body)
	if !good || b.DisplayName != nil && *b.DisplayName == "" {
		return clientError()
	}
	if b.DisplayName != nil {
		u.displayName = *b.DisplayName
	}
	if b.IsGuest != nil {
		u.guest = *b.IsGuest
	}
	if b.Presence != nil && b.Presence.Status != nil {
		u.status = *b.Presence.Status
	}
	if properties != nil {
		u.properties = s.guesses.merge.apply(u.properties, properties)
	}
	return success(s.render(u))
}

// apply returns the result of applying patch to stored, without changing either.
func (m Merge) apply(stored, patch map[string]any) map[string]any {
	if m == Replace {
		return patch
	}
	out := make(map[string]any, len(stored)+len(patch))
	for key, value := range stored {
		out[key] = value
	}
	for key, value := range patch {
		below, isObject := value.(map[string]any)
		switch {
		case value == nil:
			delete(out, key)
		case isObject && m == MergeDeep:
			before, _ := out[key].(map[string]any)
			out[key] = m.apply(before, below)
		default:
			out[key] = value
		}
	}
	return out
}

// deleteUser responds with the application.
func (s *Server) deleteUser(c *call) reply {
	u, missing := s.find(c)
	if u == nil {
		return missing
	}
	s.setOnline(u, false)
	delete(s.byID, u.id)
	delete(s.byName, u.name)
	s.users = slices.DeleteFunc(s.users, func(other *user) bool { return other == u })
	return success(s.application())
}

func (s *Server) setPicture(c *call) reply {
	u, missing := s.find(c)
	if u == nil {
		return missing
	}
	kind, parameters, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	address := ""
	switch kind {
	case "application/json":
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
	return success(s.render(u))
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
