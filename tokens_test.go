package messembed_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestCreateAccessToken(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	fake.AddUser(messembed.User{ID: "a/b"})

	token, err := client.CreateAccessToken(t.Context(), "a/b")
	require.NoError(t, err)
	assert.Equal(t, "a/b", token.UserID)
	assert.True(t, token.ExpiresAt.IsZero())
	signer, err := messembed.NewTokenSigner(fake.JWTSecret())
	require.NoError(t, err)
	userID, err := signer.Verify(token.AccessToken)
	require.NoError(t, err)
	assert.Equal(t, "a/b", userID)
}

// The server answers 500 when it has no such user.
func TestCreateAccessToken_unknownUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		_, err := fake.Client(t).CreateAccessToken(t.Context(), "nobody")
		require.ErrorIs(t, err, messembed.ErrNotFound)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.Equal(t, "USER_NOT_FOUND", failure.Code)
		assert.Equal(t, 2, failure.Attempts)
		assert.False(t, failure.MaybeApplied)
	})
}

func TestCreateAccessToken_500ForAnotherReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "ada"})
		fake.FailRandomly(1, 1, messembedtest.Fault{Op: "CreateAccessToken", Status: 500})
		_, err := fake.Client(t).CreateAccessToken(t.Context(), "ada")
		require.ErrorIs(t, err, messembed.ErrUnavailable)
	})
}

// Other failures say why themselves: the user is not looked for.
func TestCreateAccessToken_otherFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.FailNext(messembedtest.Fault{Op: "CreateAccessToken", Status: 403})
		_, err := fake.Client(t).CreateAccessToken(t.Context(), "nobody")
		require.ErrorIs(t, err, messembed.ErrPermissionDenied)
		assert.Len(t, fake.Requests(), 1)
	})
}

func TestAccessToken_isShownRedacted(t *testing.T) {
	token := &messembed.AccessToken{AccessToken: "canary", UserID: "ada"}
	for _, value := range []any{token, *token, struct{ T messembed.AccessToken }{*token}, []messembed.AccessToken{*token}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			text := fmt.Sprintf(verb, value)
			assert.NotContains(t, text, "canary")
			assert.NotContains(t, text, fmt.Sprintf("%x", "canary"))
		}
	}
	assert.NotContains(t, slog.AnyValue(token).Resolve().String(), "canary")
	data, err := json.Marshal(token)
	require.NoError(t, err)
	assert.JSONEq(t, `{"accessToken":"canary","userId":"ada"}`, string(data))
}

