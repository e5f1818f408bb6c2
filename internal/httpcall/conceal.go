package httpcall

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	htmlescape "html"
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
// credentials, the caller's own headers, strings and numbers of the body, values
// of the query; as they are, or as JSON, HTML or a URL writes them. Services in
// debug mode, and proxies in front of them, do repeat it. A very long text loses
// its end.
func (f *Failure) Conceal(text string) string {
	if text == "" || f.of == nil {
		return text
	}
	tail := 0 // how much of the end may be part of a value that was cut
	if len(text) > maxConcealText {
		text, tail = text[:maxConcealText], f.of.repeatable().longest
	}
	text = f.of.concealSecrets(text)
	text = f.of.repeatable().conceal(text)
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

// concealSecrets removes the credentials, also where they were cut short.
func (p *progress) concealSecrets(text string) string {
	auth := p.client.cfg.Auth
	if auth == nil {
		return text
	}
	for _, secret := range auth.secrets(p.header) {
		if len(secret) < minSecret {
			continue
		}
		for _, spelling := range spellings(secret) {
			text = concealCut(strings.ReplaceAll(text, spelling, concealed), spelling)
		}
	}
	return text
}

// concealCut removes the front of a secret: two thirds of it anywhere, less at the
// end of the text.
func concealCut(text, secret string) string {
	name := strings.IndexByte(secret, ':') + 1 // in front of a password; no secret by itself
	least := min(len(secret), max(name+minSecret, len(secret)*2/3))
	var b strings.Builder
	for {
		at := strings.Index(text, secret[:least])
		if at < 0 {
			break
		}
		end := at + least
		for end < len(text) && end-at < len(secret) && text[end] == secret[end-at] {
			end++
		}
		b.WriteString(text[:at] + concealed)
		text = text[end:]
	}
	for n := min(least, len(text)); n >= min(len(secret), name+minSecret); n-- {
		if strings.HasSuffix(text, secret[:n]) {
			text = text[:len(text)-n] + concealed
			break
		}
	}
	b.WriteString(text)
	return b.String()
}

// spellings are the ways in which a text is written in what repeats it.
func spellings(text string) []string {
	once := escaped(text)
	quoted, _ := json.Marshal(text) // & is \u0026 there
	html := string(quoted[1 : len(quoted)-1])
	all := []string{
		text, once, escaped(once), html, escaped(html), htmlescape.EscapeString(text), url.QueryEscape(text), url.PathEscape(text),
	}
	slices.SortFunc(all, longestFirst)
	return slices.Compact(all)
}

// longestFirst orders texts so that none hides part of another.
func longestFirst(x, y string) int { return cmp.Or(cmp.Compare(len(y), len(x)), cmp.Compare(x, y)) }

// repeated are the values of a request that a service may repeat.
type repeated struct {
	texts   *strings.Replacer
	numbers map[string]bool
	lengths []int // of the numbers, longest first
	longest int   // value, in bytes
}

// repeatable collects the values once for a call.
func (p *progress) repeatable() *repeated {
	if p.values == nil {
		p.values = newRepeated(p.call)
	}
	return p.values
}

func newRepeated(call *Call) *repeated {
	r := &repeated{numbers: map[string]bool{}}
	known := map[string]bool{"": true}
	var texts []string
	add := func(text string) {
		for _, spelling := range spellings(text) {
			if !known[spelling] {
				known[spelling] = true
				texts = append(texts, spelling)
			}
		}
	}
	for _, values := range call.Header {
		for _, value := range values {
			if len(value) >= minSecret {
				add(value)
			}
		}
	}
	for value, number := range bodyValues(call.Body) {
		switch {
		case !number:
			add(value)
		case !r.numbers[value]:
			r.numbers[value] = true
			r.lengths = append(r.lengths, len(value))
		}
	}
	values, _ := url.ParseQuery(call.Query)
	for _, given := range values {
		for _, value := range given {
			if len(value) >= minSecret {
				add(value)
			}
		}
	}
	slices.SortFunc(texts, longestFirst)
	slices.Sort(r.lengths)
	r.lengths = slices.Compact(r.lengths)
	slices.Reverse(r.lengths)
	pairs := make([]string, 0, 2*len(texts))
	for _, text := range texts {
		pairs = append(pairs, text, concealed)
	}
	r.texts = strings.NewReplacer(pairs...)
	if len(texts) > 0 {
		r.longest = len(texts[0])
	}
	return r
}

// conceal removes the values, in one pass however many there are.
func (r *repeated) conceal(text string) string {
	text = r.texts.Replace(text)
	if len(r.lengths) == 0 {
		return text
	}
	var b strings.Builder
	from := 0
	for i := 0; i < len(text); i++ {
		if i > 0 && isDigit(text[i-1]) {
			continue // within a longer number
		}
		for _, n := range r.lengths {
			if end := i + n; end <= len(text) && r.numbers[text[i:end]] && (end == len(text) || !isDigit(text[end])) {
				b.WriteString(text[from:i] + concealed)
				from, i = end, end-1
				break
			}
		}
	}
	b.WriteString(text[from:])
	return b.String()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

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
