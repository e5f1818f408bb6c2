package main

import (
	"fmt"
	"strconv"

	messembed "github.com/messembed/messembed-go"
)

// invent creates users for a fake service; some are unusual: blocked, or with keys that
// cannot be stored as they are.
func invent(n int, metadata bool, add func(messembed.User) (id string)) {
	for i := range n {
		u := messembed.User{Profile: messembed.Profile{
			Username:    fmt.Sprintf("user%05d", i),
			DisplayName: "User " + strconv.Itoa(i),
			Emails:      []messembed.Email{{Address: fmt.Sprintf("user%05d@example.test", i), Verified: i%2 == 0}},
			AvatarURL:   fmt.Sprintf("https://pics.example.test/%d.png", i),
			Phone:       "+4930" + strconv.Itoa(10000+i),
			Locale:      "de",
		}}
		if metadata {
			u.ExternalMetadata = messembed.Metadata{"city": "Town " + strconv.Itoa(i%7), "n": float64(i)}
		}
		switch i % 10 {
		case 3:
			u.BlockStatus = messembed.BlockDeactivated
		case 5:
			if metadata {
				u.ExternalMetadata["crm.id"] = "C-" + strconv.Itoa(i)
				u.ExternalMetadata["nested"] = map[string]any{"$ref": "r", "list": []any{map[string]any{"a.b": true}}}
			}
		case 7:
			if metadata {
				u.ExternalMetadata["name"] = "Nickname " + strconv.Itoa(i) // the profile has a name too
			}
		}
		add(u)
	}
}
