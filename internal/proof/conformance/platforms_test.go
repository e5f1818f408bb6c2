package conformance_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/chatkitty"
	"github.com/messembed/messembed-go/platform/rightech"
	"github.com/messembed/messembed-go/platform/rocketchat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Credentials show their owner but no secret.
func TestCredentials_areNotShown(t *testing.T) {
	for _, cred := range []any{
		rocketchat.Credentials{UserID: "the-name", AuthToken: "a-secret", TokenSecret: "a-secret"},
		chatkitty.Credentials{ClientID: "the-name", ClientSecret: "a-secret"},
		rightech.Credentials{Token: "a-secret"},
	} {
		t.Run(fmt.Sprintf("%T", cred), func(t *testing.T) {
			pointer := reflect.New(reflect.TypeOf(cred))
			pointer.Elem().Set(reflect.ValueOf(cred))
			var log bytes.Buffer
			slog.New(slog.NewJSONHandler(&log, nil)).Info("made", "credentials", cred, "pointer", pointer.Interface())
			logged := log.String()
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				fmt.Fprintf(&log, verb+verb+verb, cred, pointer.Interface(), struct{ C any }{cred})
			}
			for _, secret := range []string{"a-secret", fmt.Sprintf("%x", "a-secret")} {
				if strings.Contains(log.String(), secret) {
					t.Errorf("a secret is printed: %s", log.String())
				}
			}
			if reflect.TypeOf(cred).NumField() > 1 && (!strings.Contains(logged, "the-name") || !strings.Contains(log.String()[len(logged):], "the-name")) {
				t.Error("the name is not printed")
			}
		})
	}
}

// Every operation of a platform exists in its fake, with the same name, and is
// safe to retry. The root's own test covers Messembed.
func TestOperations_areInTheFake(t *testing.T) {
	for _, service := range services[1:] {
		fake := service.New(t).Fake
		names := map[string]bool{}
		for _, op := range messembed.Operations(service.New(t).Client(t)) {
			if names[op.Name] {
				t.Errorf("%s: two operations named %s", service.Name, op.Name)
			}
			names[op.Name] = true
			if !op.Repeatable {
				t.Errorf("%s: %s is not Repeatable", service.Name, op.Name)
			}
			var as []string
			for _, query := range []string{"", "?name=ada"} { // ChatKitty's FindUser is a list by name
				request, err := http.NewRequestWithContext(t.Context(), op.Method, fake.BaseURL()+"/"+op.Route+query, nil)
				if err != nil {
					t.Fatal(err)
				}
				before := len(fake.Requests())
				response, err := fake.RoundTrip(request)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				as = append(as, fake.Requests()[before].Op)
			}
			if as[0] != op.Name && as[1] != op.Name {
				t.Errorf("%s: the fake treats %s %s as %s, want %s", service.Name, op.Method, op.Route, as[0], op.Name)
			}
		}
	}
}
