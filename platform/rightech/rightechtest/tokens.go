package rightechtest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
)

// createToken is the guessed route, in the format that the fake was given.
func (s *Server) createToken(c *call) reply {
	shape := s.guesses.tokenShape
	userField, tokenField, expiresField := "user", "token", "expires"
	for field, value := range map[*string]string{
		&userField: shape.UserField, &tokenField: shape.TokenField, &expiresField: shape.ExpiresField,
	} {
		if value != "" {
			*field = value
		}
	}
	var body map[string]any
	if err := json.Unmarshal(c.body, &body); err != nil {
		return invalid()
	}
	for name, value := range shape.Fields {
		if !reflect.DeepEqual(body[name], value) {
			return invalid()
		}
	}
	id, _ := body[userField].(string)
	if id == "" {
		return invalid()
	}
	if s.byID[id] == nil {
		return userNotFound()
	}
	s.issued++
	answer := object{tokenField: token(id, s.issued)}
	if expires, ok := body[expiresField].(float64); ok {
		answer[expiresField] = int64(expires)
	}
	return success(answer)
}

// token looks like the service's token: a JWT that names a user.
func token(userID string, n int) string {
	part := base64.RawURLEncoding.EncodeToString
	claims := fmt.Sprintf(`{"jti":"%d","sub":%q,"grp":%q}`, n, userID, groupID)
	return part([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + part([]byte(claims)) + "." + part([]byte("rightech-test-signature"))
}
