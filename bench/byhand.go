package main

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

// byHand is what one writes against the service without an SDK: sensible code
// on net/http and encoding/json.
type byHand struct {
	url    string
	client *http.Client
}

func newByHand(url string, connections int) *byHand {
	return &byHand{url: url, client: &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{MaxIdleConns: connections, MaxIdleConnsPerHost: connections, IdleConnTimeout: 4 * time.Second},
	}}
}

type wireParams struct {
	ID                      string             `json:"id"`
	ExternalMetadata        messembed.Metadata `json:"externalMetadata,omitempty"`
	PrivateExternalMetadata messembed.Metadata `json:"privateExternalMetadata,omitempty"`
}

func (h *byHand) createUser(ctx context.Context, p messembed.CreateUserParams) (*messembed.User, error) {
	body, err := json.Marshal(wireParams{p.ID, p.ExternalMetadata, p.PrivateExternalMetadata})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+"/admin-api/users", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth("admin", "pw")
	req.Header.Set("Content-Type", "application/json")
	resp, err := h.client.Do(req)
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
	var w wireUser
	if err := json.Unmarshal(answer, &w); err != nil {
		return nil, err
	}
	return w.user(), nil
}

// wireUser is a user as the service writes it, as one would declare it by hand.
type wireUser struct {
	ID                      string                `json:"_id"`
	CreatedAt               time.Time             `json:"createdAt"`
	UpdatedAt               *time.Time            `json:"updatedAt"`
	DeletedAt               *time.Time            `json:"deletedAt"`
	ExternalMetadata        messembed.Metadata    `json:"externalMetadata"`
	PrivateExternalMetadata messembed.Metadata    `json:"privateExternalMetadata"`
	BlockStatus             messembed.BlockStatus `json:"blockStatus"`
	BlockStatusUpdatedAt    *time.Time            `json:"blockStatusUpdatedAt"`
}

func (w *wireUser) user() *messembed.User {
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

// eachByTokens walks a list with encoding/json's Token and Decode. It does not
// keep Raw, which the SDK does: that would take a second pass.
func eachByTokens(r io.Reader, each func(*messembed.User)) error {
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
		var w wireUser
		if err := dec.Decode(&w); err != nil {
			return err
		}
		each(w.user())
	}
	_, err := dec.Token()
	return err
}
