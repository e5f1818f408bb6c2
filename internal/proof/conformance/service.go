package conformance

import (
	"net/http"
	"testing"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// Service is a chat service under test.
type Service struct {
	Name string // as in the README's table
	// New returns a service for one test: a fresh fake, or the real one.
	New func(t *testing.T) Instance
}

// Instance is a running service, fake or real.
type Instance struct {
	// Client returns a client with valid credentials.
	Client func(t *testing.T, opts ...messembed.Option) *messembed.Client
	// Stranger returns a client with invalid credentials.
	Stranger func(t *testing.T) *messembed.Client
	// User returns parameters that the service can store; each name is a different user.
	User func(name string) messembed.CreateUserParams
	// Names are unusual names that the service allows for users.
	Names []string
	// UnknownID is a well-formed id that no user has.
	UnknownID string
	// Metadata reports whether the service keeps ExternalMetadata.
	Metadata bool
	// Abbreviates reports whether the service's list leaves ExternalMetadata out.
	Abbreviates bool
	// Fake is nil for a real service, whose network cannot be broken.
	Fake Fake
	// AnswerGetUser returns the complete response to GetUser for a user's Raw.
	AnswerGetUser func(raw string) string
	// Shared means that others use the service too, so that lists contain other users.
	Shared bool
}

// Fake is what the suite needs of a fake.
type Fake interface {
	http.RoundTripper
	BaseURL() string
	FailNext(f messembedtest.Fault)
	Requests() []messembedtest.Request
}

// Case is something that every service must do in the same way.
type Case struct {
	Name       string
	Operations []string          // the client's methods that it tests
	Feature    messembed.Feature // "" for what every service has
	Run        func(*testing.T, Instance, *messembed.Client)
	Without    func(*testing.T, *messembed.Client) // run if the feature is missing; nil means nothing
	Faults     bool                                // requires a Fake
}

// Run runs the suite against a service.
func Run(t *testing.T, service Service) {
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			in := service.New(t)
			client := in.Client(t)
			if c.Feature != "" && !client.Supports(c.Feature) {
				if c.Without != nil {
					c.Without(t, client)
				}
				if in.Fake != nil {
					want(t, "requests without the feature", len(in.Fake.Requests()), 0)
				}
				return
			}
			if c.Faults && in.Fake == nil {
				return
			}
			c.Run(t, in, client)
		})
	}
}
