package rightechtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// listUsers returns the users of the token's group that match the query.
func (s *Server) listUsers(c *call) reply {
	limit, offset := 50, 0
	if text := c.query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 10_000 {
			return invalid()
		}
		limit = n
	}
	if text := c.query.Get("offset"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return invalid()
		}
		offset = n
	}
	if s.guesses.ignoredOffset {
		offset = 0
	}
	if c.query.Get("nolimit") == "true" {
		limit = len(s.users)
	}
	items := make([]object, 0, min(limit, len(s.users)))
	for _, u := range s.users {
		if u.group != groupID || !s.fits(u, c) {
			continue
		}
		if offset > 0 {
			offset--
			continue
		}
		if len(items) == limit {
			break
		}
		items = append(items, projected(render(u, s.guesses.fullReads), c.query.Get("only")))
	}
	return s.list(items)
}

// fits reports whether a user matches search and where.<field>.
func (s *Server) fits(u *user, c *call) bool {
	if search := strings.ToLower(c.query.Get("search")); search != "" {
		places := []string{u.name, u.email}
		if u.phone != nil {
			places = append(places, *u.phone)
		}
		if !s.guesses.noLoginSearch {
			places = append(places, u.login)
		}
		if !strings.Contains(strings.ToLower(strings.Join(places, "\n")), search) {
			return false
		}
	}
	for name, values := range c.query {
		if field, ok := strings.CutPrefix(name, "where."); ok && render(u, true)[field] != any(values[0]) {
			return false
		}
	}
	return true
}

// projected returns the fields of an item that only names.
func projected(o object, only string) object {
	if only == "" {
		return o
	}
	out := object{}
	for name := range strings.SplitSeq(only, ",") {
		if value, ok := o[name]; ok {
			out[name] = value
		}
	}
	return out
}

// list is a bare array, in one piece or with an item per line.
func (s *Server) list(items []object) reply {
	if !s.guesses.streamedLists {
		return reply{status: http.StatusOK, body: items}
	}
	var b bytes.Buffer
	b.WriteString("[\n")
	for i, item := range items {
		if i > 0 {
			b.WriteString("\n,\n")
		}
		data, err := json.Marshal(item)
		if err != nil {
			return ricError(http.StatusInternalServerError, tagOf(http.StatusInternalServerError))
		}
		b.Write(data)
	}
	b.WriteString("\n]")
	return reply{status: http.StatusOK, raw: b.Bytes()}
}
