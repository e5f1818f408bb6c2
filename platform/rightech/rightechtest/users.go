package rightechtest

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// userBody is the body of a create or an update.
type userBody struct {
	Role        *string `json:"role"`
	Name        *string `json:"name"`
	Email       *string `json:"email"`
	Login       *string `json:"login"`
	Password    *string `json:"password"`
	Phone       *string `json:"phone"`
	Disabled    *bool   `json:"disabled"`
	WebDisabled *bool   `json:"webDisabled"`
	Temp        *bool   `json:"temp"`
	Messages    *bool   `json:"messages"`
}

// good reports whether the given values comply with the service's rules.
func (b *userBody) good() bool {
	given := func(text *string) bool { return text == nil || *text != "" }
	return given(b.Role) && given(b.Name) && (b.Email == nil || strings.Contains(*b.Email, "@")) &&
		(b.Login == nil || goodLogin(*b.Login)) && (b.Password == nil || goodPassword(*b.Password))
}

// goodLogin requires 4 to 40 Latin letters, digits and special characters.
func goodLogin(login string) bool {
	for _, c := range login {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return len(login) >= 4 && len(login) <= 40
}

// goodPassword applies the platform's default policy.
func goodPassword(password string) bool {
	return utf8.RuneCountInString(password) >= 8 && strings.ContainsFunc(password, unicode.IsLower) &&
		strings.ContainsFunc(password, unicode.IsUpper) && strings.ContainsFunc(password, unicode.IsDigit)
}

func (s *Server) taken() reply {
	return ricError(s.guesses.duplicateStatus, s.guesses.duplicateTags...)
}

func (s *Server) createUser(c *call) reply {
	var b userBody
	if err := json.Unmarshal(c.body, &b); err != nil || !b.good() {
		return invalid()
	}
	for _, required := range []*string{b.Role, b.Name, b.Email, b.Login, b.Password} {
		if required == nil {
			return invalid()
		}
	}
	if s.byLogin[*b.Login] != nil || s.byEmail[*b.Email] != nil {
		return s.taken()
	}
	u := &user{
		id: s.nextID(), login: *b.Login, name: *b.Name, email: *b.Email, role: *b.Role, group: groupID,
		phone: b.Phone, disabled: b.Disabled, webDisabled: b.WebDisabled, temp: b.Temp,
		messages: b.Messages == nil || *b.Messages, created: s.clock(),
	}
	s.insert(u)
	return success(render(u, true))
}

func (s *Server) getUser(c *call) reply {
	u := s.byID[c.id]
	if u == nil {
		return userNotFound()
	}
	shown := render(u, s.guesses.fullReads)
	shown["group"] = u.group
	return success(shown)
}

// updateUser applies the given changes. The address cannot be changed.
func (s *Server) updateUser(c *call) reply {
	u := s.byID[c.id]
	if u == nil {
		return userNotFound()
	}
	var b userBody
	if err := json.Unmarshal(c.body, &b); err != nil || !b.good() {
		return invalid()
	}
	if b.Login != nil && *b.Login != u.login {
		if s.byLogin[*b.Login] != nil {
			return s.taken()
		}
		delete(s.byLogin, u.login)
		u.login = *b.Login
		s.byLogin[u.login] = u
	}
	set(&u.role, b.Role)
	set(&u.name, b.Name)
	set(&u.messages, b.Messages)
	setOptional(&u.phone, b.Phone)
	setOptional(&u.disabled, b.Disabled)
	setOptional(&u.webDisabled, b.WebDisabled)
	setOptional(&u.temp, b.Temp)
	u.changed = s.clock()
	return success(render(u, true))
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

func setOptional[T any](field **T, value *T) {
	if value != nil {
		*field = value
	}
}

func (s *Server) deleteUser(c *call) reply {
	u := s.byID[c.id]
	if u == nil {
		return userNotFound()
	}
	s.remove(u)
	return reply{status: http.StatusOK, raw: []byte(s.guesses.deleteBody)}
}
