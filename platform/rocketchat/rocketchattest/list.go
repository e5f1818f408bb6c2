package rocketchattest

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
)

// Page sizes of a fresh workspace.
const (
	defaultCount = 50
	upperCount   = 100
)

// listUsers omits the caller's own account; see doc.go.
func (s *Server) listUsers(c *call) (document, *failure) {
	everything := s.may(c, "view-full-other-user-info")
	email, _ := c.query["email"].(string)
	if email != "" && !everything {
		return nil, s.forbidden()
	}
	return s.page(c, func(u *user) bool { return email == "" || u.hasEmail(email) })
}

func (s *Server) listByStatus(c *call) (document, *failure) {
	status, _ := c.query["status"].(string)
	kind, _ := c.query["type"].(string)
	term, _ := c.query["searchTerm"].(string)
	term = strings.ToLower(term)
	roles, reasons := textsOf(c.query["roles"]), textsOf(c.query["inactiveReason"])
	return s.page(c, func(u *user) bool {
		hasRole := func(role string) bool { return slices.Contains(u.roles(), role) }
		if len(roles) > 0 && !slices.ContainsFunc(roles, hasRole) || len(reasons) > 0 && !slices.Contains(reasons, u.text("inactiveReason")) {
			return false
		}
		if loggedIn, given := c.query["hasLoggedIn"].(bool); given && loggedIn != (u.text("lastLogin") != "") {
			return false
		}
		found := strings.Contains(strings.ToLower(u.text("username")), term) || strings.Contains(strings.ToLower(u.text("name")), term) || u.hasEmail(term)
		return found && (status == "" || u.active() == (status == "active")) && (kind == "" || u.text("type") == kind)
	})
}

// page returns a page of the users that fit. A count above the limit is
// silently lowered; 0 means no limit.
func (s *Server) page(c *call, fits func(*user) bool) (document, *failure) {
	number := func(name string, otherwise int) int {
		if n, given := c.query[name].(float64); given && n >= 0 {
			return int(min(n, math.MaxInt32))
		}
		return otherwise
	}
	offset, count := number("offset", 0), min(number("count", defaultCount), upperCount)
	by, descending, failed := sorting(c)
	if failed != nil {
		return nil, failed
	}
	var all []*user
	for _, u := range s.sorted(by) {
		if fits(u) {
			all = append(all, u)
		}
	}
	if descending {
		slices.Reverse(all)
	}
	total := len(all)
	all = all[min(offset, total):]
	if count > 0 {
		all = all[:min(count, len(all))]
	}
	fields := listFields
	if !s.may(c, "view-full-other-user-info") {
		fields = slices.DeleteFunc(slices.Clone(fields), func(name string) bool { return name == "emails" })
	}
	shown := make([]document, len(all))
	for i, u := range all {
		shown[i] = u.project(fields...)
		if name, named := u.doc["name"].(string); named {
			shown[i]["nameInsensitive"] = strings.ToLower(name)
		}
	}
	return document{"users": shown, "count": len(shown), "offset": offset, "total": total}, nil
}

// sorted returns all users sorted by a field. The default order is cached,
// because a list of ten thousand users is a hundred pages.
func (s *Server) sorted(by string) []*user {
	if by == "username" && s.index.order != nil {
		return s.index.order
	}
	all := slices.Clone(s.users)
	slices.SortStableFunc(all, func(a, b *user) int { return cmp.Compare(a.text(by), b.text(by)) })
	if by == "username" {
		s.index.order = all
	}
	return all
}

// sorting parses {"name": -1}; of several fields the fake uses the alphabetically first.
func sorting(c *call) (by string, descending bool, failed *failure) {
	text, _ := c.query["sort"].(string)
	if text == "" {
		return "username", false, nil
	}
	var order map[string]float64
	if json.Unmarshal([]byte(text), &order) != nil || len(order) == 0 {
		return "", false, meteorError("error-invalid-sort", "Invalid sort parameter provided: \""+text+"\"", nil)
	}
	names := make([]string, 0, len(order))
	for name := range order {
		names = append(names, name)
	}
	by = slices.Min(names)
	return by, order[by] < 0, nil
}
