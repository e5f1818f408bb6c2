package messembed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestErrorMapping(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		kind   error
		code   string
		says   string
	}{
		{"credentials", 401, `{"statusCode":401,"message":"Unauthorized"}`, messembed.ErrUnauthenticated, "", "Unauthorized"},
		{"credentials by code", 401, `{"statusCode":401,"code":"UNAUTHORIZED"}`, messembed.ErrUnauthenticated, "UNAUTHORIZED", ""},
		{"blocked user", 401, `{"statusCode":401,"code":"BLOCK_STATUS_DOES_NOT_ALLOW","message":"You current block status"}`, messembed.ErrUserBlocked, "BLOCK_STATUS_DOES_NOT_ALLOW", "block status"},
		{"chat creation", 401, `{"statusCode":401,"code":"CHAT_CREATION_IS_DISALLOWED"}`, messembed.ErrPermissionDenied, "CHAT_CREATION_IS_DISALLOWED", ""},
		{"another business code with 401", 401, `{"statusCode":401,"code":"NEW_RULE"}`, messembed.ErrPermissionDenied, "NEW_RULE", ""},
		{"forbidden", 403, `{}`, messembed.ErrPermissionDenied, "", ""},
		{"not found", 404, `{"statusCode":404,"code":"USER_NOT_FOUND"}`, messembed.ErrNotFound, "USER_NOT_FOUND", ""},
		{"no such route", 404, `{"statusCode":404,"message":"Cannot GET /x","error":"Not Found"}`, messembed.ErrUnsupported, "", "base URL"},
		{"somebody else's 404", 404, `<html>nginx</html>`, messembed.ErrUnsupported, "", "base URL"},
		{"inactive chat", 406, `{"statusCode":406,"code":"CHAT_IS_INACTIVE"}`, messembed.ErrChatInactive, "CHAT_IS_INACTIVE", ""},
		{"another 406", 406, `{}`, messembed.ErrInvalidArgument, "", ""},
		{"taken", 409, `{"statusCode":409,"code":"USER_ID_IS_NOT_UNIQUE"}`, messembed.ErrAlreadyExists, "USER_ID_IS_NOT_UNIQUE", ""},
		{"too large", 413, ``, messembed.ErrTooLarge, "", ""},
		{"rate limited", 429, ``, messembed.ErrRateLimited, "", ""},
		{"bad request", 400, `{"statusCode":400,"message":["content must be a string","userId must be a string"],"error":"Bad Request"}`, messembed.ErrInvalidArgument, "", "content must be a string; userId must be a string"},
		{"invalid input", 400, `{"statusCode":400,"code":"INVALID_INPUT","validationErrors":[{"property":"id","constraints":{"isString":"id must be a string"}}]}`, messembed.ErrInvalidArgument, "INVALID_INPUT", "id must be a string"},
		{"unprocessable", 422, `{}`, messembed.ErrInvalidArgument, "", ""},
		{"teapot", 418, `{}`, messembed.ErrInvalidArgument, "", ""},
		{"internal", 500, `{"statusCode":500,"message":"Internal server error"}`, messembed.ErrUnavailable, "", "Internal server error"},
		{"bad gateway page", 502, `<html>pw-canary</html>`, messembed.ErrUnavailable, "", ""},
		{"unavailable", 503, ``, messembed.ErrUnavailable, "", ""},
		{"gateway timeout", 504, ``, messembed.ErrUnavailable, "", ""},
		{"odd 5xx", 599, ``, messembed.ErrUnavailable, "", ""},
		{"redirect", 301, ``, messembed.ErrInvalidResponse, "", "redirects"},
		{"not modified", 304, ``, messembed.ErrInvalidResponse, "", ""},
		{"HTML with 200", 200, "\n <!doctype html><p>pw-canary</p>", messembed.ErrInvalidResponse, "", "HTML"},
		{"broken JSON", 200, `{"_id":"pw-canary`, messembed.ErrInvalidResponse, "", "not JSON"},
		{"another shape", 200, `"pw-canary"`, messembed.ErrInvalidResponse, "", "unexpected JSON"},
		{"no id", 200, `{}`, messembed.ErrInvalidResponse, "", "_id"},
		{"an id that is no text", 200, `{"_id":5}`, messembed.ErrInvalidResponse, "", "_id"},
		{"a null id", 200, `{"_id":null}`, messembed.ErrInvalidResponse, "", "_id"},
		{"empty", 200, ``, messembed.ErrInvalidResponse, "", "empty"},
		{"somebody else", 200, `{"_id":"bob"}`, messembed.ErrInvalidResponse, "", "about something else"},
	}
	sentinels := []error{
		messembed.ErrInvalidArgument, messembed.ErrUnauthenticated, messembed.ErrPermissionDenied, messembed.ErrNotFound,
		messembed.ErrAlreadyExists, messembed.ErrUserBlocked, messembed.ErrChatInactive, messembed.ErrRateLimited, messembed.ErrUnavailable,
		messembed.ErrTooLarge, messembed.ErrInvalidResponse, messembed.ErrTooManyFailures, messembed.ErrUnsupported,
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := answering(t, httpmock.NewStringResponder(test.status, test.body))

			_, err := client.GetUser(t.Context(), "ada")

			for _, sentinel := range sentinels {
				assert.Equal(t, sentinel == test.kind, errors.Is(err, sentinel), sentinel)
			}
			failure, ok := errors.AsType[*messembed.Error](err)
			require.True(t, ok)
			assert.Equal(t, "GetUser", failure.Op)
			assert.Equal(t, test.status, failure.StatusCode)
			assert.Equal(t, test.code, failure.Code)
			assert.Contains(t, failure.Error(), test.says)
			assert.False(t, failure.MaybeApplied)
			assert.NotEmpty(t, failure.RequestID)
			assert.NotContains(t, err.Error(), "canary")
		})
	}
}

