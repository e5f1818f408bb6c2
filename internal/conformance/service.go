package conformance

import (
	"net/http"
	"testing"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// Service is one chat service as the suite needs it.
type Service struct {
	Name string // as the README's table has it
	// New makes a service for one test: a fresh fake, or the real one.
	New func(t *testing.T) Instance
}

// Instance is a running service, fake or real.
type Instance struct {
	// Client makes a client with good credentials.
	Client func(t *testing.T, opts ...messembed.Option) *messembed.Client
	// Stranger makes a client whose credentials are refused.
	Stranger func(t *testing.T) *messembed.Client
	// User gives parameters that the service can store; another name is another user.
	User func(name string) messembed.CreateUserParams
	// Names are odd names that the service allows for users.
	Names []string
	// UnknownID is an id of the service's shape that no user has.
	UnknownID string
	// Metadata tells whether the service keeps ExternalMetadata.
	Metadata bool
	// Fake is nil for a real service, whose network cannot be broken.
	Fake Fake
	// AnswerGetUser makes the whole answer to GetUser of a user's Raw.
	AnswerGetUser func(raw string) string
	// Shared: others use the service too, so lists hold more than the test's own.
	Shared bool
}

// Fake is what the suite asks of a fake.
type Fake interface {
	http.RoundTripper
	BaseURL() string
	FailNext(f messembedtest.Fault)
	Requests() []messembedtest.Request
}

// Case is one thing that every service must do the same way.
type Case struct {
	Name       string
	Operations []string          // the client's methods that it is about
	Feature    messembed.Feature // "" for what every service has
	Run        func(*testing.T, Instance, *messembed.Client)
	Without    func(*testing.T, *messembed.Client) // where the feature is missing; nil: nothing to see
	Faults     bool                                // it needs a Fake
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
					want(t, "requests for what the service does not have", len(in.Fake.Requests()), 0)
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
