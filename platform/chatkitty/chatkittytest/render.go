package chatkittytest

import (
	"fmt"
	"strconv"
)

const api = "https://api.chatkitty.com/v1"

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

// page responds with the requested page of count items, which item returns. name is their key
// inside _embedded.
func (s *Server) page(c *call, name string, count int, item func(i int) object) reply {
	number, okNumber := intParameter(c.query.Get("page"), 0, 0)
	size, okSize := intParameter(c.query.Get("size"), 25, 1)
	if !okNumber || !okSize {
		return clientError()
	}
	if most := s.guesses.maxPageSize; most > 0 {
		size = min(size, most)
	}
	pages := (count + size - 1) / size
	from := min(number, pages) * size
	from, to := min(from, count), min(from+size, count)
	at := func(n int) string { return fmt.Sprintf("%s/%s?page=%d&size=%d", api, name, n, size) }
	links := []string{"self", at(number), "first", at(0)}
	if number > 0 {
		links = append(links, "prev", at(number-1))
	}
	if number+1 < pages {
		links = append(links, "next", at(number+1))
	}
	links = append(links, "last", at(max(pages-1, 0)))
	out := object{
		"_links": s.links(links...),
		"page":   object{"size": size, s.key("totalElements"): count, s.key("totalPages"): pages, "number": number},
	}
	if from < to || s.guesses.emptyEmbedded {
		items := make([]object, 0, to-from)
		for i := from; i < to; i++ {
			items = append(items, item(i))
		}
		out["_embedded"] = object{name: items}
	}
	return success(out)
}

func intParameter(text string, otherwise, least int) (int, bool) {
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return int(n), err == nil && int(n) >= least
}
