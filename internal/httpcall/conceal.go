package httpcall

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"iter"
	"net/url"
	"strings"
)

const (
	// concealed replaces what a service's text repeats of the request.
	concealed = "[…]"
	// A shorter secret, or a shorter number or string of a body, is too likely to
	// be part of the service's own words.
	minSecret, minBodyNumber, minBodyText = 4, 6, 8
	minPassword                           = 3 // a string of the body under such a name
	// maxConcealText is how much of a text is searched, in bytes. It is far more
	// than an error shows.
	maxConcealText = 4 << 10
)

// Conceal removes from a service's text what it repeats of the request:
// credentials, the caller's own headers, strings and numbers of the body, values
// of the query; as they are, escaped for a URL, JSON or HTML, or cut short.
// Services in debug mode, and proxies in front of them, do repeat it. A very long
// text loses its end.
func (f *Failure) Conceal(text string) string {
	if text == "" || f.of == nil {
		return text
	}
	return f.of.repeatable().removeFrom(text[:min(len(text), maxConcealText)], true)
}

// ConcealCode is Conceal for an error code, by which callers decide. A code in
// the form of an identifier may happen to contain a short value of the request; it
// is replaced only if it is that value.
func (f *Failure) ConcealCode(code string) string {
	if f.of == nil || !isIdentifier(code) {
		return f.Conceal(code)
	}
	if f.of.repeatable().removeFrom(code, false) == concealed {
		return concealed
	}
	return newQuotable(f.of.secrets()).removeFrom(code, false)
}

func isIdentifier(code string) bool {
	for _, c := range []byte(code) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}

// secrets yields the credentials.
func (p *progress) secrets() iter.Seq[quote] {
	return func(yield func(quote) bool) {
		if p.client.cfg.Auth == nil {
			return
		}
		for _, secret := range p.client.cfg.Auth.secrets(p.header) {
			if len(secret) >= minSecret && !yield(quote{text: secret, least: minSecret}) {
				return
			}
		}
	}
}

// repeatable collects once for the credentials that were sent what a service may
// repeat.
func (p *progress) repeatable() *quotable {
	if p.quotable == nil {
		p.quotable = newQuotable(p.quotes())
	}
	return p.quotable
}

func (p *progress) quotes() iter.Seq[quote] {
	return func(yield func(quote) bool) {
		for q := range p.secrets() {
			if !yield(q) {
				return
			}
		}
		for _, values := range p.call.Header {
			for _, value := range values {
				if len(value) >= minSecret && !yield(quote{text: value, least: minBodyText}) {
					return
				}
			}
		}
		values, _ := url.ParseQuery(p.call.Query)
		for _, given := range values {
			for _, value := range given {
				if len(value) >= minSecret && !yield(quote{text: value, least: minBodyText}) {
					return
				}
			}
		}
		for q := range bodyValues(p.call.Body) {
			if !yield(q) {
				return
			}
		}
	}
}

// bodyValues yields the strings and numbers of a JSON body that are long enough to
// be recognized, without its keys.
func bodyValues(body []byte) iter.Seq[quote] {
	return func(yield func(quote) bool) {
		if len(body) == 0 || body[0] != '{' && body[0] != '[' {
			return
		}
		var value any
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if decoder.Decode(&value) == nil {
			eachValue(value, false, yield)
		}
	}
}

func eachValue(value any, password bool, yield func(quote) bool) bool {
	switch v := value.(type) {
	case string:
		if password {
			return len(v) < minPassword || yield(quote{text: v, least: minSecret})
		}
		return len(v) < minBodyText || yield(quote{text: v, least: minBodyText})
	case json.Number:
		return len(v) < minBodyNumber || yield(quote{text: v.String(), least: len(v), number: true})
	case []any:
		for _, element := range v {
			if !eachValue(element, password, yield) {
				return false
			}
		}
	case map[string]any:
		for key, element := range v {
			if !eachValue(element, password || strings.Contains(strings.ToLower(key), "password"), yield) {
				return false
			}
		}
	}
	return true
}

// secretsOf are the credentials in the value of a header: as they stand there,
// and of HTTP Basic the password too.
func secretsOf(value string) []string {
	scheme, credentials, ok := strings.Cut(value, " ")
	if !ok {
		return []string{value}
	}
	secrets := []string{credentials}
	if strings.EqualFold(scheme, "Basic") {
		plain, _ := base64.StdEncoding.DecodeString(credentials)
		if _, password, ok := strings.Cut(string(plain), ":"); ok {
			secrets = append(secrets, password, string(plain))
		}
	}
	return secrets
}
