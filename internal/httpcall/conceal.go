package httpcall

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/messembed/messembed-go/internal/unescape"
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
// of the query; as they are, or as JSON, HTML and URLs write them, however often.
// Services in debug mode, and proxies in front of them, do repeat it. A very long
// text loses its end.
func (f *Failure) Conceal(text string) string {
	if text == "" {
		return text
	}
	cut := len(text) > maxConcealText
	text = text[:min(len(text), maxConcealText)]
	values := f.of.repeatable()
	shown := newMask(text)
	said := unescape.Said(text)
	for _, v := range []*unescape.View{unescape.AsWritten(text), said} {
		f.of.hideSecrets(v, shown)
		values.hide(v, shown)
	}
	values.hideNumbers(shown)
	end := len(text)
	if cut { // the end may be part of a value
		end = said.From[max(0, len(said.Text)-values.longest)]
	}
	return shown.until(end)
}

// ConcealCode is Conceal for an error code, by which callers decide. A code in
// the form of an identifier may happen to contain a short value of the request; it
// is replaced only if it is that value.
func (f *Failure) ConcealCode(code string) string {
	if !isIdentifier(code) {
		return f.Conceal(code)
	}
	if f.Conceal(code) == concealed {
		return concealed
	}
	shown := newMask(code)
	f.of.hideSecrets(unescape.AsWritten(code), shown) // an identifier holds no escapes
	return shown.until(len(code))
}

func isIdentifier(code string) bool {
	for _, c := range []byte(code) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}

// mask is a text and which of its bytes are not shown.
type mask struct {
	text   string
	hidden []bool
}

func newMask(text string) *mask { return &mask{text, make([]bool, len(text))} }

func (m *mask) hide(from, to int) {
	for i := from; i < to; i++ {
		m.hidden[i] = true
	}
}

// until returns what is shown of the text before end.
func (m *mask) until(end int) string {
	var b strings.Builder
	for i := range end {
		switch {
		case !m.hidden[i]:
			b.WriteByte(m.text[i])
		case i == 0 || !m.hidden[i-1]:
			b.WriteString(concealed)
		}
	}
	return b.String()
}

// hideSecrets hides the credentials, also where they were cut short.
func (p *progress) hideSecrets(v *unescape.View, m *mask) {
	auth := p.client.cfg.Auth
	if auth == nil {
		return
	}
	for _, secret := range auth.secrets(p.header) {
		m.hideSecret(v, secret)
		m.hideSecret(v, unescape.Value(secret))
	}
}

// hideSecret hides the front of a secret: two thirds of it anywhere, less at the
// end of the text.
func (m *mask) hideSecret(v *unescape.View, secret string) {
	if len(secret) < minSecret {
		return
	}
	name := strings.IndexByte(secret, ':') + 1 // in front of a password; no secret by itself
	least := min(len(secret), max(name+minSecret, len(secret)*2/3))
	for at := 0; ; {
		next := strings.Index(v.Text[at:], secret[:least])
		if next < 0 {
			break
		}
		at += next
		end := at + least
		for end < len(v.Text) && end-at < len(secret) && v.Text[end] == secret[end-at] {
			end++
		}
		m.hide(v.From[at], v.From[end])
		at = end
	}
	for _, end := range []int{len(v.Text), v.Open} {
		for n := min(least, end); n >= min(len(secret), name+minSecret); n-- {
			if strings.HasSuffix(v.Text[:end], secret[:n]) {
				m.hide(v.From[end-n], v.From[len(v.Text)])
				break
			}
		}
	}
}

// repeated are the values of a request that a service may repeat.
type repeated struct {
	texts   *strings.Replacer // of each by other bytes
	longest int               // of the texts, in bytes
	numbers map[string]bool
	lengths []int // of the numbers, longest first
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
	var texts []string
	add := func(value string, least int) {
		if len(value) < least {
			return
		}
		value = value[:min(len(value), 4*maxConcealText)] // no text holds more of it
		texts = append(texts, value)
		if said := unescape.Value(value); said != value && len(said) >= least {
			texts = append(texts, said)
		}
	}
	for _, values := range call.Header {
		for _, value := range values {
			add(value, minSecret)
		}
	}
	query, _ := url.ParseQuery(call.Query)
	for _, values := range query {
		for _, value := range values {
			add(value, minSecret)
		}
	}
	eachBodyValue(call.Body, add, func(number string) {
		if r.numbers[number] = true; !slices.Contains(r.lengths, len(number)) {
			r.lengths = append(r.lengths, len(number))
		}
	})
	slices.Sort(r.lengths)
	slices.Reverse(r.lengths)

	// The longest first, so that none keeps a longer one from being found.
	slices.SortFunc(texts, func(x, y string) int { return cmp.Or(cmp.Compare(len(y), len(x)), cmp.Compare(x, y)) })
	texts = slices.Compact(texts)
	if len(texts) > 0 {
		r.longest = len(texts[0])
	}
	other := strings.Repeat("\xff", r.longest) // bytes that are part of no text
	pairs := make([]string, 0, 2*len(texts))
	for _, text := range texts {
		pairs = append(pairs, text, other[:len(text)])
	}
	r.texts = strings.NewReplacer(pairs...)
	return r
}

// hide hides the texts, in one pass however many there are.
func (r *repeated) hide(v *unescape.View, m *mask) {
	other := r.texts.Replace(v.Text)
	for i := range len(other) {
		if other[i] != v.Text[i] {
			m.hide(v.From[i], v.From[i+1])
		}
	}
}

// hideNumbers hides the numbers, unless they are part of longer ones.
func (r *repeated) hideNumbers(m *mask) {
	text := m.text
	for i := 0; i < len(text) && len(r.lengths) > 0; i++ {
		if i > 0 && isDigit(text[i-1]) {
			continue
		}
		for _, n := range r.lengths {
			if end := i + n; end <= len(text) && r.numbers[text[i:end]] && (end == len(text) || !isDigit(text[end])) {
				m.hide(i, end)
				break
			}
		}
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// eachBodyValue passes on the strings of a JSON body, without its keys, each with
// the length from which it is recognized, and its numbers that are long enough.
func eachBodyValue(body []byte, text func(value string, least int), number func(string)) {
	if len(body) == 0 || body[0] != '{' && body[0] != '[' {
		return
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&value) == nil {
		eachValue(value, minBodyText, text, number)
	}
}

func eachValue(value any, least int, text func(value string, least int), number func(string)) {
	switch v := value.(type) {
	case string:
		text(v, least)
	case json.Number:
		if len(v) >= minBodyNumber {
			number(v.String())
		}
	case []any:
		for _, element := range v {
			eachValue(element, least, text, number)
		}
	case map[string]any:
		for key, element := range v {
			leastHere := least
			if strings.Contains(strings.ToLower(key), "password") {
				leastHere = minPassword
			}
			eachValue(element, leastHere, text, number)
		}
	}
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
