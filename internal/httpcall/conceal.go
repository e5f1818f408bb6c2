package httpcall

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"iter"
	"net/url"
	"slices"
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
// credentials, the caller's own headers, strings and numbers of the body (escaped
// strings too), values of the query. Services in debug mode, and proxies in front
// of them, do repeat it. A very long text loses its end.
func (f *Failure) Conceal(text string) string {
	if text == "" || f.of == nil {
		return text
	}
	text = f.of.concealSecrets(text)
	tail := 0 // how much of the end may be part of a value that was cut
	if len(text) > maxConcealText {
		text, tail = text[:maxConcealText], f.of.repeatable().longest
	}
	for _, v := range f.of.repeatable().values {
		text = v.removeFrom(text)
	}
	return text[:max(0, len(text)-tail)]
}

// ConcealCode is Conceal for an error code, by which callers decide. A code in
// the form of an identifier may happen to contain a short value of the request; it
// is replaced only if it is that value.
func (f *Failure) ConcealCode(code string) string {
	if f.of == nil || !isIdentifier(code) {
		return f.Conceal(code)
	}
	if f.Conceal(code) == concealed {
		return concealed
	}
	return f.of.concealSecrets(code)
}

func isIdentifier(code string) bool {
	for _, c := range []byte(code) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}

// concealSecrets removes the credentials.
func (p *progress) concealSecrets(text string) string {
	if auth := p.client.cfg.Auth; auth != nil {
		for _, secret := range auth.secrets(p.header) {
			if len(secret) >= minSecret {
				text = strings.ReplaceAll(text, secret, concealed)
			}
		}
	}
	return text
}

// repeated are the values of a request that a service may repeat, longest first,
// so that none hides part of another.
type repeated struct {
	values  []repeatedValue
	longest int // bytes
}

type repeatedValue struct {
	text   string
	number bool
}

// repeatable collects the values once for a call.
func (p *progress) repeatable() *repeated {
	if p.values != nil {
		return p.values
	}
	p.values = &repeated{}
	known := map[string]bool{"": true}
	add := func(text string, number bool) {
		if !known[text] {
			known[text] = true
			p.values.values = append(p.values.values, repeatedValue{text, number})
		}
	}
	for _, values := range p.call.Header {
		for _, value := range values {
			if len(value) >= minSecret {
				add(value, false)
			}
		}
	}
	for value, number := range bodyValues(p.call.Body) {
		add(value, number)
		if !number {
			once := escaped(value)
			add(once, false)
			add(escaped(once), false)
		}
	}
	values, _ := url.ParseQuery(p.call.Query)
	for _, given := range values {
		for _, value := range given {
			if len(value) >= minSecret {
				add(value, false)
				add(url.QueryEscape(value), false)
			}
		}
	}
	slices.SortFunc(p.values.values, func(x, y repeatedValue) int { return cmp.Compare(len(y.text), len(x.text)) })
	if len(p.values.values) > 0 {
		p.values.longest = len(p.values.values[0].text)
	}
	return p.values
}

// removeFrom replaces the value wherever it occurs; a number not within a longer
// one.
func (v repeatedValue) removeFrom(text string) string {
	if !v.number {
		return strings.ReplaceAll(text, v.text, concealed)
	}
	var b strings.Builder
	for rest := text; ; {
		before, after, found := strings.Cut(rest, v.text)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if endsInDigit(b.String()) || startsWithDigit(after) {
			b.WriteString(v.text)
		} else {
			b.WriteString(concealed)
		}
		rest = after
	}
}

func startsWithDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }

func endsInDigit(s string) bool { return s != "" && startsWithDigit(s[len(s)-1:]) }

// bodyValues yields the strings and numbers of a JSON body that are long enough to
// be recognized, without its keys, and whether each is a number.
func bodyValues(body []byte) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		if len(body) == 0 || body[0] != '{' && body[0] != '[' {
			return
		}
		var value any
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if decoder.Decode(&value) == nil {
			eachValue(value, minBodyText, yield)
		}
	}
}

func eachValue(value any, minText int, yield func(string, bool) bool) bool {
	switch v := value.(type) {
	case string:
		return len(v) < minText || yield(v, false)
	case json.Number:
		return len(v) < minBodyNumber || yield(v.String(), true)
	case []any:
		for _, element := range v {
			if !eachValue(element, minText, yield) {
				return false
			}
		}
	case map[string]any:
		for key, element := range v {
			least := minText
			if strings.Contains(strings.ToLower(key), "password") {
				least = minPassword
			}
			if !eachValue(element, least, yield) {
				return false
			}
		}
	}
	return true
}

// escaped returns a string as it is written in JSON.
func escaped(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text)
	return strings.TrimSuffix(strings.TrimPrefix(b.String(), `"`), "\"\n")
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
