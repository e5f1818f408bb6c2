package messembed

import (
	"os"
	"strings"

	"golang.org/x/oauth2/clientcredentials"
)

// FromEnv returns a client configured from the environment: MESSEMBED_URL, and
// either MESSEMBED_PASSWORD (with MESSEMBED_USERNAME, default "admin") or
// MESSEMBED_CLIENT_ID, MESSEMBED_CLIENT_SECRET, MESSEMBED_TOKEN_URL and the
// optional MESSEMBED_SCOPES, separated by spaces or commas. opts are applied
// afterwards. A missing variable, or anything that [New] rejects, is
// ErrInvalidArgument.
func FromEnv(opts ...Option) (*Client, error) {
	baseURL := os.Getenv("MESSEMBED_URL")
	if baseURL == "" {
		return nil, newInvalid("FromEnv", "MESSEMBED_URL is not set")
	}
	var fromEnv []Option
	names := []string{"base URL:", "MESSEMBED_URL:"} // errors name the variable instead
	password, clientID := os.Getenv("MESSEMBED_PASSWORD"), os.Getenv("MESSEMBED_CLIENT_ID")
	switch {
	case password != "" && clientID != "":
		return nil, newInvalid("FromEnv", "MESSEMBED_PASSWORD and MESSEMBED_CLIENT_ID must not both be set")
	case password != "":
		username := os.Getenv("MESSEMBED_USERNAME")
		if username == "" {
			username = "admin"
		}
		fromEnv = append(fromEnv, WithBasicAuth(username, password))
		names = append(names, "WithBasicAuth: username:", "MESSEMBED_USERNAME:", "credentials:", "MESSEMBED_PASSWORD and an Option:")
	case clientID != "":
		for _, name := range []string{"MESSEMBED_CLIENT_SECRET", "MESSEMBED_TOKEN_URL"} {
			if os.Getenv(name) == "" {
				return nil, newInvalid("FromEnv", name+" is not set, but MESSEMBED_CLIENT_ID is")
			}
		}
		fromEnv = append(fromEnv, WithClientCredentials(clientcredentials.Config{
			ClientID:     clientID,
			ClientSecret: os.Getenv("MESSEMBED_CLIENT_SECRET"),
			TokenURL:     os.Getenv("MESSEMBED_TOKEN_URL"),
			Scopes: strings.FieldsFunc(os.Getenv("MESSEMBED_SCOPES"), func(r rune) bool {
				return r == ' ' || r == ','
			}),
		}))
		names = append(names, "WithClientCredentials: TokenURL:", "MESSEMBED_TOKEN_URL:", "credentials:", "MESSEMBED_CLIENT_ID and an Option:")
	}
	c, err := newClient(baseURL, append(fromEnv, opts...))
	if err != nil {
		return nil, newInvalid("FromEnv", strings.NewReplacer(names...).Replace(err.Error()))
	}
	if c.cfg.credentials == 0 {
		return nil, newInvalid("FromEnv", "neither MESSEMBED_PASSWORD nor MESSEMBED_CLIENT_ID is set")
	}
	return c, nil
}
