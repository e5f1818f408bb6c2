package messembedtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"math"
	"net/http"
	"regexp"
	"strings"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

var anythingBasic = regexp.MustCompile(`(?i)basic`)

// isAdmin reports whether the request has the service's password. It reads HTTP
// Basic as passport does: the password is the text between the first and the
// second colon, the username can be anything but empty, and every scheme that
// contains "basic" is accepted.
func (s *Server) isAdmin(r *http.Request) bool {
	parts := strings.Split(r.Header.Get("Authorization"), " ")
	if len(parts) < 2 || !anythingBasic.MatchString(parts[0]) {
		return false
	}
	credentials := strings.Split(js.DecodeUTF8(node.DecodeBase64(parts[1])), ":")
	if len(credentials) < 2 || credentials[0] == "" || credentials[1] == "" {
		return false
	}
	return hmac.Equal([]byte(credentials[1]), []byte(s.password))
}

// signToken mints an access token as the server does, without an expiry.
func (s *Server) signToken(userID js.Value) string {
	claims := js.NewObject("sub", userID, "iat", math.Floor(float64(s.now())/1000))
	signed := tokenPart([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + tokenPart(js.AppendJSON(nil, claims))
	return signed + "." + tokenPart(macOf(sha256.New, s.jwtSecret, signed))
}

func tokenPart(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func macOf(h func() hash.Hash, key []byte, signed string) []byte {
	mac := hmac.New(h, key)
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

var authorizationParts = regexp.MustCompile(`(\S+)\s+(\S+)`)

// tokenHashes are the algorithms that the server accepts, since it specifies
// none when it verifies.
var tokenHashes = map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}

// tokenSubject verifies the request's access token and returns the user that it
// names, or false if the token is invalid. The server compares signatures as they
// are written. If the payload is not an object, the subject is a value that cannot
// be a user.
func (s *Server) tokenSubject(r *http.Request) (js.Value, bool) {
	found := authorizationParts.FindStringSubmatch(r.Header.Get("Authorization"))
	if found == nil || !strings.EqualFold(found[1], "bearer") {
		return nil, false
	}
	parts := strings.Split(found[2], ".")
	if len(parts) != 3 {
		return nil, false
	}
	header, err1 := decodePart(parts[0])
	payload, err2 := decodePart(parts[1])
	if err1 != nil || err2 != nil {
		return nil, false
	}
	fields, _ := header.(*js.Object)
	if fields == nil {
		return nil, false
	}
	newHash := tokenHashes[fields.Text("alg")]
	if newHash == nil || !hmac.Equal([]byte(parts[2]), []byte(tokenPart(macOf(newHash, s.jwtSecret, parts[0]+"."+parts[1])))) {
		return nil, false
	}
	claims, ok := payload.(*js.Object)
	if !ok {
		return &js.Object{}, true
	}
	return claims.Get("sub"), s.isCurrent(claims)
}

// isCurrent reports whether the token is valid at this time. A time that is not
// a number makes it invalid.
func (s *Server) isCurrent(claims *js.Object) bool {
	now := math.Floor(float64(s.now()) / 1000)
	if notBefore := claims.Get("nbf"); (notBefore != js.Undefined{}) {
		if t, ok := notBefore.(float64); !ok || t > now {
			return false
		}
	}
	if expiry := claims.Get("exp"); (expiry != js.Undefined{}) {
		if t, ok := expiry.(float64); !ok || now >= t {
			return false
		}
	}
	return true
}

func decodePart(part string) (js.Value, error) {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil, err
	}
	return js.ParseJSON(js.DecodeUTF8(data))
}
