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

// hook hears from the identity provider of each account that was made or changed
// and keeps the chat's user current.
//
// Such calls come more than once, and not always in order. So each is answered
// by what the provider is to do: 204 it is done; 503 send it again later; 4xx do
// not send it again.
type hook struct {
	chat     chatUsers
	secret   []byte // signs the calls; shared with the identity provider
	patience time.Duration
	log      *slog.Logger
}

// chatUsers is what the hook needs of the chat; *messembed.Client has it.
type chatUsers interface {
	CreateUser(context.Context, messembed.CreateUserParams, ...messembed.RequestOption) (*messembed.User, error)
	ModifyUser(context.Context, string, func(*messembed.User) error, ...messembed.RequestOption) (*messembed.User, error)
}

// accountEvent is what the identity provider sends.
type accountEvent struct {
	Type    string  `json:"type"` // account.created, account.updated
	Account account `json:"account"`
}

type account struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Avatar   string `json:"avatar"`
	Revision int    `json:"revision"` // grows with each change
}

const signatureHeader = "X-Signature-Sha256"

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	if !h.signed(body, r.Header.Get(signatureHeader)) {
		http.Error(w, "the signature is wrong", http.StatusForbidden)
		return
	}
	var event accountEvent
	if err := json.Unmarshal(body, &event); err != nil {
		http.Error(w, "the body is no account event", http.StatusBadRequest)
		return
	}
	if event.Type != "account.created" && event.Type != "account.updated" {
		w.WriteHeader(http.StatusNoContent) // nothing for the chat
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.patience)
	defer cancel()
	if err := h.put(ctx, event.Account); err != nil {
		h.log.Error("an account did not reach the chat", "account", event.Account.ID, "error", err)
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// put makes the chat's user what the account is, whether it is new or not. It
// does not use EnsureUser, which would bring a deleted user back: a call may
// well come after the account's end.
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
			return nil // an older call came late
		}
		u.ExternalMetadata["name"] = a.Name
		u.ExternalMetadata["avatar"] = a.Avatar
		u.ExternalMetadata["revision"] = a.Revision
		return nil // what else is there stays; if nothing differs, nothing is sent
	})
	if errors.Is(err, messembed.ErrNotFound) {
		return nil // deleted, and to stay so
	}
	return err
}

// refuse tells the provider whether to send it again.
func refuse(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, messembed.ErrInvalidArgument), errors.Is(err, messembed.ErrTooLarge):
		http.Error(w, "the chat cannot take this account", http.StatusUnprocessableEntity)
	default: // the chat is down, or somebody has to mend the configuration: either way later is better
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
