package messembed_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// FuzzVerify shows that nothing passes as an access token unless it was signed with the secret using HS256.
func FuzzVerify(f *testing.F) {
	secret := []byte("a secret of the service")
	signer, err := messembed.NewTokenSigner(secret)
	if err != nil {
		f.Fatal(err)
	}
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	signed := func(header, payload string) string {
		text := part(header) + "." + part(payload)
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	for _, header := range []string{
		`{"alg":"HS256","typ":"JWT"}`, `{"alg":"none"}`, `{"alg":"HS512"}`, `{"alg":"hs256"}`, `{"alg":"RS256"}`, `{}`, `{"alg":"HS256","alg":"none"}`, `{"alg":"HS256","crit":["x"]}`,
	} {
		for _, payload := range []string{
			`{"sub":"ada","iat":1700000000}`, `{"sub":"ada","exp":1}`, `{"sub":"ada","exp":4000000000}`, `{"sub":"","iat":1}`, `{"sub":1}`, `{"sub":"ada","nbf":4000000000}`, `{"exp":"x"}`, `[]`,
		} {
			f.Add(signed(header, payload))
		}
	}
	f.Add(part(`{"alg":"none"}`) + "." + part(`{"sub":"ada"}`) + ".")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		id, err := signer.Verify(token)
		if err != nil {
			if !errors.Is(err, messembed.ErrUnauthenticated) || id != "" || len(token) > 4 && strings.Contains(err.Error(), token) {
				t.Fatalf("%q: %q, %v", token, id, err)
			}
			return
		}
		at := strings.LastIndexByte(token, '.')
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(token[:at]))
		signature, failed := base64.RawURLEncoding.DecodeString(token[at+1:])
		if failed != nil || !hmac.Equal(signature, mac.Sum(nil)) {
			t.Fatalf("%q passed with a foreign signature", token)
		}
		var header struct{ Alg string }
		var claims struct {
			Sub string
			Exp *float64
		}
		head, body, _ := strings.Cut(token[:at], ".")
		decode(t, head, &header)
		decode(t, body, &claims)
		if header.Alg != "HS256" || claims.Sub != id || id == "" || claims.Exp != nil && *claims.Exp < float64(time.Now().Unix()-1) {
			t.Fatalf("%q passed for %q: %+v %+v", token, id, header, claims)
		}
	})
}

func decode(t *testing.T, part string, to any) {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, to); err != nil {
		t.Fatal(err)
	}
}

// FuzzSign shows that Verify returns whatever id a token was minted for.
func FuzzSign(f *testing.F) {
	for _, id := range []string{"ada", "", "é👍🏽", "\xff", `"},{"sub":"bob`, "\u2028", "<&>"} {
		f.Add(id, int64(0))
		f.Add(id, int64(time.Hour))
		f.Add(id, int64(-1))
	}
	signer, err := messembed.NewTokenSigner([]byte("secret"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, id string, ttl int64) {
		token, err := signer.Sign(id, time.Duration(ttl))
		if err != nil {
			if !errors.Is(err, messembed.ErrInvalidArgument) {
				t.Fatal(err)
			}
			return
		}
		if got, err := signer.Verify(token.AccessToken); err != nil || got != id {
			t.Fatalf("%q: %q, %v", id, got, err)
		}
	})
}
