package chatkitty_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

// TestMain checks that no goroutine is left behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func init() {
	openapi3filter.RegisterBodyDecoder("application/json+merge-patch", openapi3filter.JSONBodyDecoder)
	openapi3filter.RegisterBodyDecoder("image/png", openapi3filter.FileBodyDecoder)
}

// validated checks requests and responses against the service's own OpenAPI
// document.
type validated struct {
	t      *testing.T
	next   http.RoundTripper
	doc    *openapi3.T
	router routers.Router
	seen   map[string]bool // operation ids and statuses
}

// validate puts the document in front of a fake. explicit requires isGuest of
// every user, as the document does, unlike the documentation's examples.
func validate(t *testing.T, fake http.RoundTripper, explicit bool) *validated {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("testdata/chatkitty-openapi-users.json")
	require.NoError(t, err)
	doc.Servers = nil // match paths on any host
	if !explicit {
		for _, name := range []string{"ChatUserResource", "ChatUserProperties"} {
			schema := doc.Components.Schemas[name].Value
			schema.Required = slices.DeleteFunc(slices.Clone(schema.Required), func(field string) bool { return field == "isGuest" })
		}
	}
	router, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
	require.NoError(t, err)
	return &validated{t, fake, doc, router, map[string]bool{}}
}

func (v *validated) RoundTrip(r *http.Request) (*http.Response, error) {
	switch r.URL.Path {
	case "/oauth/token":
		return v.next.RoundTrip(r)
	case "/v1/application":
		return v.application(r)
	}
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		require.NoError(v.t, err)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	copied := r.Clone(r.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	route, parameters, err := v.router.FindRoute(copied)
	if !assert.NoError(v.t, err, "%s %s is not in the document", r.Method, r.URL) {
		return v.next.RoundTrip(r)
	}
	input := &openapi3filter.RequestValidationInput{
		Request: copied, PathParams: parameters, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true},
	}
	if !strings.HasPrefix(r.Header.Get("X-Test"), "wrong") {
		assert.NoError(v.t, openapi3filter.ValidateRequest(r.Context(), input), "%s %s", r.Method, r.URL)
	}
	resp, err := v.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	require.NoError(v.t, err)
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	assert.NoError(v.t, openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(answer)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}), "%s %s: %s", r.Method, r.URL, answer)
	v.seen[route.Operation.OperationID+" "+resp.Status[:3]] = true
	return resp, nil
}

// application handles a route that is not in the users' part of the document,
// although its response is.
func (v *validated) application(r *http.Request) (*http.Response, error) {
	resp, err := v.next.RoundTrip(r)
	if err != nil || r.Method == http.MethodHead {
		return resp, err
	}
	answer, err := io.ReadAll(resp.Body)
	require.NoError(v.t, err)
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	var value any
	require.NoError(v.t, json.Unmarshal(answer, &value))
	assert.NoError(v.t, v.doc.Components.Schemas["ApplicationResource"].Value.VisitJSON(value))
	return resp, nil
}

func TestOpenAPI_everyRequestAndEveryAnswer(t *testing.T) {
	for name, explicit := range map[string]bool{"isGuest left out when false": false, "isGuest always there": true} {
		t.Run(name, func(t *testing.T) {
			var options []chatkittytest.Option
			if explicit {
				options = append(options, chatkittytest.WithExplicitIsGuest())
			}
			fake := chatkittytest.New(t, options...)
			v := validate(t, fake, explicit)
			useEverything(t, fake, fake.Client(t, messembed.WithTransport(v)))
			sessions(t, fake, v)

			cred := fake.Credentials()
			client, err := chatkitty.New(fake.BaseURL(), cred, messembed.WithTransport(v))
			require.NoError(t, err)
			fake.FailNext(messembedtest.Fault{Op: "Token", Status: 200, Body: `{"access_token":"not-issued","token_type":"bearer"}`})
			fake.FailNext(messembedtest.Fault{Op: "Token", Status: 200, Body: `{"access_token":"nor-this","token_type":"bearer"}`})
			_, err = client.GetUser(t.Context(), "1")
			require.ErrorIs(t, err, messembed.ErrUnauthenticated)

			for _, want := range []string{
				"create-user 200", "create-user 400", "retrieve-user 200", "retrieve-user 404", "retrieve-user 401", "list-users 200",
				"check-user-exists 200", "check-user-exists 404", "update-user 200", "update-user 404", "delete-user 200", "delete-user 404",
				"update-user-display-picture 200", "list-user-sessions 200", "list-user-sessions 400",
			} {
				assert.True(t, v.seen[want], "not seen: %s", want)
			}
		})
	}
}