func TestErrUnsupported_isTheStandardLibrarysToo(t *testing.T) {
	assert.ErrorIs(t, messembed.ErrUnsupported, errors.ErrUnsupported)
}

func TestError_detailsOfValidation(t *testing.T) {
	for said, want := range map[string][]string{
		`["a","b"]`: {"a", "b"},
		`[{"property":"_id","constraints":{"isString":"must be a string","isId":"must be an id"}}]`: {"must be an id", "must be a string"},
		`[{"property":"externalMetadata","children":[]},{},null,1,"c"]`:                             {"externalMetadata", "", "c"},
	} {
		client := answering(t, httpmock.NewStringResponder(400, `{"statusCode":400,"message":`+said+`}`))
		_, err := client.GetUser(t.Context(), "ada")
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.Equal(t, want, failure.Details, said)
	}
}

// The service repeats the request: the query must not appear in the error.
func TestError_cutsTheQueryOff(t *testing.T) {
	client := answering(t, httpmock.NewStringResponder(404, `{"message":"Cannot GET /admin-api/messages?after=canary&x=1"}`))
	_, err := client.ListMessages(t.Context(), messembed.ListMessagesParams{})
	assert.Contains(t, err.Error(), "Cannot GET /admin-api/messages")
	assert.NotContains(t, err.Error(), "canary")
}

func TestError_boundsTheServicesText(t *testing.T) {
	client := answering(t, httpmock.NewStringResponder(400, `{"code":"`+strings.Repeat("C", 9000)+`","message":"`+strings.Repeat("ä", 9000)+`\n\u0000"}`))
	_, err := client.GetUser(t.Context(), "ada")
	assert.Less(t, len(err.Error()), 1000)
	assert.NotContains(t, err.Error(), "\n")
	failure, _ := errors.AsType[*messembed.Error](err)
	assert.Equal(t, strings.Repeat("C", 100), failure.Code)
}

// Transport errors are reported without URLs and without quotations.
func TestError_causeIsSafeAndReachable(t *testing.T) {
	own := errors.New(`dialing https://admin:pw-canary@chat.example.com/?q=pw-canary failed: "pw-canary"`)
	client := answering(t, func(*http.Request) (*http.Response, error) { return nil, own })

	_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})

	require.ErrorIs(t, err, own)
	require.ErrorIs(t, err, messembed.ErrUnavailable)
	failure, _ := errors.AsType[*messembed.Error](err)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "err", err, "cause", failure.Err)
	for _, text := range []string{
		err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), fmt.Sprintf("%#v", failure.Err), fmt.Sprintf("%+v", *failure), log.String(),
	} {
		assert.NotContains(t, text, "canary")
		assert.NotContains(t, text, "://")
	}
}

