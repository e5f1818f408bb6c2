package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// hook is called by the identity provider for each account that was created or
// changed, and keeps the chat user current.
//
// Such calls can arrive twice or out of order. The status tells the provider what to
// do: 204 done; 503 retry later; 4xx do not retry.
type hook struct {
	chat     chatUsers
	secret   []byte // signs the calls, and is shared with the identity provider
	patience time.Duration
	log      *slog.Logger
}

// chatUsers is what the hook needs from the chat; *messembed.Client implements it.
type chatUsers interface {
	CreateUser(context.Context, messembed.CreateUserParams, ...messembed.RequestOption) (*messembed.User, error)
	ModifyUser(context.Context, string, func(*messembed.User) error, ...messembed.RequestOption) (*messembed.User, error)
}

// accountEvent is what the identity provider sends.
type accountEvent struct {
	Type    string  `json:"type"` // account.created or account.updated
	Account account `json:"account"`
}

type account struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Avatar   string `json:"avatar"`
	Revision int    `json:"revision"` // increases with each change
}

const signatureHeader = "X-Signature-Sha256"

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		http.Error(w, "cannot read the body", http.StatusBadRequest)
		return
	}
	if !h.signed(body, r.Header.Get(signatureHeader)) {
		http.Error(w, "wrong signature", http.StatusForbidden)
		return
	}
	var event accountEvent
	if err := json.Unmarshal(body, &event); err != nil {
		http.Error(w, "the body is not an account event", http.StatusBadRequest)
		return
	}
	if event.Type != "account.created" && event.Type != "account.updated" {
		w.WriteHeader(http.StatusNoContent) // does not concern the chat
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.patience)
	defer cancel()
	if err := h.put(ctx, event.Account); err != nil {
		h.log.Error("cannot update the chat user", "account", event.Account.ID, "error", err)
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// put creates or updates the chat user of the account. It does not use EnsureUser,
// which would restore a deleted user: a call may arrive after the account was
// deleted.
func (h *hook) put(ctx context.Context, a account) error {
	_, err := h.chat.CreateUser(ctx, messembed.CreateUserParams{
		ID:               a.ID,
		ExternalMetadata: messembed.Metadata{"name": a.Name, "avatar": a.Avatar, "revision": a.Revision},
	})
	if !errors.Is(err, messembed.ErrAlreadyExists) {
		return err
	}
	_, err = h.chat.ModifyUser(ctx, a.ID, func(u *messembed.User) error {
		var there struct{ Revision int }
		if err := u.ExternalMetadata.Decode(&there); err == nil && there.Revision > a.Revision {
			return nil // a late call with older data
		}
		u.ExternalMetadata["name"] = a.Name
		u.ExternalMetadata["avatar"] = a.Avatar
		u.ExternalMetadata["revision"] = a.Revision
		return nil // other keys stay; if nothing changed, nothing is sent
	})
	if errors.Is(err, messembed.ErrNotFound) {
		return nil // deleted, and stays so
	}
	return err
}

// refuse tells the provider whether to retry.
func refuse(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, messembed.ErrInvalidArgument), errors.Is(err, messembed.ErrTooLarge):
		http.Error(w, "the chat cannot store this account", http.StatusUnprocessableEntity)
	default: // the chat is down or the configuration is wrong: a later call may succeed
		var e *messembed.Error
		if errors.As(err, &e) && e.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter.Seconds())))
		}
		http.Error(w, "the chat cannot be reached", http.StatusServiceUnavailable)
	}
}

func (h *hook) signed(body []byte, signature string) bool {
	given, err := hex.DecodeString(signature)
	return err == nil && hmac.Equal(given, sign(h.secret, body))
}

func sign(secret, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return mac.Sum(nil)
}
