package adapter

import (
	"errors"
	"strings"

	messembed "github.com/messembed/messembed-go"
)

// New makes a client of a platform's own options and the user's. names are pairs: what an error calls
// an own option, and the field of the platform's Credentials that it was made of.
func New(baseURL string, own, opts []messembed.Option, names ...string) (*messembed.Client, error) {
	client, err := messembed.New(baseURL, append(own, opts...)...)
	if e, ok := errors.AsType[*messembed.Error](err); ok {
		e.Message = strings.NewReplacer(names...).Replace(e.Message)
	}
	return client, err
}
