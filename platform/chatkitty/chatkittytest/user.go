package chatkittytest

import (
	"bytes"
	"encoding/json"
	"strconv"
)

const api = "https://api.chatkitty.com/v1"

// user is a user as the service stores it. The values in properties and extra are never changed,
// only replaced.
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
func (s *Server) render(u *user) object {
	self := api + "/applications/1/users/" + strconv.FormatInt(u.id, 10)
	out := object{
		"id": u.id, "type": u.kind, "name": u.name,
		s.key("displayName"):       u.displayName,
		s.key("displayPictureUrl"): u.pictureURL,
		"presence":                 object{"status": u.status, "online": u.session != nil},
		"properties":               u.properties,
		"_links": s.links(
			"self", self, "channels", self+"/channels", "notifications", self+"/notifications",
			"displayPicture", self+"/display-picture", "application", api+"/applications/1",
		),
	}
	if u.guest || s.guesses.explicitIsGuest {
		out["isGuest"] = u.guest
	}
	if u.callStatus != "" {
		out[s.key("callStatus")] = u.callStatus
	}
	for name, value := range u.extra {
		out[name] = value
	}
	return out
}

// snakeNames are the names that differ in the second dialect; isGuest does not.
var snakeNames = map[string]string{
	"displayName": "display_name", "displayPictureUrl": "display_picture_url", "callStatus": "call_status", "createdTime": "created_time",
	"endTime": "end_time", "userAgent": "user_agent", "totalElements": "total_elements", "totalPages": "total_pages",
}

func (s *Server) key(name string) string {
	if snake, ok := snakeNames[name]; ok && s.guesses.snakeCase {
		return snake
	}
	return name
}

// links takes relations and addresses alternately.
func (s *Server) links(pairs ...string) any {
	if s.guesses.snakeCase {
		list := make([]object, 0, len(pairs)/2)
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, object{"rel": pairs[i], "href": pairs[i+1]})
		}
		return list
	}
	byName := object{}
	for i := 0; i < len(pairs); i += 2 {
		byName[pairs[i]] = object{"href": pairs[i+1]}
	}
	return byName
}

func (s *Server) application() object {
	return object{
		"id": 1, "key": "afaac908-1db3-4b5c-a7ae-c040b9684403", "properties": object{},
		s.key("createdTime"): "2020-10-02T20:29:25.316Z",
		"_links":             s.links("self", api+"/applications/1"),
	}
}

func (s *Server) getApplication(*call) reply { return success(s.application()) }

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
