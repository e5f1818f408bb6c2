package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/messembed/messembed-go/messembedtest"
)

// seedUsers creates a user from each line of the file, which is the body of a POST admin-api/users
// request. Empty lines are skipped.
func seedUsers(fake *messembedtest.Server, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewReader(file)
	for number := 1; ; number++ {
		line, end := lines.ReadBytes('\n')
		if end != nil && !errors.Is(end, io.EOF) {
			return end
		}
		if line := bytes.TrimSpace(line); len(line) > 0 {
			if err := seedUser(fake, line); err != nil {
				return fmt.Errorf("%s, line %d: %w", name, number, err)
			}
		}
		if end != nil {
			return nil
		}
	}
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
