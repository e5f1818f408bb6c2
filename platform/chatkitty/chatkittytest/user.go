package chatkittytest

import (
	"bytes"
	"encoding/json"
	"strconv"
)

const api = "https://api.chatkitty.com/v1"

// user is a user as the service stores it. The values in properties and extra
// are never changed, only replaced.
type user struct {
	id                            int64
	kind                          string // PERSON or BOT
	name, displayName, pictureURL string
	guest                         bool
	callStatus, status            string
	session                       *session // the active session; nil if the user is offline
	properties                    map[string]any
	extra                         map[string]json.RawMessage // fields that the fake does not know
}

// render returns a user as the service sends it.
func (s *Server) render(d dialect, u *user) object {
	self := api + "/applications/1/users/" + strconv.FormatInt(u.id, 10)
	out := object{
		"id": u.id, "type": u.kind, "name": u.name,
		d.key("displayName"):       u.displayName,
		d.key("displayPictureUrl"): u.pictureURL,
		"presence":                 object{"status": u.status, "online": u.session != nil},
		"properties":               u.properties,
		"_links": d.links(
			"self", self, "channels", self+"/channels", "notifications", self+"/notifications",
			"displayPicture", self+"/display-picture", "application", api+"/applications/1",
		),
	}
	if u.guest || s.guesses.explicitIsGuest {
		out["isGuest"] = u.guest
	}
	if u.callStatus != "" {
		out[d.key("callStatus")] = u.callStatus
	}
	for name, value := range u.extra {
		out[name] = value
	}
	return out
}

func (s *Server) application(d dialect) object {
	return object{
		"id": 1, "key": "afaac908-1db3-4b5c-a7ae-c040b9684403", "properties": object{},
		d.key("createdTime"): "2020-10-02T20:29:25.316Z",
		"_links":             d.links("self", api+"/applications/1"),
	}
}

func (s *Server) getApplication(c *call) reply { return success(s.application(c.dialect)) }

// readObject keeps numbers as they were written.
func readObject(data []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var o map[string]any
	if err := dec.Decode(&o); err != nil {
		return nil, err
	}
	if o == nil {
		o = map[string]any{}
	}
	return o, nil
}
