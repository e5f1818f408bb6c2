package messembedtest

import (
	"encoding/json"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// AddUser stores a user, without a request; one with the same id is replaced. Its ID, metadata, block status and times are kept; a zero
// CreatedAt is now. Metadata that JSON cannot express fails the test.
func (s *Server) AddUser(u messembed.User) {
	s.tb.Helper()
	created := s.now()
	if !u.CreatedAt.IsZero() {
		created = dateOf(u.CreatedAt)
	}
	var status, statusAt value
	if u.BlockStatus != "" {
		status, statusAt = text(u.BlockStatus), created
	}
	if !u.BlockStatusUpdatedAt.IsZero() {
		statusAt = dateOf(u.BlockStatusUpdatedAt)
	}
	document := newObject(
		"_id", text(u.ID),
		"createdAt", created,
		"updatedAt", dateOrNull(u.UpdatedAt),
		"deletedAt", dateOrNull(u.DeletedAt),
		"externalMetadata", s.metadata(u.ExternalMetadata),
		"privateExternalMetadata", s.metadata(u.PrivateExternalMetadata),
		"blockStatus", status,
		"blockStatusUpdatedAt", statusAt,
		"__v", 0.0,
	)
	kept, err := storedDocument(document, func(*object, int) error { return nil })
	if err != nil {
		s.tb.Errorf("messembedtest: AddUser %q: the metadata cannot be stored", u.ID)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users.replace(kept)
}

// User returns the user as it is stored; false when there is none.
func (s *Server) User(id string) (messembed.User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	document := s.users.find(text(id))
	if document == nil {
		return messembed.User{}, false
	}
	return *userOf(document), true
}

// Users returns all users in the order in which they were created.
func (s *Server) Users() []messembed.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]messembed.User, len(s.users.documents))
	for i, document := range s.users.documents {
		out[i] = *userOf(document)
	}
	return out
}

func userOf(o *object) *messembed.User {
	return &messembed.User{
		ID:                      o.text("_id"),
		CreatedAt:               timeOf(o.get("createdAt")),
		UpdatedAt:               timeOf(o.get("updatedAt")),
		DeletedAt:               timeOf(o.get("deletedAt")),
		ExternalMetadata:        metadataOf(o.get("externalMetadata")),
		PrivateExternalMetadata: metadataOf(o.get("privateExternalMetadata")),
		BlockStatus:             messembed.BlockStatus(o.text("blockStatus")),
		BlockStatusUpdatedAt:    timeOf(o.get("blockStatusUpdatedAt")),
		Raw:                     appendJSON(nil, o),
	}
}

// metadata makes a value of metadata; nil is a field that is not there.
func (s *Server) metadata(m map[string]any) value {
	if m == nil {
		return undefined{}
	}
	data, err := json.Marshal(m)
	if err != nil {
		s.tb.Errorf("messembedtest: metadata: %v", err)
		return undefined{}
	}
	v, err := parseJSON(string(data))
	if err != nil {
		s.tb.Errorf("messembedtest: metadata: %v", err)
		return undefined{}
	}
	return v
}

// metadataOf is nil for what is no object.
func metadataOf(v value) messembed.Metadata {
	o, ok := v.(*object)
	if !ok {
		return nil
	}
	var m messembed.Metadata
	if err := json.Unmarshal(appendJSON(nil, o), &m); err != nil {
		return nil
	}
	return m
}

func dateOrNull(t time.Time) value {
	if t.IsZero() {
		return nil
	}
	return dateOf(t)
}

func timeOf(v value) time.Time {
	if d, ok := v.(date); ok {
		return d.time()
	}
	return time.Time{}
}
