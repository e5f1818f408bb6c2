package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// account is a user of this application.
type account struct{ ID, Name, Avatar string }

// chatUsers is what a login needs from the chat; *messembed.Client implements it.
type chatUsers interface {
	EnsureUser(context.Context, messembed.CreateUserParams, ...messembed.RequestOption) (*messembed.User, bool, error)
	CreateAccessToken(context.Context, string, ...messembed.RequestOption) (*messembed.AccessToken, error)
}

// loginHandler logs users in to this application and, if possible, to the chat.
type loginHandler struct {
	check    func(username, password string) (account, bool) // this application's own login
	session  func(http.ResponseWriter, account)              // this application's own session cookie
	chat     chatUsers
	patience time.Duration // the longest time that a login waits for the chat
	log      *slog.Logger
}

// loginAnswer is the response to the front end.
type loginAnswer struct {
	ID   string     `json:"id"`
	Name string     `json:"name"`
	Chat chatAccess `json:"chat"`
}

// chatAccess is the token for the chat, or says that the chat is unavailable.
type chatAccess struct {
	Available bool   `json:"available"`
	Token     string `json:"token,omitempty"`
}

func (h *loginHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	who, ok := h.check(r.FormValue("username"), r.FormValue("password"))
	if !ok {
		http.Error(w, "wrong username or password", http.StatusUnauthorized)
		return
	}
	h.session(w, who)
	answer := loginAnswer{ID: who.ID, Name: who.Name, Chat: h.chatAccess(r.Context(), who)}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		h.log.Warn("cannot write the login response", "error", err)
	}
}

// chatAccess ensures that the chat user exists and mints the token, within one time
// limit. A slow or unavailable chat delays the login by at most that limit; the
// front end learns of it and can ask again later.
func (h *loginHandler) chatAccess(ctx context.Context, who account) chatAccess {
	ctx, cancel := context.WithTimeout(ctx, h.patience)
	defer cancel()
	_, _, err := h.chat.EnsureUser(ctx, messembed.CreateUserParams{
		ID:               who.ID,
		ExternalMetadata: messembed.Metadata{"name": who.Name, "avatar": who.Avatar},
	})
	var token *messembed.AccessToken
	if err == nil {
		token, err = h.chat.CreateAccessToken(ctx, who.ID)
	}
	if err != nil {
		h.log.Warn("logged in without the chat", "user", who.ID, "error", err)
		return chatAccess{}
	}
	return chatAccess{Available: true, Token: token.AccessToken}
}
