package rocketchattest

import (
	"slices"

	"github.com/messembed/messembed-go/platform/rocketchat"
)

// callerToken is the administrator's token.
const callerToken = "rocketchattest-auth-token-of-the-caller-000"

// maxTokens is the number of logins a user may have; the oldest are removed.
const maxTokens = 50

// token is a login.
type token struct {
	owner    *user
	serial   int
	bypasses bool // the second factor is not required
}

// authenticate checks the two headers, which must match each other.
func (s *Server) authenticate(c *call) bool {
	t := s.tokens[c.request.Header.Get("X-Auth-Token")]
	if t == nil || t.owner.id() != c.request.Header.Get("X-User-Id") || !t.owner.active() {
		return false
	}
	c.caller, c.token = t.owner, t
	return true
}

// mint creates a token for the user.
func (s *Server) mint(u *user) string {
	var own []string
	newest := 0
	for text, t := range s.tokens {
		newest = max(newest, t.serial)
		if t.owner == u {
			own = append(own, text)
		}
	}
	if len(own) >= maxTokens {
		slices.SortFunc(own, func(a, b string) int { return s.tokens[a].serial - s.tokens[b].serial })
		for _, text := range own[:len(own)-maxTokens+1] {
			delete(s.tokens, text)
		}
	}
	text := s.ids.token()
	s.tokens[text] = &token{owner: u, serial: newest + 1}
	return text
}

// dropTokens logs the user out everywhere.
func (s *Server) dropTokens(u *user) {
	for text, t := range s.tokens {
		if t.owner == u {
			delete(s.tokens, text)
		}
	}
}

// Credentials returns an administrator's credentials for rocketchat.New.
func (s *Server) Credentials() rocketchat.Credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.credentials(callerToken)
}

func (s *Server) credentials(token string) rocketchat.Credentials {
	cred := rocketchat.Credentials{UserID: s.caller.id(), AuthToken: token}
	if s.version.atLeast(8, 0) {
		cred.TokenSecret = s.tokenSecret
	}
	return cred
}

// PersonalAccessToken returns the administrator's credentials with a new
// personal access token, which bypasses the second factor or does not.
func (s *Server) PersonalAccessToken(bypassTwoFactor bool) rocketchat.Credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	minted := s.mint(s.caller)
	s.tokens[minted].bypasses = bypassTwoFactor
	return s.credentials(minted)
}

// RevokeCredentials revokes the administrator's tokens, as if the account had been logged out.
func (s *Server) RevokeCredentials() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropTokens(s.caller)
}