func TestTokenSigner(t *testing.T) {
	fake := messembedtest.New(t)
	fake.AddUser(messembed.User{ID: "ада"})
	signer, err := messembed.NewTokenSigner(fake.JWTSecret())
	require.NoError(t, err)

	t.Run("the service takes it", func(t *testing.T) {
		for _, ttl := range []time.Duration{0, time.Hour} {
			token, err := signer.Sign("ада", ttl)
			require.NoError(t, err)
			assert.Equal(t, "ада", token.UserID)
			assert.Equal(t, ttl == 0, token.ExpiresAt.IsZero())
			assert.Equal(t, 200, getOwnUser(t, fake, token.AccessToken))
		}
	})
	t.Run("as the service mints", func(t *testing.T) {
		token, err := signer.Sign("ада", 0)
		require.NoError(t, err)
		head, payload, _ := strings.Cut(token.AccessToken, ".")
		payload, _, _ = strings.Cut(payload, ".")
		decoded, _ := base64.RawURLEncoding.DecodeString(head)
		assert.Equal(t, `{"alg":"HS256","typ":"JWT"}`, string(decoded))
		decoded, _ = base64.RawURLEncoding.DecodeString(payload)
		assert.Regexp(t, `^\{"sub":"ада","iat":\d+\}$`, string(decoded))
	})
	t.Run("expires", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			token, err := signer.Sign("ada", 90*time.Second)
			require.NoError(t, err)
			_, err = signer.Verify(token.AccessToken)
			require.NoError(t, err)
			time.Sleep(91 * time.Second)
			_, err = signer.Verify(token.AccessToken)
			require.ErrorIs(t, err, messembed.ErrUnauthenticated)
			assert.ErrorContains(t, err, "expired")
		})
	})
	t.Run("expires at a whole second", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(300 * time.Millisecond)
			token, err := signer.Sign("ada", 90*time.Second+700*time.Millisecond)
			require.NoError(t, err)
			_, payload, _ := strings.Cut(token.AccessToken, ".")
			payload, _, _ = strings.Cut(payload, ".")
			decoded, _ := base64.RawURLEncoding.DecodeString(payload)
			assert.Contains(t, string(decoded), fmt.Sprintf(`"exp":%d}`, token.ExpiresAt.Unix()))
			assert.Zero(t, token.ExpiresAt.Nanosecond())
		})
	})
	t.Run("refuses", func(t *testing.T) {
		other, _ := messembed.NewTokenSigner([]byte("another"))
		foreign, _ := other.Sign("ada", 0)
		sign := func(method jwt.SigningMethod, claims jwt.Claims, key any) string {
			signed, err := jwt.NewWithClaims(method, claims).SignedString(key)
			require.NoError(t, err)
			return signed
		}
		good, _ := signer.Sign("ada", 0)
		const notJWT, notSigned = "is not a JWT", "is not signed with this secret using HS256"
		for name, tc := range map[string]struct{ token, problem string }{
			"another secret":         {foreign.AccessToken, notSigned},
			"no algorithm":           {sign(jwt.SigningMethodNone, jwt.MapClaims{"sub": "ada"}, jwt.UnsafeAllowNoneSignatureType), notSigned},
			"HS512":                  {sign(jwt.SigningMethodHS512, jwt.MapClaims{"sub": "ada"}, fake.JWTSecret()), notSigned},
			"nobody":                 {sign(jwt.SigningMethodHS256, jwt.MapClaims{"iat": 1}, fake.JWTSecret()), "is not valid"},
			"not yet":                {sign(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "ada", "nbf": time.Now().Add(time.Hour).Unix()}, fake.JWTSecret()), "is not valid yet"},
			"another last character": {good.AccessToken[:len(good.AccessToken)-1] + nextTo(good.AccessToken[len(good.AccessToken)-1]), notJWT},
			"a line break inside":    {good.AccessToken[:20] + "\n" + good.AccessToken[20:], notJWT},
			"a line break behind":    {good.AccessToken + "\r\n", notJWT},
			"padding":                {good.AccessToken + "=", notJWT},
			"a critical extension":   {signHeader(t, map[string]any{"alg": "HS256", "typ": "JWT", "crit": []string{"b64"}, "b64": true}, jwt.MapClaims{"sub": "ada"}, fake.JWTSecret()), "is not valid"},
			"claims in capitals":     {sign(jwt.SigningMethodHS256, jwt.MapClaims{"SUB": "ada"}, fake.JWTSecret()), "is not valid"},
			"expiry in capitals":     {sign(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "ada", "exp": 1, "EXP": int64(1 << 40)}, fake.JWTSecret()), "has expired"},
			"expiry of null":         {sign(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "ada", "exp": nil}, fake.JWTSecret()), notJWT},
			"not before null":        {sign(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "ada", "nbf": nil}, fake.JWTSecret()), notJWT},
			"no JWT":                 {"canary", notJWT},
			"empty":                  {"", notJWT},
			"cut":                    {good.AccessToken[:len(good.AccessToken)-2], notJWT},
		} {
			t.Run(name, func(t *testing.T) {
				userID, err := signer.Verify(tc.token)
				require.ErrorIs(t, err, messembed.ErrUnauthenticated)
				assert.Empty(t, userID)
				assert.NotContains(t, err.Error(), "canary")
				assert.True(t, strings.HasSuffix(err.Error(), tc.problem), err)
			})
		}
	})
	t.Run("bad input", func(t *testing.T) {
		_, err := messembed.NewTokenSigner(nil)
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
		_, err = signer.Sign("", 0)
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
		assert.ErrorContains(t, err, "userID")
		for _, ttl := range []time.Duration{-time.Hour, time.Millisecond} {
			_, err = signer.Sign("ada", ttl)
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, "ttl")
		}
	})
	t.Run("shows no secret", func(t *testing.T) {
		signer, _ := messembed.NewTokenSigner([]byte("canary"))
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			assert.NotContains(t, fmt.Sprintf(verb, signer), "canary")
			assert.NotContains(t, fmt.Sprintf(verb, *signer), "canary")
			assert.NotContains(t, fmt.Sprintf(verb, *signer), fmt.Sprint([]byte("canary")))
		}
	})
	t.Run("keeps its own copy of the secret", func(t *testing.T) {
		secret := []byte("secret")
		signer, _ := messembed.NewTokenSigner(secret)
		token, _ := signer.Sign("ada", 0)
		secret[0] = 'x'
		_, err := signer.Verify(token.AccessToken)
		require.NoError(t, err)
	})
}

// nextTo returns a digit of base64 that decodes to the same bytes at the end of
// a signature, in a decoder that does not mind.
func nextTo(last byte) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return digits[strings.IndexByte(digits, last)^1:][:1]
}

func signHeader(t *testing.T, header map[string]any, claims jwt.Claims, secret []byte) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	token.Header = header
	signed, err := token.SignedString(secret)
	require.NoError(t, err)
	return signed
}

func getOwnUser(t *testing.T, fake *messembedtest.Server, token string) (status int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fake.BaseURL()+"/user", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := fake.RoundTrip(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

// FuzzVerify shows that nothing passes as an access token unless it was signed
// with the secret using HS256.
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