func TestError_logValue(t *testing.T) {
	client := answering(t, httpmock.NewStringResponder(409, `{"code":"USER_ID_IS_NOT_UNIQUE"}`))
	_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"}, messembed.WithRequestID("r1"))
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).LogAttrs(context.Background(), slog.LevelInfo, "x", slog.Any("err", err))
	assert.Contains(t, log.String(), "err.op=CreateUser")
	assert.Contains(t, log.String(), "err.status=409")
	assert.Contains(t, log.String(), "err.code=USER_ID_IS_NOT_UNIQUE")
	assert.Contains(t, log.String(), "err.request_id=r1")

	whole := &messembed.Error{
		Op: "CreateUser", Kind: messembed.ErrRateLimited, StatusCode: 429, Code: "C", Message: "later", Err: io.ErrUnexpectedEOF,
		RequestID: "r1", Attempts: 4, MaybeApplied: true, RetryAfter: time.Minute,
	}
	assert.Equal(t, "[op=CreateUser kind=rate limited status=429 code=C message=later cause=*errors.errorString request_id=r1 "+
		"attempts=4 maybe_applied=true retry_after=1m0s]", whole.LogValue().String())
	assert.Equal(t, "[attempts=0 maybe_applied=false]", new(messembed.Error).LogValue().String())
}

