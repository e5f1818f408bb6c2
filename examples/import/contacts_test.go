package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	messembed "github.com/messembed/messembed-go"
)

func TestContacts(t *testing.T) {
	for _, name := range []string{
		"email", "E-Mail", "e_mail", "emails", "mail", "Mail 2", "user_mail", "userMail", "workEmail", "contact.mail",
		"phone", "telephone", "phoneNumber", "Telefon", "tel", "Tel.", "homeTel", "mobile", "mobileNumber",
	} {
		c := new(contacts)
		c.note(name)
		assert.Equal(t, []string{name}, c.found)
	}
	for _, name := range []string{"name", "hotel", "mailbox", "email"[:2], "telemetry", "Mailing", "automobile", ""} {
		c := new(contacts)
		c.note(name)
		assert.Empty(t, c.found, name)
	}
}

// Each name is told once.
func TestContacts_warning(t *testing.T) {
	c := new(contacts)
	c.noteMaps([]string{"work mail=address.work", "name=name"})
	c.noteUser(messembed.CreateUserParams{
		ExternalMetadata:        messembed.Metadata{"name": "Ada", "contact": map[string]any{"tel": "1"}},
		PrivateExternalMetadata: messembed.Metadata{"email": "ada@example.test"},
	})
	told := c.warning()
	assert.Contains(t, told, `by the name of "email", "tel", "work mail": whoever can reach the service`)
	assert.NotContains(t, told, "ada@example.test")
	assert.Empty(t, c.warning())
	c.noteUser(messembed.CreateUserParams{ExternalMetadata: messembed.Metadata{"phone": "2", "tel": "1"}})
	assert.Contains(t, c.warning(), `by the name of "phone": `)
}
