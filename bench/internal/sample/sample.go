// Package sample generates the users of all measurements: about 520 bytes each,
// with names in several scripts and nested and private metadata.
package sample

import (
	"fmt"
	"io"

	messembed "github.com/messembed/messembed-go"
)

var names = []string{"Ada", "José", "Миша", "Zoë", "Łukasz", "Wei", "Amélie", "Bob", "Fatima", "Søren"}

// Params returns the i-th user as an application would create it.
func Params(i int) messembed.CreateUserParams {
	return messembed.CreateUserParams{
		ID: ID(i),
		ExternalMetadata: messembed.Metadata{
			"name": fmt.Sprintf("%s Example-%d", names[i%len(names)], i), "username": fmt.Sprintf("%d.example", i),
			"avatar": fmt.Sprintf("https://cdn.example.com/a/%08x.png", uint32(i*7919)), "age": i % 90, "verified": i%2 == 0,
			"tags":    []any{"beta", fmt.Sprintf("group-%d", i%12)},
			"address": map[string]any{"city": "Köln \"Süd\"", "zip": fmt.Sprintf("%05d", i%99999), "geo": map[string]any{"lat": float64(500_000+i%9999) / 1e4, "lon": float64(60_000+i%8999) / 1e4}},
		},
		PrivateExternalMetadata: messembed.Metadata{
			"crmId": fmt.Sprintf("C-%d", i), "plan": "pro", "notes": "at the fair\nin May",
			"limits": map[string]any{"daily": i % 500, "burst": 10},
		},
	}
}

// ID returns the id of the i-th user.
func ID(i int) string { return fmt.Sprintf("user-%08d", i) }

// AppendUser appends the i-th user as the service sends it.
func AppendUser(to []byte, i int) []byte {
	block := "null"
	if i%50 == 0 {
		block = `"CANT_SEND_AND_RECEIVE_NEW_MESSAGES"`
	}
	return fmt.Appendf(to, `{"_id":"user-%08d","createdAt":"2026-11-21T19:52:%02d.%03dZ","updatedAt":null,"deletedAt":null,`+
		`"externalMetadata":{"name":"%s Example-%d","username":"%d.example","avatar":"https://cdn.example.com/a/%08x.png","age":%d,"verified":%v,`+
		`"tags":["beta","group-%d"],"address":{"city":"Köln \"Süd\"","zip":"%05d","geo":{"lat":50.%04d,"lon":6.%04d}}},`+
		`"privateExternalMetadata":{"crmId":"C-%d","plan":"pro","notes":"at the fair\nin May","limits":{"daily":%d,"burst":10}},`+
		`"blockStatus":%s,"blockStatusUpdatedAt":null,"__v":0}`,
		i, i%60, i%1000, names[i%len(names)], i, i, uint32(i*7919), i%90, i%2 == 0, i%12, i%99999, i%9999, i%8999, i, i%500, block)
}

// WriteList writes the service's response with n users.
func WriteList(w io.Writer, n int) error {
	buf := fmt.Appendf(nil, `{"totalCount":%d,"data":[`, n)
	for i := range n {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = AppendUser(buf, i)
		if len(buf) >= 48<<10 {
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	_, err := w.Write(append(buf, "]}"...))
	return err
}