// Each check names the field, and nothing is sent.
func TestInputIsCheckedBeforeItIsSent(t *testing.T) {
	const chatID = "6b01f684ce3490040596c059"
	overInt32 := math.MaxInt32
	overInt32++ // not a constant, which would not compile where int has 32 bits
	type call func(context.Context, *messembed.Client) error
	create := func(p messembed.CreateUserParams) call {
		return func(ctx context.Context, c *messembed.Client) error {
			_, err := c.CreateUser(ctx, p)
			if _, _, ensured := c.EnsureUser(ctx, p); err != nil && ensured == nil {
				return errors.New("EnsureUser takes what CreateUser refuses")
			}
			return err
		}
	}
	update := func(p messembed.UpdateUserParams) call {
		return func(ctx context.Context, c *messembed.Client) error {
			_, err := c.UpdateUser(ctx, "ada", p)
			return err
		}
	}
	createChat := func(p messembed.CreateChatParams) call {
		return func(ctx context.Context, c *messembed.Client) error { _, err := c.CreateChat(ctx, p); return err }
	}
	message := func(p messembed.CreateMessageParams) call {
		return func(ctx context.Context, c *messembed.Client) error { _, err := c.CreateMessage(ctx, p); return err }
	}
	list := func(p messembed.ListMessagesParams) call {
		return func(ctx context.Context, c *messembed.Client) error {
			_, err := c.ListMessages(ctx, p)
			for _, walked := range c.Messages(ctx, p) {
				assert.ErrorIs(t, walked, messembed.ErrInvalidArgument)
			}
			return err
		}
	}
	watch := func(ids ...string) call {
		return func(ctx context.Context, c *messembed.Client) error {
			for _, err := range c.WatchPresence(ctx, ids) {
				return err
			}
			return nil
		}
	}
	var none context.Context
	username := "x"
	loop := md{}
	loop["self"] = loop
	type input struct {
		name  string
		call  call
		field string
	}
	tests := []input{
		{"create: empty id", create(messembed.CreateUserParams{}), "ID: must not be empty"},
		{"create: id of no text", create(messembed.CreateUserParams{ID: "a\xff"}), "ID: must be valid UTF-8"},
		{"create: $ key", create(messembed.CreateUserParams{ID: "a", ExternalMetadata: md{"address": map[string]any{"$ref": 1}}}), "externalMetadata.address.$ref"},
		{"create: dotted key", create(messembed.CreateUserParams{ID: "a", ExternalMetadata: md{"a.b": 1}}), "externalMetadata.a.b"},
		{"create: NUL key", create(messembed.CreateUserParams{ID: "a", PrivateExternalMetadata: md{"a\x00b": 1}}), "privateExternalMetadata.a"},
		{"create: key in a list", create(messembed.CreateUserParams{ID: "a", ExternalMetadata: md{"l": []any{1, md{"$x": 1}}}}), "externalMetadata.l[1].$x"},
		{"create: key of a struct", create(messembed.CreateUserParams{ID: "a", ExternalMetadata: md{"s": struct {
			X int `json:"a.b"`
		}{1}}}), "externalMetadata.s.a.b"},
		{"create: key of a typed map", create(messembed.CreateUserParams{ID: "a", ExternalMetadata: md{"m": map[string]string{"$k": "v"}}}), "externalMetadata.m.$k"},
		{"create: a channel", create(messembed.CreateUserParams{ID: "a", ExternalMetadata: md{"c": make(chan int)}}), "externalMetadata.c: cannot be marshalled"},
		{"create: NaN", create(messembed.CreateUserParams{ID: "a", ExternalMetadata: md{"n": math.NaN()}}), "externalMetadata.n"},
		{"create: a loop", create(messembed.CreateUserParams{ID: "a", ExternalMetadata: loop}), "nested too deeply"},
		{"create: text that is no text", create(messembed.CreateUserParams{ID: "a", ExternalMetadata: md{"n": "\xff"}}), "externalMetadata.n"},
		{"create: a list of text that is no text", create(messembed.CreateUserParams{ID: "a", ExternalMetadata: md{"n": []string{`\\ufffd`, "\\\xff"}}}), "externalMetadata.n: must be valid UTF-8"},
		{"create: raw JSON that is no text", create(messembed.CreateUserParams{ID: "a", ExternalMetadata: md{"n": json.RawMessage("\"\xff\"")}}), "externalMetadata.n: must be valid UTF-8"},
		{"create: block status", create(messembed.CreateUserParams{ID: "a", BlockStatus: "NOPE"}), "BlockStatus"},
		{"create: another service's block status", create(messembed.CreateUserParams{ID: "a", BlockStatus: messembed.BlockDeactivated}), "BlockStatus"},
		{"create: profile", create(messembed.CreateUserParams{ID: "a", Profile: messembed.Profile{Username: "a"}}), "Profile"},
		{"create: password", create(messembed.CreateUserParams{ID: "a", Password: "pw-canary"}), "Password"},
		{"update: empty id", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.UpdateUser(ctx, "", messembed.UpdateUserParams{})
			return err
		}, "id: must not be empty"},
		{"update: $ key", update(messembed.UpdateUserParams{ExternalMetadata: md{"$x": 1}}), "externalMetadata.$x"},
		{"update: NUL key", update(messembed.UpdateUserParams{PrivateExternalMetadata: md{"\x00": 1}}), "privateExternalMetadata."},
		{"update: block status", update(messembed.UpdateUserParams{BlockStatus: "NOPE"}), "BlockStatus"},
		{"update: block and unblock", update(messembed.UpdateUserParams{BlockStatus: messembed.BlockCantSendAndReceive, RemoveBlockStatus: true}), "RemoveBlockStatus"},
		{"update: profile", update(messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Username: &username}}), "Profile"},
		{"get: empty id", func(ctx context.Context, c *messembed.Client) error { _, err := c.GetUser(ctx, ""); return err }, "id: must not be empty"},
		{"delete: empty id", func(ctx context.Context, c *messembed.Client) error { return c.DeleteUser(ctx, "") }, "id: must not be empty"},
		{"block: empty id", func(ctx context.Context, c *messembed.Client) error { _, err := c.BlockUser(ctx, ""); return err }, "id: must not be empty"},
		{"unblock: empty id", func(ctx context.Context, c *messembed.Client) error { _, err := c.UnblockUser(ctx, ""); return err }, "id: must not be empty"},
		{"modify: empty id", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.ModifyUser(ctx, "", func(*messembed.User) error { return nil })
			return err
		}, "id: must not be empty"},
		{"modify: no change", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.ModifyUser(ctx, "a", nil)
			return err
		}, "change"},
		{"token: empty id", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.CreateAccessToken(ctx, "")
			return err
		}, "userID: must not be empty"},
		{"list: negative limit", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.ListUsers(ctx, messembed.ListUsersParams{Limit: -1})
			return err
		}, "Limit"},
		{"list: cursor", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.ListUsers(ctx, messembed.ListUsersParams{Cursor: "x"})
			return err
		}, "Cursor"},
		{"chat: empty companions", createChat(messembed.CreateChatParams{}), "FirstCompanionID: must not be empty; SecondCompanionID"},
		{"chat: key", createChat(messembed.CreateChatParams{FirstCompanionID: "a", SecondCompanionID: "b", ExternalMetadata: md{"a.b": 1}}), "externalMetadata.a.b"},
		{"chat: id", func(ctx context.Context, c *messembed.Client) error { _, err := c.GetChat(ctx, "xyz"); return err }, "id: must be 24"},
		{"chat: 24 other characters", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.GetChat(ctx, strings.Repeat("g", 24))
			return err
		}, "id: must be 24"},
		{"block chat: id", func(ctx context.Context, c *messembed.Client) error { _, err := c.BlockChat(ctx, "a:b"); return err }, "id: must be 24"},
		{"update chat: key", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.UpdateChat(ctx, chatID, messembed.UpdateChatParams{PrivateExternalMetadata: md{"$a": 1}})
			return err
		}, "privateExternalMetadata.$a"},
		{"pair: colon", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.GetChatByCompanions(ctx, "a:b", "c")
			return err
		}, "userID1: must not contain a colon"},
		{"pair: empty", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.GetChatByCompanions(ctx, "a", "")
			return err
		}, "userID2: must not be empty"},
		{"message: chat id", message(messembed.CreateMessageParams{ChatID: "x", UserID: "a"}), "ChatID"},
		{"message: no user", message(messembed.CreateMessageParams{ChatID: chatID}), "UserID: must not be empty"},
		{"message: attachment key", message(messembed.CreateMessageParams{ChatID: chatID, UserID: "a", Attachments: []messembed.Attachment{{}, {"a.b": 1}}}), "attachments[1].a.b"},
		{"message: metadata key", message(messembed.CreateMessageParams{ChatID: chatID, UserID: "a", ExternalMetadata: md{"$a": 1}}), "externalMetadata.$a"},
		{"messages: negative limit", list(messembed.ListMessagesParams{Limit: -1}), "Limit"},
		{"messages: negative offset", list(messembed.ListMessagesParams{Offset: -1}), "Offset"},
		{"messages: far after", list(messembed.ListMessagesParams{After: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}), "After: year"},
		{"messages: far before", list(messembed.ListMessagesParams{Before: time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)}), "Before: year"},
		{"messages: chat id", list(messembed.ListMessagesParams{ChatID: "x"}), "ChatID"},
		{"presence: status", func(ctx context.Context, c *messembed.Client) error {
			return c.SetPresence(ctx, "a", messembed.SetPresenceParams{Status: "dancing"})
		}, "Status"},
		{"picture: none", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.SetUserPicture(ctx, "a", messembed.Picture{})
			return err
		}, "Picture: exactly one"},
		{"picture: two", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.SetUserPicture(ctx, "a", messembed.Picture{URL: "https://x", Content: strings.NewReader("x")})
			return err
		}, "Picture: exactly one"},
		{"picture: no web address", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.SetUserPicture(ctx, "a", messembed.Picture{URL: "pics/ada-canary.png"})
			return err
		}, "Picture.URL: must be an http or https URL"},
		{"watch: an empty id", watch("ada", ""), "userIDs[1]: must not be empty"},
		{"no context", func(_ context.Context, c *messembed.Client) error {
			_, err := c.GetUser(none, "a")
			return err
		}, "ctx: must not be nil"},
		{"import: no context", func(_ context.Context, c *messembed.Client) error {
			_, err := c.ImportUsers(none, func(func(messembed.CreateUserParams, error) bool) {}, messembed.ImportOptions{})
			return err
		}, "ctx: must not be nil"},
		{"create: an id that no URL holds as it is sent", create(messembed.CreateUserParams{ID: strings.Repeat("@", 5121)}), "ID: must not exceed 15360 bytes"},
		{"pair: ids that no URL holds", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.GetChatByCompanions(ctx, strings.Repeat("a", 8000), strings.Repeat("b", 8000))
			return err
		}, "userID2: must not exceed"},
		{"create: an id that no URL holds", create(messembed.CreateUserParams{ID: strings.Repeat("é", 2561)}), "ID: must not exceed 15360 bytes"},
	}
	if overInt32 > 0 { // an int of 32 bits holds none
		tests = append(tests, []input{
			{"messages: a limit that no database takes", list(messembed.ListMessagesParams{Limit: overInt32}), "Limit: must not exceed"},
			{"messages: an offset that no database takes", list(messembed.ListMessagesParams{Offset: overInt32}), "Offset: must not exceed"},
		}...)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake := messembedtest.New(t)

			err := test.call(t.Context(), fake.Client(t))

			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, test.field)
			assert.NotContains(t, err.Error(), "canary")
			failure, _ := errors.AsType[*messembed.Error](err)
			assert.Zero(t, failure.Attempts)
			assert.Empty(t, fake.Requests())
		})
	}
}

