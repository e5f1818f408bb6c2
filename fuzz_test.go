package messembed_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
)

// canned is a transport that gives every request the same response.
type canned struct {
	status int
	body   []byte
	seen   *http.Request
}

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	c.seen = r
	return &http.Response{
		StatusCode: c.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(c.body)), Body: io.NopCloser(bytes.NewReader(c.body)),
	}, nil
}

func (c *canned) client(t *testing.T, opts ...messembed.Option) *messembed.Client {
	client, err := messembed.New("https://chat.example.com", append(opts, messembed.WithTransport(c), messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// addRecordings seeds a fuzz test with the responses of the real server.
func addRecordings(f *testing.F, wanted func(status int) bool) {
	f.Helper()
	file, err := os.Open("messembedtest/testdata/messembed-exchanges.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	seen := map[string]bool{}
	for lines.Scan() {
		var exchange struct {
			Status int
			Answer string
		}
		if json.Unmarshal(lines.Bytes(), &exchange) == nil && wanted(exchange.Status) && len(exchange.Answer) < 4<<10 && !seen[exchange.Answer] {
			seen[exchange.Answer] = true
			f.Add([]byte(exchange.Answer))
		}
	}
}

func isSuccess(status int) bool { return status < 300 }

// oddities are what a response may contain but no recording does.
var oddities = []string{
	`{}`, `[]`, `null`, `""`, ``, ` `, `{"_id":null}`, `{"_id":1}`, `{"_id":"a","_id":"b"}`, `{"_id":"a","externalMetadata":[]}`,
	`{"_id":"a","externalMetadata":{"k":1},"externalMetadata":{"l":2}}`, `{"_id":"a","externalMetadata":{"k":1},"externalMetadata":null}`,
	`{"_id":"\ud83d\ude00\ud83d"}`, "{\"_id\":\"\xff\"}", `{"_id":"a","createdAt":"2026-13-01T00:00:00Z"}`, `{"_id":"a","createdAt":0}`, `{"_id":"a"}x`, `{"_id":"a",}`,
	`{"_id":"a","n":01}`, `{"_id":"a","n":1e999}`, `{"_id":"a","externalMetadata":{"n":1e999}}`, `{"_id":"a","externalMetadata":{"n":9007199254740993}}`,
	`{"_ID":"a"}`, `{"\u005fid":"a"}`, `{"_id":"a","blockStatus":{}}`, `{"_id":"a","firstCompanion":"x"}`, `{"_id":"a","lastMessage":{"_id":"m","createdAt":"x"}}`,
	`{"_id":"a","attachments":[1,{},null]}`, `{"_id":"a","deletedFor":[1,"x"]}`, `{"_id":"a","read":"yes"}`, `{"data":[{"_id":"a"}]}`, `{"data":null}`, `{"data":[],"data":[{"_id":"a"}]}`,
	`{"messages":[{"_id":"a"}]}`, `{"totalCount":"x","data":[]}`, `{"totalCount":1e3,"data":[]}`, "\ufeff{\"_id\":\"a\"}",
}

func addOddities(f *testing.F) {
	for _, oddity := range oddities {
		f.Add([]byte(oddity))
	}
}

// checkDecoded holds what the SDK read of a JSON object against what
// encoding/json reads. A failure must be ErrInvalidResponse, and say it in one
// line.
func checkDecoded(t *testing.T, data []byte, err error, id string, metadata messembed.Metadata, raw json.RawMessage) {
	t.Helper()
	if err != nil {
		if !errors.Is(err, messembed.ErrInvalidResponse) && !errors.Is(err, messembed.ErrUnavailable) {
			t.Fatalf("%q: error %v", data, err)
		}
		checkErrorText(t, err)
		return
	}
	if repeatsKeys(data) {
		return // which of them counts is undefined
	}
	var object map[string]json.RawMessage
	if failed := json.Unmarshal(data, &object); failed != nil {
		t.Fatalf("%q was decoded, and is no object: %v", data, failed)
	}
	if !json.Valid(raw) {
		t.Fatalf("Raw %q is no JSON", raw)
	}
	var wantID string
	_ = json.Unmarshal(object["_id"], &wantID)
	if id != wantID {
		t.Fatalf("%q: ID %q, want %q", data, id, wantID)
	}
	var want any
	_ = json.Unmarshal(object["externalMetadata"], &want)
	if object, ok := want.(map[string]any); ok != (metadata != nil) || ok && !reflect.DeepEqual(object, map[string]any(metadata)) {
		t.Fatalf("%q: ExternalMetadata %#v, want %#v", data, metadata, want)
	}
}

// repeatsKeys reports whether an object has a key twice.
func repeatsKeys(data []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(data))
	type level struct {
		keys   map[string]bool // nil: an array
		isName bool
	}
	var levels []level
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		top := len(levels) - 1
		switch {
		case token == json.Delim('}') || token == json.Delim(']'):
			levels = levels[:top]
			continue
		case top >= 0 && levels[top].keys != nil && levels[top].isName:
			name, _ := token.(string)
			if levels[top].keys[name] {
				return true
			}
			levels[top].keys[name], levels[top].isName = true, false
			continue
		case top >= 0:
			levels[top].isName = true
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{map[string]bool{}, true})
		case json.Delim('['):
			levels = append(levels, level{})
		}
	}
}

// checkErrorText shows that an error is one line of readable text, and not
// long, whatever the service says.
func checkErrorText(t *testing.T, err error) {
	t.Helper()
	text := fmt.Sprintf("%v", err)
	if !utf8.ValidString(text) || len(text) > 2000 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		t.Fatalf("error text %q", text)
	}
	_, _, _ = fmt.Sprintf("%+v %#v", err, err), errors.Unwrap(err), err.(*messembed.Error).LogValue().Resolve() //nolint:errorlint // it is one
}