// useEverything calls each method that the service supports, successfully and
// not.
func useEverything(t *testing.T, fake *chatkittytest.Server, client *messembed.Client) {
	t.Helper()
	ctx := t.Context()
	jane := messembed.CreateUserParams{
		Profile:          messembed.Profile{Username: "jane@chatkitty.com", DisplayName: "Jane Doe"},
		ExternalMetadata: messembed.Metadata{"favoriteNumber": 42},
	}
	require.NoError(t, client.Ping(ctx))
	require.NoError(t, client.CheckCredentials(ctx))
	page, err := client.ListUsers(ctx, messembed.ListUsersParams{})
	require.NoError(t, err)
	require.Empty(t, page.Users)

	u, err := client.CreateUser(ctx, jane)
	require.NoError(t, err)
	_, err = client.CreateUser(ctx, jane)
	require.ErrorIs(t, err, messembed.ErrAlreadyExists)
	_, _, err = client.EnsureUser(ctx, jane)
	require.NoError(t, err)
	fake.FailNext(messembedtest.Fault{
		Op: "CreateUser", Status: 400, Body: `{"error":"ClientError","message":"A client error occurred, check your request","timestamp":"2022-01-16T06:26:49.627204600Z"}`,
	})
	_, err = client.CreateUser(ctx, messembed.CreateUserParams{Profile: messembed.Profile{Username: "joe", DisplayName: "Joe", Guest: true}})
	require.ErrorIs(t, err, messembed.ErrInvalidArgument)

	_, err = client.GetUser(ctx, u.ID)
	require.NoError(t, err)
	_, err = client.GetUser(ctx, "77")
	require.ErrorIs(t, err, messembed.ErrNotFound)
	name, guest := "Jane D", true
	_, err = client.UpdateUser(ctx, u.ID, messembed.UpdateUserParams{
		ExternalMetadata: messembed.Metadata{
			"kept": 1.0, "changed": "after", "new": map[string]any{"x": []any{nil}}, "list": []any{}, "toObject": map[string]any{"a": map[string]any{}},
		}, Profile: &messembed.ProfileUpdate{DisplayName: &name, Guest: &guest},
	})
	require.NoError(t, err)
	_, err = client.UpdateUser(ctx, u.ID, messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{}})
	require.NoError(t, err)
	_, err = client.UpdateUser(ctx, "77", messembed.UpdateUserParams{})
	require.ErrorIs(t, err, messembed.ErrNotFound)

	_, err = client.SetUserPicture(ctx, u.ID, messembed.Picture{URL: "https://example.com/jane.png"})
	require.NoError(t, err)
	_, err = client.SetUserPicture(ctx, u.ID, messembed.Picture{Name: "jane.png", ContentType: "image/png", Content: strings.NewReader("png")})
	require.NoError(t, err)

	fake.SetOnline(u.ID, true)
	require.NoError(t, client.SetPresence(ctx, u.ID, messembed.SetPresenceParams{Status: messembed.PresenceAway}))
	_, err = client.GetPresence(ctx, u.ID)
	require.NoError(t, err)
	for range client.WatchPresence(ctx, []string{u.ID}) {
		break
	}

	for range 130 {
		fake.AddUser(messembed.User{ExternalMetadata: messembed.Metadata{"a": nil}})
	}
	for _, err := range client.Users(ctx) {
		require.NoError(t, err)
	}
	_, err = client.ListUsers(ctx, messembed.ListUsersParams{Limit: 3})
	require.NoError(t, err)
	fake.SetOnline("2", true)
	require.NoError(t, client.DeleteUser(ctx, u.ID))
	require.ErrorIs(t, client.DeleteUser(ctx, u.ID), messembed.ErrNotFound)
}

// sessions requests the user sessions, which the SDK does not.
func sessions(t *testing.T, fake *chatkittytest.Server, v *validated) {
	t.Helper()
	cred := fake.Credentials()
	ask := func(r *http.Request, answer any) int {
		resp, err := v.RoundTrip(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.NoError(t, json.NewDecoder(resp.Body).Decode(answer))
		return resp.StatusCode
	}
	get := func(url string) *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		require.NoError(t, err)
		return r
	}
	form := "--b\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nclient_credentials\r\n--b--\r\n" // as in ChatKitty's own SDK
	grant, err := http.NewRequestWithContext(t.Context(), http.MethodPost, cred.TokenURL, strings.NewReader(form))
	require.NoError(t, err)
	grant.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	grant.SetBasicAuth(cred.ClientID, cred.ClientSecret)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	require.Equal(t, 200, ask(grant, &token))
	for state, want := range map[string]int{"": 2, "?state=ACTIVE": 1, "?state=ENDED": 1} {
		r := get(fake.BaseURL() + "/user-sessions" + state)
		r.Header.Set("Authorization", "Bearer "+token.AccessToken)
		var page struct {
			Embedded struct {
				Sessions []struct{ State string } `json:"sessions"`
			} `json:"_embedded"`
		}
		require.Equal(t, 200, ask(r, &page))
		assert.Len(t, page.Embedded.Sessions, want)
	}
	r := get(fake.BaseURL() + "/user-sessions?state=ODD")
	r.Header.Set("Authorization", "Bearer "+token.AccessToken)
	r.Header.Set("X-Test", "wrong on purpose")
	var refused struct{ Error string }
	assert.Equal(t, 400, ask(r, &refused))
	assert.Equal(t, "ClientError", refused.Error)
}