func TestInput_bodyOverTheServicesLimit(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	// {"id":"ada","externalMetadata":{"x":"…"}} is 40 bytes around the text.
	const around = 40
	_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada", ExternalMetadata: md{"x": strings.Repeat("<", 102_400-around)}})
	require.NoError(t, err, "the largest that the service takes")
	_, err = client.CreateUser(t.Context(), messembed.CreateUserParams{ID: strings.Repeat("é", 2560)})
	require.NoError(t, err, "the longest id that can be read again")
	_, err = client.GetUser(t.Context(), strings.Repeat("é", 2560))
	require.NoError(t, err)

	_, err = client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "bob", ExternalMetadata: md{"x": strings.Repeat("<", 102_401-around)}})
	require.ErrorIs(t, err, messembed.ErrTooLarge)
	assert.ErrorContains(t, err, "102401")
	assert.ErrorContains(t, err, "102400")
	assert.Len(t, fake.Requests(), 3)
}

// The server stores a dotted key in an update, and then answers 500 whenever it
// copies the user into a new chat.
// Metadata may be 200 levels deep, of objects and of arrays.
func TestInput_depth(t *testing.T) {
	for name, wrap := range map[string]func(any) any{
		"objects": func(v any) any { return map[string]any{"a": v} },
		"arrays":  func(v any) any { return []any{v} },
	} {
		for levels, taken := range map[int]bool{200: true, 201: false} {
			var inside any = "x"
			for range levels - 1 {
				inside = wrap(inside)
			}
			problem := messembed.MetadataProblem("m", md{"a": inside}, func(string) string { return "" })
			assert.Equal(t, taken, problem == "", "%d %s: %s", levels, name, problem)
		}
	}
}

