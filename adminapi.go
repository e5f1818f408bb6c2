package messembed

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// adminAPI is the Platform of Messembed, for its server of August 2022. What
// all resources share is here, and reading JSON in adminapi_read.go; each
// resource has a file with its operations, how they are sent, and how it is
// read.
type adminAPI struct {
	noDeleteRoute atomic.Bool // learned from the service
}

var _ interface {
	Platform
	PlatformBlocking
	PlatformTokens
	PlatformChats
	PlatformEvents
	PlatformSupports
} = (*adminAPI)(nil)

func newAdminAPI() *adminAPI { return new(adminAPI) }

// maxBody is the largest body in bytes that the server's parser accepts; to a
// larger one it answers 500.
const maxBody = 102_400

var opPing = Operation{Name: "Ping", Method: http.MethodGet, Route: "ping", Repeatable: true}

func (*adminAPI) Operations() []Operation {
	return slices.Concat([]Operation{opPing}, userOperations, chatOperations, messageOperations)
}

// Supports tells that DeleteUser is not the service's own.
func (*adminAPI) Supports(f Feature) bool { return f != FeatureDeleteUser }

// ReadRefusal reads the server's error bodies: a business error has a code, a
// validation error has a list as its message, any other has neither.
func (*adminAPI) ReadRefusal(status int, _ http.Header, body []byte) Refusal {
	var problem struct {
		Code             string          `json:"code"`
		Message          json.RawMessage `json:"message"`
		ValidationErrors json.RawMessage `json:"validationErrors"`
	}
	if json.Unmarshal(body, &problem) != nil {
		return Refusal{}
	}
	r := Refusal{Code: problem.Code}
	if json.Unmarshal(problem.Message, &r.Message) != nil {
		r.Details = textsOf(problem.Message)
	}
	r.Details = append(r.Details, textsOf(problem.ValidationErrors)...)
	switch {
	case r.Code == "BLOCK_STATUS_DOES_NOT_ALLOW":
		r.Kind = ErrUserBlocked
	case status == http.StatusUnauthorized && r.Code != "" && r.Code != "UNAUTHORIZED":
		r.Kind = ErrPermissionDenied // CHAT_CREATION_IS_DISALLOWED: not about the credentials
	case r.Code == "CHAT_IS_INACTIVE":
		r.Kind = ErrChatInactive
	}
	return r
}

// textsOf reads a list of strings, or of class-validator's objects with their
// constraints.
func textsOf(data json.RawMessage) []string {
	var elements []json.RawMessage
	if json.Unmarshal(data, &elements) != nil {
		return nil
	}
	var texts []string
	for _, element := range elements {
		var text string
		var found struct {
			Property    string            `json:"property"`
			Constraints map[string]string `json:"constraints"`
		}
		switch {
		case json.Unmarshal(element, &text) == nil:
			texts = append(texts, text)
		case json.Unmarshal(element, &found) == nil && len(found.Constraints) > 0:
			for _, name := range slices.Sorted(maps.Keys(found.Constraints)) {
				texts = append(texts, found.Constraints[name])
			}
		case found.Property != "":
			texts = append(texts, found.Property)
		}
	}
	return texts
}

func (*adminAPI) Ping(ctx context.Context, call *Call) error {
	answer, err := call.Send(ctx, opPing, Request{})
	if err != nil {
		return err
	}
	if string(bytes.TrimSpace(answer.Body)) != "pong" {
		return call.Unreadable(opPing, answer, BadField("ping", "the response is not pong; check the base URL"))
	}
	return nil
}

func (*adminAPI) CheckCredentials(ctx context.Context, call *Call) error {
	var page struct {
		Messages []json.RawMessage `json:"messages"`
	}
	answer, err := call.Decode(ctx, opListAllMessages, Request{Query: "limit=1"}, &page)
	if err == nil && page.Messages == nil {
		err = call.Unreadable(opListAllMessages, answer, BadField("messages", "missing from the response"))
	}
	return err
}

func (p *problems) addMetadata(external, private Metadata, rule metadataRule) {
	p.add(MetadataProblem("externalMetadata", external, rule))
	p.add(MetadataProblem("privateExternalMetadata", private, rule))
}

// keysOnCreate and keysOnUpdate are Messembed's rules, which come from MongoDB.
// The server answers 500 to a key that breaks one. An update of a user could
// store a dotted key, but that user could have no new chats, into which the
// server copies it.
func keysOnCreate(key string) string {
	if strings.Contains(key, ".") {
		return "a key must not contain a dot"
	}
	return keysOnUpdate(key)
}

func keysOnUpdate(key string) string {
	switch {
	case strings.HasPrefix(key, "$"):
		return "a key must not start with $"
	case strings.Contains(key, "\x00"):
		return "a key must not contain NUL"
	}
	return ""
}
