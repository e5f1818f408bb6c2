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
	minSecret, minBodyNumber, minBodyText = 4, 4, 8
	minPassword                           = 3 // a string of the body under such a name
)

// Conceal removes from a service's text what it repeats of the request:
// credentials, the caller's own headers, strings and numbers of the body (escaped
// strings too), values of the query. Services in debug mode, and proxies in front
// of them, do repeat it.
func (f *Failure) Conceal(text string) string {
	if text == "" || f.of == nil {
		return text
	}
	a := f.of
	if auth := a.client.cfg.Auth; auth != nil {
		for _, secret := range auth.secrets(a.header) {
			text = takeOut(text, secret, minSecret)
		}
	}
	for _, values := range a.req.Header {
		for _, value := range values {
			text = takeOut(text, value, minSecret)
		}
	}
	for value, atLeast := range bodyValues(a.req.Body) {
		if len(value) >= atLeast {
			once := escaped(value)
			for _, form := range []string{escaped(once), once, value} {
				text = takeOut(text, form, atLeast)
			}
		}
	}
	values, _ := url.ParseQuery(a.req.Query)
	for name := range values {
		for _, value := range values[name] {
			text = takeOut(text, value, minSecret)
			text = takeOut(text, url.QueryEscape(value), minSecret)
		}
	}
	return text
}

func takeOut(text, what string, atLeast int) string {
	if len(what) < atLeast {
		return text
	}
	return strings.ReplaceAll(text, what, concealed)
}

// bodyValues yields the strings and numbers of a JSON body, without its keys, each
// with the length from which on it is removed.
func bodyValues(body []byte) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
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

func eachValue(value any, minText int, yield func(string, int) bool) bool {
	switch v := value.(type) {
	case string:
		return yield(v, minText)
	case json.Number:
		return yield(v.String(), minBodyNumber)
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
