package httpcall

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
)

const (
	// concealed replaces what a service's text repeats of the request.
	concealed = "[…]"
	// A shorter secret, or a shorter string of a body, is too likely to be part of
	// the service's own words.
	minSecret, minBodyText = 4, 8
)

// Conceal removes from a service's text what it repeats of the request:
// credentials, strings of the body, values of the query. Services in debug
// mode, and proxies in front of them, do repeat it.
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
	for value := range bodyTexts(a.req.Body) {
		text = takeOut(text, value, minBodyText)
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

// bodyTexts returns the strings in a JSON body, except its keys.
func bodyTexts(body []byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if len(body) == 0 || body[0] != '{' && body[0] != '[' {
			return
		}
		var value any
		if json.NewDecoder(bytes.NewReader(body)).Decode(&value) == nil {
			eachText(value, yield)
		}
	}
}

func eachText(value any, yield func(string) bool) bool {
	switch v := value.(type) {
	case string:
		return yield(v)
	case []any:
		for _, element := range v {
			if !eachText(element, yield) {
				return false
			}
		}
	case map[string]any:
		for _, element := range v {
			if !eachText(element, yield) {
				return false
			}
		}
	}
	return true
}

// secretsOf returns the credentials in the value of a header: as they are, and
// for HTTP Basic the password too.
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
