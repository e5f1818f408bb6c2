// Package byhand is a client as written without an SDK: sensible code on net/http
// and encoding/json. It has a timeout, but no retries, no settling of lost responses
// and no limit on the response's size.
package byhand

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// Client calls the service.
type Client struct {
	URL  string
	HTTP *http.Client
}

// New returns a client that keeps this many connections.
func New(url string, connections int) *Client {
	return &Client{URL: url, HTTP: &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{MaxIdleConns: connections, MaxIdleConnsPerHost: connections, IdleConnTimeout: 4 * time.Second},
	}}
}

type wireParams struct {
	ID                      string             `json:"id"`
	ExternalMetadata        messembed.Metadata `json:"externalMetadata,omitempty"`
	PrivateExternalMetadata messembed.Metadata `json:"privateExternalMetadata,omitempty"`
}

// CreateUser creates a user.
func (c *Client) CreateUser(ctx context.Context, p messembed.CreateUserParams) (*messembed.User, error) {
	body, err := json.Marshal(wireParams{p.ID, p.ExternalMetadata, p.PrivateExternalMetadata})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/admin-api/users", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth("admin", "pw")
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusCreated {
		return nil, fmt.Errorf("status %d: %s", resp.StatusCode, answer)
	}
	var w User
	if err := json.Unmarshal(answer, &w); err != nil {
		return nil, err
	}
	return w.SDK(), nil
}

// User is a user of the service, as one would declare it by hand.
type User struct {
	ID                      string                `json:"_id"`
	CreatedAt               time.Time             `json:"createdAt"`
	UpdatedAt               *time.Time            `json:"updatedAt"`
	DeletedAt               *time.Time            `json:"deletedAt"`
	ExternalMetadata        messembed.Metadata    `json:"externalMetadata"`
	PrivateExternalMetadata messembed.Metadata    `json:"privateExternalMetadata"`
	BlockStatus             messembed.BlockStatus `json:"blockStatus"`
	BlockStatusUpdatedAt    *time.Time            `json:"blockStatusUpdatedAt"`
}

// SDK converts it to the SDK's type.
func (w *User) SDK() *messembed.User {
	u := &messembed.User{
		ID: w.ID, CreatedAt: w.CreatedAt, ExternalMetadata: w.ExternalMetadata,
		PrivateExternalMetadata: w.PrivateExternalMetadata, BlockStatus: w.BlockStatus,
	}
	set(&u.UpdatedAt, w.UpdatedAt)
	set(&u.DeletedAt, w.DeletedAt)
	set(&u.BlockStatusUpdatedAt, w.BlockStatusUpdatedAt)
	return u
}

func set(to, from *time.Time) {
	if from != nil {
		*to = *from
	}
}

// EachByTokens walks a list with encoding/json's Token and Decode. Unlike the SDK,
// it does not keep Raw, which would take a second pass.
func EachByTokens(r io.Reader, each func(*messembed.User)) error {
	dec := json.NewDecoder(r)
	for {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		if token == "data" {
			break
		}
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		var w User
		if err := dec.Decode(&w); err != nil {
			return err
		}
		each(w.SDK())
	}
	_, err := dec.Token()
	return err
}

// EachOfWhole reads a list as a whole.
func EachOfWhole(r io.Reader, each func(*messembed.User)) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var list struct {
		Data []User `json:"data"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	for i := range list.Data {
		each(list.Data[i].SDK())
	}
	return nil
}

// Do makes a call to any service.
func (c *Client) Do(ctx context.Context, method, url, contentType string, body io.Reader, v any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer token")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return json.Unmarshal(answer, v)
}
