package messembed

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/oauth2/clientcredentials"
)

// FromEnv returns a client configured from the environment:
//
//   - MESSEMBED_URL
//   - MESSEMBED_PASSWORD, with MESSEMBED_USERNAME, which is "admin" by default
//   - or, for an OAuth2 gateway, MESSEMBED_CLIENT_ID, MESSEMBED_CLIENT_SECRET,
//     MESSEMBED_TOKEN_URL and the optional MESSEMBED_SCOPES, separated by spaces
//     or commas
//   - MESSEMBED_INSECURE_HTTP=true for [WithInsecureHTTP], as a service at
//     http://messembed:3000 in a compose file needs it
//
// opts are applied afterwards. Everything that is missing, or wrong by the rules
// of [New], is named in one ErrInvalidArgument, with one of its Details each.
func FromEnv(opts ...Option) (*Client, error) {
	e := readEnv()
	c := e.client(opts)
	if len(e.problems) > 0 {
		return nil, newInvalid("FromEnv", e.problems...)
	}
	return c, nil
}

// environment is what FromEnv finds.
type environment struct {
	url      string
	opts     []Option
	names    []string // how errors of New name an argument, and the variable that it came from, in turn
	problems problems

	credentials bool // there are some, complete or not
}

func readEnv() *environment {
	e := &environment{names: []string{"base URL:", "MESSEMBED_URL:", "WithInsecureHTTP", "MESSEMBED_INSECURE_HTTP"}}
	e.url = e.get("MESSEMBED_URL")
	if e.url == "" {
		e.problems.add("MESSEMBED_URL: is not set")
	}
	if text := e.get("MESSEMBED_INSECURE_HTTP"); text != "" {
		insecure, err := strconv.ParseBool(text)
		if err != nil {
			e.problems.add("MESSEMBED_INSECURE_HTTP: must be true or false")
		}
		if insecure || err != nil { // and not a second problem of the same
			e.opts = append(e.opts, WithInsecureHTTP())
		}
	}
	password, id, secret, tokenURL := e.get("MESSEMBED_PASSWORD"), e.get("MESSEMBED_CLIENT_ID"), e.get("MESSEMBED_CLIENT_SECRET"), e.get("MESSEMBED_TOKEN_URL")
	gateway := id != "" || secret != "" || tokenURL != ""
	e.credentials = password != "" || gateway
	switch {
	case password != "" && gateway:
		e.problems.add("MESSEMBED_PASSWORD: must not be set beside MESSEMBED_CLIENT_ID, _CLIENT_SECRET or _TOKEN_URL")
	case password != "":
		e.basic(password)
	case gateway:
		e.grant(id, secret, tokenURL)
	}
	return e
}

// get returns a variable. A mounted secret often ends in a line break, which no
// password does.
func (e *environment) get(name string) string {
	value := os.Getenv(name)
	if hasControl(value) {
		e.problems.add(name + ": " + noControl)
	}
	return value
}

func (e *environment) basic(password string) {
	username := e.get("MESSEMBED_USERNAME")
	if username == "" {
		username = "admin"
	}
	e.opts = append(e.opts, WithBasicAuth(username, password))
	e.names = append(e.names, "WithBasicAuth: username:", "MESSEMBED_USERNAME:", "WithBasicAuth: password:", "MESSEMBED_PASSWORD:",
		"credentials:", "MESSEMBED_PASSWORD and an Option:")
}

func (e *environment) grant(id, secret, tokenURL string) {
	for _, v := range []struct{ name, value string }{
		{"MESSEMBED_CLIENT_ID", id}, {"MESSEMBED_CLIENT_SECRET", secret}, {"MESSEMBED_TOKEN_URL", tokenURL},
	} {
		if v.value == "" {
			e.problems.add(v.name + ": is not set, but others of the OAuth2 gateway are")
		}
	}
	if id == "" || secret == "" || tokenURL == "" {
		return
	}
	e.opts = append(e.opts, WithClientCredentials(clientcredentials.Config{
		ClientID: id, ClientSecret: secret, TokenURL: tokenURL,
		Scopes: strings.FieldsFunc(e.get("MESSEMBED_SCOPES"), func(r rune) bool { return r == ' ' || r == ',' }),
	}))
	e.names = append(e.names, "WithClientCredentials: TokenURL:", "MESSEMBED_TOKEN_URL:", "WithClientCredentials: ClientID:", "MESSEMBED_CLIENT_ID:",
		"WithClientCredentials: ClientSecret:", "MESSEMBED_CLIENT_SECRET:", "credentials:", "MESSEMBED_CLIENT_ID and an Option:")
}

// client makes the client, and adds what [New] has against it. Where the URL is
// missing, the rest is tried with another.
func (e *environment) client(opts []Option) *Client {
	url := e.url
	if url == "" {
		url = "https://localhost"
	}
	c, err := newClient(url, append(e.opts, opts...))
	if err != nil {
		text := strings.NewReplacer(e.names...).Replace(err.Error())
		if variable, _, _ := strings.Cut(text, ":"); !e.blames(variable) {
			e.problems.add(text)
		}
		return nil
	}
	if c.cfg.credentials == 0 && !e.credentials {
		e.problems.add("MESSEMBED_PASSWORD: is not set, nor is MESSEMBED_CLIENT_ID")
	}
	return c
}

// blames reports whether a problem of the variable was found already.
func (e *environment) blames(variable string) bool {
	return slices.ContainsFunc(e.problems, func(p string) bool { return strings.HasPrefix(p, variable+":") })
}
