package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
)

func (p *page) addUser(form struct{ ID, Name, Metadata string }) error {
	if form.ID == "" {
		return wrong("id", "Enter an id.")
	}
	entered, err := metadataIn("metadata", form.Metadata)
	if err != nil {
		return err
	}
	var metadata any = entered
	if form.Name != "" {
		named := map[string]any{}
		_ = json.Unmarshal(entered, &named) // metadataIn has read it
		if other, found := named["name"]; found && other != form.Name {
			return wrong("name", "The metadata below has another name. Enter the name in one place.")
		}
		named["name"] = form.Name
		metadata = named
	}
	return p.do("POST", "/admin-api/users", map[string]any{
		"id": form.ID, "externalMetadata": metadata,
	})
}

// metadataIn returns the JSON object that was entered in a field, an empty one if
// nothing was.
func metadataIn(field, text string) (json.RawMessage, error) {
	if strings.TrimSpace(text) == "" {
		text = "{}"
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		return nil, wrong(field, "This must be a JSON object.")
	}
	if err := checkKeys([]byte(text)); err != nil {
		return nil, wrong(field, "This cannot be stored: "+err.Error()+".")
	}
	return json.RawMessage(text), nil
}

func (p *page) editUser(form struct{ ID, External, Private string }) error {
	external, err := metadataIn("external", form.External)
	if err != nil {
		return err
	}
	private, err := metadataIn("private", form.Private)
	if err != nil {
		return err
	}
	return p.do("PATCH", userPath(form.ID), map[string]any{"externalMetadata": external, "privateExternalMetadata": private})
}

// deleteUser does what the SDK's DeleteUser does where the service has no route
// for it, as this one.
func (p *page) deleteUser(form struct{ ID string }) error {
	return p.do("PATCH", userPath(form.ID), map[string]any{
		"externalMetadata":        struct{}{},
		"privateExternalMetadata": map[string]string{"messembedDeletedAt": time.Now().UTC().Format(time.RFC3339)},
		"blockStatus":             messembed.BlockCantSendAndReceive,
	})
}

// mintToken is the one action that shows a secret, because the person asks for it.
func (p *page) mintToken(form struct{ ID string }) (any, error) {
	var minted struct {
		AccessToken string `json:"accessToken"`
	}
	answer, err := p.ask("POST", userPath(form.ID)+"/access-tokens", nil)
	if err == nil {
		err = json.Unmarshal(answer, &minted)
	}
	return minted, err
}

func userPath(id string) string { return "/admin-api/users/" + url.PathEscape(id) }

func (p *page) blockUser(form struct {
	ID      string
	Blocked bool
}) error {
	change := map[string]any{"removeBlockStatus": true}
	if form.Blocked {
		change = map[string]any{"blockStatus": "CANT_SEND_AND_RECEIVE_NEW_MESSAGES"}
	}
	return p.do("PATCH", userPath(form.ID), change)
}

type openedChat struct {
	ID string `json:"id"`
}

// openChat returns the new chat's id, which the page then shows.
func (p *page) openChat(form struct{ First, Second string }) (any, error) {
	switch {
	case form.First == "":
		return nil, wrong("first", "A chat needs two users.")
	case form.Second == "":
		return nil, wrong("second", "A chat needs two users.")
	}
	answer, err := p.ask("POST", "/admin-api/chats", map[string]any{
		"firstCompanionId": form.First, "secondCompanionId": form.Second,
	})
	if m, ok := errors.AsType[*mistake](err); ok && m.code == "CHAT_ALREADY_EXISTS" {
		if existing, err := p.ask("GET", "/admin-api/chats/"+url.PathEscape(form.First)+":"+url.PathEscape(form.Second), nil); err == nil {
			m.Chat = idOf(existing)
		}
	}
	return openedChat{idOf(answer)}, err
}

// idOf returns the id of a document, or "".
func idOf(document []byte) string {
	var stored struct {
		ID string `json:"_id"`
	}
	_ = json.Unmarshal(document, &stored)
	return stored.ID
}

func (p *page) activateChat(form struct {
	ID     string
	Active bool
}) error {
	return p.do("PATCH", "/admin-api/chats/"+url.PathEscape(form.ID), map[string]any{
		"active": form.Active,
	})
}

func (p *page) sendMessage(form struct{ Chat, User, Content string }) error {
	if form.Content == "" {
		return wrong("content", "Enter a message.")
	}
	return p.do("POST", "/admin-api/chats/"+url.PathEscape(form.Chat)+"/messages", map[string]any{
		"userId": form.User, "content": form.Content,
	})
}

// do sends an action to the service itself, so that it refuses what the real one would.
func (p *page) do(method, path string, body any) error {
	_, err := p.ask(method, path, body)
	return err
}

// ask is like do and returns the service's response.
func (p *page) ask(method, path string, body any) ([]byte, error) {
	status, answer, err := p.in.Do(method, path, body)
	if err != nil || status < 300 {
		return answer, err
	}
	var said struct {
		Code    string
		Message any
	}
	_ = json.Unmarshal(answer, &said)
	return nil, &mistake{status: status, code: said.Code, Text: explain(status, said.Code, said.Message)}
}

// explanations are the texts of error codes that come without one.
var explanations = map[string]string{
	"USER_ID_IS_NOT_UNIQUE": "A user with this id already exists.",
	"CHAT_ALREADY_EXISTS":   "These users already have a chat.",
	"USER_NOT_FOUND":        "No such user.",
	"CHAT_NOT_FOUND":        "No such chat.",
}

func explain(status int, code string, message any) string {
	text, _ := message.(string)
	if list, ok := message.([]any); ok && len(list) > 0 {
		text, _ = list[0].(string)
	}
	if known := explanations[code]; known != "" && text == "" {
		text = known
	}
	if text == "" || status == http.StatusInternalServerError {
		text = "The service would respond " + http.StatusText(status) + "."
	}
	if code != "" {
		text += " (" + code + ")"
	}
	return text
}

func (p *page) dropClients(struct{}) error {
	p.fake.DropConnections()
	return nil
}

func (p *page) stallClients(struct{}) error {
	p.fake.StallConnections()
	return nil
}

func (p *page) refuseWebsockets(form struct{ Refuse bool }) error {
	p.fake.RefuseWebsockets(form.Refuse)
	return nil
}

func (p *page) clear(struct{}) error {
	p.in.Clear()
	return nil
}
