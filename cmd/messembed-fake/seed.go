package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"unicode/utf8"

	"github.com/messembed/messembed-go/messembedtest"
)

// seedUsers creates the users of a file: CSV if it does not begin like JSON.
func seedUsers(fake *messembedtest.Server, name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if err := foreign(data); err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	seed := seedCSV
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		seed = seedJSONL
	}
	if err := seed(fake, data); err != nil {
		return fmt.Errorf("%s, %w", name, err)
	}
	return nil
}

// otherFiles are files of other kinds, by their first bytes.
var otherFiles = []struct{ start, says string }{
	{"\xff\xfe", "is UTF-16; save it as UTF-8"},
	{"\xfe\xff", "is UTF-16; save it as UTF-8"},
	{"PK\x03\x04", "is a workbook, such as Excel's .xlsx, or another zip archive; save its sheet as CSV in UTF-8"},
	{"\xd0\xcf\x11\xe0", "is a workbook of an old Excel (.xls); save its sheet as CSV in UTF-8"},
	{"\x1f\x8b", "is compressed; unpack it with gzip -d"},
}

// foreign returns an error for a file that must be converted first.
func foreign(data []byte) error {
	for _, other := range otherFiles {
		if bytes.HasPrefix(data, []byte(other.start)) {
			return errors.New(other.says)
		}
	}
	switch {
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")):
		return errors.New("is one JSON array, not one user per line; convert it, as with jq -c '.[]'")
	case !bytes.Contains(data, []byte("\n")) && bytes.Contains(data, []byte("\r")):
		return errors.New("has lines that end with CR only, as on an old Mac; convert it, as with tr '\\r' '\\n'")
	case !utf8.Valid(data):
		line := 1
		for text := range bytes.Lines(data) {
			if !utf8.Valid(text) {
				break
			}
			line++
		}
		return fmt.Errorf("is not UTF-8 in line %d but perhaps Latin-1; convert it, as with iconv -f WINDOWS-1252 -t UTF-8", line)
	}
	return nil
}

// seedJSONL creates a user from each line, which is the body of a POST admin-api/users request.
// Empty lines are skipped.
func seedJSONL(fake *messembedtest.Server, data []byte) error {
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if err := seedUser(fake, line); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return nil
}

// seedUser checks what the service would only reject with a 500.
func seedUser(fake *messembedtest.Server, line []byte) error {
	var user struct {
		ID *string `json:"id"`
	}
	if err := json.Unmarshal(line, &user); err != nil {
		return err
	}
	if user.ID == nil || *user.ID == "" {
		return errors.New(`no "id"`)
	}
	status, _, err := fake.Inspect().Do("POST", "/admin-api/users", json.RawMessage(line))
	switch {
	case err != nil:
		return err
	case status == http.StatusCreated:
		return nil
	case status == http.StatusConflict:
		return fmt.Errorf("another user already has the id %q", *user.ID)
	default:
		return fmt.Errorf("the service would not store user %q: status %d", *user.ID, status)
	}
}
