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

// chatUsers is what a log-in needs of the chat; *messembed.Client has it.
type chatUsers interface {
	EnsureUser(context.Context, messembed.CreateUserParams, ...messembed.RequestOption) (*messembed.User, bool, error)
	CreateAccessToken(context.Context, string, ...messembed.RequestOption) (*messembed.AccessToken, error)
}

// loginHandler logs people in to this application and, where it can, to the chat.
type loginHandler struct {
	check    func(username, password string) (account, bool) // this application's own log-in
	session  func(http.ResponseWriter, account)              // this application's own session cookie
	chat     chatUsers
	patience time.Duration // how long a log-in waits for the chat at the most
	log      *slog.Logger
}

// loginAnswer is what the front end gets.
type loginAnswer struct {
	ID   string     `json:"id"`
	Name string     `json:"name"`
	Chat chatAccess `json:"chat"`
}

// chatAccess is the token for the chat, or the word that there is none now.
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
		h.log.Warn("the answer to a log-in was not written", "error", err)
	}
}

// chatAccess puts the user into the chat and mints the token, in one time limit
// for both. A chat that is slow or down costs the log-in that much time and
// nothing else: the front end is told, and can ask again later.
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