func FuzzUser(f *testing.F) {
	addRecordings(f, isSuccess)
	addOddities(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		user, err := (&canned{status: 200, body: data}).client(t).GetUser(t.Context(), "ada")
		if user == nil {
			user = &messembed.User{}
		}
		if errors.Is(err, messembed.ErrNotFound) {
			return // a tombstone
		}
		checkDecoded(t, data, err, user.ID, user.ExternalMetadata, user.Raw)
	})
}

const someChat = "0123456789abcdef01234567"

func FuzzChat(f *testing.F) {
	addRecordings(f, isSuccess)
	addOddities(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		chat, err := (&canned{status: 200, body: data}).client(t).GetChat(t.Context(), someChat)
		if chat == nil {
			chat = &messembed.Chat{}
		}
		checkDecoded(t, data, err, chat.ID, chat.ExternalMetadata, chat.Raw)
	})
}

func FuzzMessage(f *testing.F) {
	addRecordings(f, isSuccess)
	addOddities(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		message, err := (&canned{status: 201, body: data}).client(t).CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: someChat, UserID: "ada"})
		if message == nil {
			message = &messembed.Message{}
		}
		checkDecoded(t, data, err, message.ID, message.ExternalMetadata, message.Raw)
	})
}

// FuzzLists reads the same list as a whole and as a stream: the results must be
// equal.
func FuzzLists(f *testing.F) {
	addRecordings(f, isSuccess)
	addOddities(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		client := (&canned{status: 200, body: data}).client(t)
		page, err := client.ListChats(t.Context())
		var streamed []string
		var streamErr error
		for chat, err := range client.Chats(t.Context()) {
			if streamErr = err; err == nil {
				streamed = append(streamed, chat.ID)
			}
		}
		if err != nil || streamErr != nil {
			for _, err := range []error{err, streamErr} {
				if err != nil {
					checkErrorText(t, err)
				}
			}
			return
		}
		var whole []string
		for _, chat := range page.Chats {
			whole = append(whole, chat.ID)
		}
		if !repeatsKeys(data) && !reflect.DeepEqual(whole, streamed) {
			t.Fatalf("%q: whole %q, streamed %q", data, whole, streamed)
		}
		if !json.Valid(data) {
			t.Fatalf("%q was decoded, and is no JSON", data)
		}
	})
}

// FuzzMessages walks pages that are all the same: the walk must end.
func FuzzMessages(f *testing.F) {
	addRecordings(f, isSuccess)
	f.Add([]byte(`{"messages":[{"_id":"a","createdAt":"2026-01-01T00:00:00.000Z"},{"_id":"a","createdAt":"2026-01-01T00:00:00.000Z"}]}`))
	f.Add([]byte(`{"messages":[{"_id":"a","createdAt":"2026-01-01T00:00:00.000Z"},{"_id":"b","createdAt":"2025-01-01T00:00:00.000Z"}]}`))
	f.Add([]byte(`{"messages":[{"_id":"a"},{"_id":"b"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		client := (&canned{status: 200, body: data}).client(t)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		items := 0
		for _, err := range client.Messages(ctx, messembed.ListMessagesParams{Limit: 1}) {
			if err != nil {
				checkErrorText(t, err)
				break
			}
			if items++; items > 2*len(data) {
				t.Fatalf("%q: the walk does not end", data)
			}
		}
	})
}

func FuzzErrorBody(f *testing.F) {
	addRecordings(f, func(status int) bool { return status >= 400 })
	for _, body := range []string{
		`{"message":{"a":1}}`, `{"message":[[],{},1,null,"x"]}`, `{"code":1,"message":"x"}`, `{"validationErrors":{"a":"b"}}`,
		`{"validationErrors":[{"property":"id","constraints":{"b":"2","a":"1"}}]}`, `{"message":"a\u0000b\r\nc"}`, "{\"message\":\"\xff\"}",
		`{"message":"Cannot GET /x?password=secret"}`, `{"code":"X?password=secret"}`, `{"code":"` + strings.Repeat("é", 90) + `"}`, `<html>`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, status := range []int{400, 401, 404, 500} {
			_, err := (&canned{status: status, body: data}).client(t).GetUser(t.Context(), "ada")
			failure, ok := err.(*messembed.Error) //nolint:errorlint // it is what the method returns
			if !ok || failure.StatusCode != status || failure.Attempts != 1 || failure.MaybeApplied {
				t.Fatalf("%d %q: %#v", status, data, err)
			}
			checkErrorText(t, err)
			if strings.ContainsAny(failure.Message+failure.Code+strings.Join(failure.Details, ""), "?") && !strings.Contains(failure.Message, "is the base URL") {
				t.Fatalf("%d %q: a query is shown: %v", status, data, err)
			}
		}
	})
}