func TestInput_dottedKeysInUpdates(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	chat := chatOfAdaAndBob(t, client)
	before := len(fake.Requests())
	_, err := client.UpdateUser(t.Context(), "ada", messembed.UpdateUserParams{ExternalMetadata: md{"a.b": 1}})
	require.ErrorIs(t, err, messembed.ErrInvalidArgument)
	assert.ErrorContains(t, err, "externalMetadata.a.b: a key must not contain a dot")
	assert.Len(t, fake.Requests(), before)

	updated, err := client.UpdateChat(t.Context(), chat, messembed.UpdateChatParams{ExternalMetadata: md{"a.b": 1}})
	require.NoError(t, err, "a chat is not copied")
	assert.Equal(t, md{"a.b": 1.0}, updated.ExternalMetadata)
}

func TestInput_everyKindOfValueIsTaken(t *testing.T) {
	fake := messembedtest.New(t)
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	user, err := fake.Client(t).CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada", ExternalMetadata: md{
		"nil": nil, "bool": true, "int": 1, "float": 1.5, "text": "a.b$c", "list": []any{1, "x"}, "texts": []string{"$"},
		"map": map[string]any{"k": md{"deep": 1}}, "time": at, "struct": struct{ A int }{1},
	}})
	require.NoError(t, err)
	assert.Equal(t, "2026-11-21T00:00:00Z", user.ExternalMetadata["time"])
	var decoded struct{ Time time.Time }
	require.NoError(t, user.ExternalMetadata.Decode(&decoded))
	assert.Equal(t, at, decoded.Time)
}

