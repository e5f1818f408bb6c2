package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	messembed "github.com/messembed/messembed-go"
)

// contacts finds the columns and the keys of metadata that seem to hold e-mail
// addresses or phone numbers, by their names. On Messembed no metadata is private.
type contacts struct {
	found []string
	told  int // of the found, from the first
}

// contactName matches email, E-Mail, user_mail, workTel and Phone 2, but not hotel.
var contactName = regexp.MustCompile(`(?i:e-?mail|phone|telefon)|` +
	`(?:^|[^a-zA-Z])(?i:mails?|tel|mobile)(?:$|[^a-z])|` +
	`[a-z](?:Mails?|Tel|Mobile)(?:$|[^a-z])`)

func (c *contacts) note(name string) {
	const most = 20
	if len(c.found) < most && contactName.MatchString(name) && !slices.Contains(c.found, name) {
		c.found = append(c.found, name)
	}
}

// noteMaps notes the columns that -map names: their keys may say less.
func (c *contacts) noteMaps(maps []string) {
	for _, text := range maps {
		column, _, _ := strings.Cut(text, "=")
		c.note(column)
	}
}

func (c *contacts) noteUser(p messembed.CreateUserParams) {
	c.noteKeys(p.ExternalMetadata)
	c.noteKeys(p.PrivateExternalMetadata)
}

func (c *contacts) noteKeys(object map[string]any) {
	for key, value := range object {
		c.note(key)
		if inner, ok := value.(map[string]any); ok {
			c.noteKeys(inner)
		}
	}
}

// warning returns what to say about the names found since it was last called; ""
// if there are none.
func (c *contacts) warning() string {
	names := c.found[c.told:]
	c.told = len(c.found)
	if len(names) == 0 {
		return ""
	}
	quoted := make([]string, len(names))
	for i, name := range slices.Sorted(slices.Values(names)) {
		quoted[i] = strconv.Quote(name)
	}
	return fmt.Sprintf("Warning: e-mail addresses or phone numbers, by the name of %s: whoever can reach the service and knows a user's id can read them "+
		"(GET /users/{id} asks for no credentials), as private metadata too; -map chooses the columns of a CSV file that are stored", strings.Join(quoted, ", "))
}
