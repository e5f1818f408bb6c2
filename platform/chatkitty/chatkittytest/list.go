package chatkittytest

import (
	"fmt"
	"strconv"
	"strings"
)

func (s *Server) listUsers(c *call) reply {
	found := s.users
	if c.query.Has("name") {
		found = nil
		for _, u := range s.users {
			if s.nameFits(u.name, c.query.Get("name")) {
				found = append(found, u)
			}
		}
	}
	return s.page(c, "users", len(found), func(i int) object { return s.render(c.dialect, found[i]) })
}

func (s *Server) nameFits(name, filter string) bool {
	if s.guesses.looseNameFilter {
		return strings.Contains(strings.ToLower(name), strings.ToLower(filter))
	}
	return name == filter
}

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
		"_links": c.dialect.links(links...),
		"page":   object{"size": size, c.dialect.key("totalElements"): count, c.dialect.key("totalPages"): pages, "number": number},
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
