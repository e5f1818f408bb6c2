package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"unicode/utf8"

	"github.com/messembed/messembed-go/messembedtest"
)

// seedUsers creates the users of a file and returns their number. The file is CSV
// if it does not begin like JSON.
func seedUsers(fake *messembedtest.Server, name string) (int, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if err := foreign(data); err != nil {
		return 0, fmt.Errorf("%s %w", name, err)
	}
	seed := seedCSV
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		seed = seedJSONL
	}
	if err := seed(fake, data); err != nil {
		return 0, fmt.Errorf("%s, %w", name, err)
	}
	return fake.Inspect().Counts().Users.Count, nil
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
	case isSpread(data):
		return errors.New("has objects of several lines, not one object per line; convert it, as with jq -c '.'")
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

// isSpread reports whether a file is whole JSON objects, but its first line is not.
func isSpread(data []byte) bool {
	data = bytes.TrimSpace(data)
	first, _, _ := bytes.Cut(data, []byte("\n"))
	if !bytes.HasPrefix(data, []byte("{")) || json.Valid(first) {
		return false
	}
	objects := json.NewDecoder(bytes.NewReader(data))
	for {
		var object json.RawMessage
		if err := objects.Decode(&object); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// seedUser creates a user from the body of a request. It checks what the service
// would only reject with a 500, or would ignore.
func seedUser(fake *messembedtest.Server, id string, body []byte) error {
	if id == "" {
		return errors.New(`no "id"`)
	}
	status, _, err := fake.Inspect().Do("POST", "/admin-api/users", json.RawMessage(body))
	switch {
	case err != nil:
		return err
	case status == http.StatusCreated:
		return nil
	case status == http.StatusConflict:
		return fmt.Errorf("another user already has the id %q", id)
	}
	if err := checkKeys(body); err != nil {
		return fmt.Errorf("the service would not store user %q: %w", id, err)
	}
	return fmt.Errorf("the service would not store user %q: status %d", id, status)
}