// What only looks like text that encoding/json has replaced is let pass.
func TestMetadata_replacementCharacters(t *testing.T) {
	fake := messembedtest.New(t)
	kept := md{"a": []any{"\ufffd", `\ufffd`, `\\ufffd`}, "b": []string{"\ufffd", `\ufffd`}, "c": json.RawMessage(`"\ufffd"`)}
	u, err := fake.Client(t).CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada", ExternalMetadata: kept})
	require.NoError(t, err)
	assert.Equal(t, md{"a": []any{"\ufffd", `\ufffd`, `\\ufffd`}, "b": []any{"\ufffd", `\ufffd`}, "c": "\ufffd"}, u.ExternalMetadata)
}

// What a stub returns prints, matches and logs like a real one.
func TestError_ofAStub(t *testing.T) {
	var err error = &messembed.Error{Kind: messembed.ErrNotFound}
	require.ErrorIs(t, err, messembed.ErrNotFound)
	assert.NotErrorIs(t, err, messembed.ErrUnavailable)
	assert.Equal(t, "messembed: not found", err.Error())
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Error("x", "error", err)
	assert.Contains(t, b.String(), `error.kind="not found"`)
	assert.NotContains(t, b.String(), "error.op")

	err = &messembed.Error{Kind: messembed.ErrUnsupported, Op: "GetUser"}
	require.ErrorIs(t, err, errors.ErrUnsupported)
	assert.NotErrorIs(t, &messembed.Error{}, nil)
}

// A service in debug mode repeats the request; an error repeats none of it.
func TestErrors_echo(t *testing.T) {
	echo := roundTripper(func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		text := string(quoted(fmt.Sprintf("cannot store %s for %s", body, r.Header.Get("X-Gateway-Key"))))
		return &http.Response{StatusCode: http.StatusInternalServerError, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(
			`{"statusCode":500,"message":` + text + `,"validationErrors":[` + text + `]}`))}, nil
	})
	client, err := messembed.New("https://chat.example.com", messembed.WithTransport(echo))
	require.NoError(t, err)
	_, err = client.CreateMessage(t.Context(), messembed.CreateMessageParams{
		ChatID: "0123456789abcdef01234567", UserID: "ada", Content: "Dear Bob,\nmy canary", ExternalMetadata: messembed.Metadata{"note": "say \"canary\""},
	}, messembed.WithHeader("X-Gateway-Key", "key-canary"))
	require.Error(t, err)
	failure, _ := errors.AsType[*messembed.Error](err)
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, failure), "canary")
	assert.ErrorContains(t, err, "cannot store")
}

// What the service says in its own words stays, though parts of it are in the
// request by chance.
func TestHostile_ownWords(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	for words, want := range map[string]string{
		"request entity exceeds 102400 bytes":                 "exceeds 102400 bytes",
		"retry after 2024-05-01":                              "retry after 2024-05-01",
		`roles must be one of ["admin","user"], but got more`: `one of ["admin","user"], but got more`,
		`cannot read {"name":"x"}`:                            "cannot read […]",
	} {
		fake.FailNext(messembedtest.Fault{Status: 400, Body: `{"code":"error-could-not-save","message":` + string(quoted(words)) + `}`})
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"port": 1024, "year": 2024, "n": 240051}},
			messembed.WithHeader("X-Log-Level", "error"))
		require.ErrorContains(t, err, want)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.Equal(t, "error-could-not-save", failure.Code)
	}
	fake.FailNext(messembedtest.Fault{Status: 400, Body: `{"code":"gateway-key","message":"x"}`})
	_, err := client.GetUser(t.Context(), "ada", messembed.WithHeader("X-Gateway-Key", "gateway-key"))
	assert.NotContains(t, err.Error(), "gateway-key")
}

// quoted is a text as JSON.
func quoted(text string) []byte {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return data
}

// What a service says fits into a line of a log, and does nothing to a terminal.
func TestHostile_words(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	fake.FailNext(messembedtest.Fault{Status: 400, Body: `{"message":["` + strings.Repeat(`long","`, 10_000) + `"]}`})
	_, err := client.GetUser(t.Context(), "ada")
	assert.Less(t, len(err.Error()), 1000)
	fake.FailNext(messembedtest.Fault{Status: 400, Body: "{\"message\":\"one\\u2028two\\u0085three\\u202efour\\u009b31m five\\ufeff\"}"})
	_, err = client.GetUser(t.Context(), "ada")
	assert.ErrorContains(t, err, "one two three four 31m five")
}
