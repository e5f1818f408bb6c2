package conformance_test

import (
	"reflect"
	"slices"
	"testing"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/conformance"
	"github.com/messembed/messembed-go/messembedtest"
)

// services are the fakes, which are always there.
var services = []conformance.Service{
	{Name: "Messembed", New: func(t *testing.T) conformance.Instance { return newMessembed(t) }},
	{Name: "Messembed with a delete route", New: func(t *testing.T) conformance.Instance {
		return newMessembed(t, messembedtest.WithDeleteRoute(), messembedtest.WithBasePath("/api/messembed"))
	}},
}

func newMessembed(t *testing.T, opts ...messembedtest.Option) conformance.Instance {
	fake := messembedtest.New(t, opts...)
	return conformance.Instance{
		Client: func(t *testing.T, opts ...messembed.Option) *messembed.Client { return fake.Client(t, opts...) },
		Stranger: func(t *testing.T) *messembed.Client {
			return newClient(t)(messembed.New(fake.BaseURL(), messembed.WithTransport(fake), messembed.WithInsecureHTTP(), messembed.WithBasicAuth("admin", "wrong")))
		},
		User: func(name string) messembed.CreateUserParams {
			return messembed.CreateUserParams{ID: name, ExternalMetadata: messembed.Metadata{"name": name}}
		},
		Names:         []string{"a/b", "a:b", "..", ".", " lead", "a b", "a?b#c", "%2F", "😀", "ü", "nul\x00", "line\nbreak", "__proto__", `quo"te\`},
		UnknownID:     "nobody",
		Metadata:      true,
		FailNext:      fake.FailNext,
		AnswerGetUser: func(raw string) string { return raw },
	}
}

func newClient(t *testing.T) func(*messembed.Client, error) *messembed.Client {
	return func(c *messembed.Client, err error) *messembed.Client {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

func TestServices(t *testing.T) {
	for _, service := range services {
		t.Run(service.Name, func(t *testing.T) {
			t.Parallel()
			conformance.Run(t, service)
		})
	}
}

// notSent are the client's methods that send nothing to the service.
var notSent = []string{"Supports", "Operations", "CloseIdleConnections", "Format"}

func TestSuite_hasEveryOperation(t *testing.T) {
	var covered []string
	for _, c := range conformance.Cases() {
		covered = append(covered, c.Operations...)
	}
	client := reflect.TypeFor[*messembed.Client]()
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if !slices.Contains(covered, name) && !slices.Contains(notSent, name) {
			t.Errorf("no case is about %s", name)
		}
	}
	for _, name := range covered {
		if _, ok := client.MethodByName(name); !ok {
			t.Errorf("a case is about %s, which the client does not have", name)
		}
	}
}
