package adapter

import (
	"errors"
	"strings"

	messembed "github.com/messembed/messembed-go"
)

// New makes a client from a platform's own options and the caller's. names are
// pairs: the name of an own option as it appears in an error, and the
// Credentials field it was made from.
func New(baseURL string, own, opts []messembed.Option, names ...string) (*messembed.Client, error) {
	client, err := messembed.New(baseURL, append(own, opts...)...)
	if e, ok := errors.AsType[*messembed.Error](err); ok {
		e.Message = strings.NewReplacer(names...).Replace(e.Message)
	}
	return client, err
}
