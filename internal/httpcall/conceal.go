package httpcall

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"sort"
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
	views := []*unescape.View{said}
	if said.Text != text { // or else both are one
		views = append(views, unescape.AsWritten(text))
	}
	for _, v := range views {
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
	if !identifier.MatchString(code) {
		return f.Conceal(code)
	}
	if f.Conceal(code) == concealed {
		return concealed
	}
	shown := newMask(code)
	f.of.hideSecrets(unescape.AsWritten(code), shown) // an identifier holds no escapes
	return shown.until(len(code))
}

var identifier = regexp.MustCompile(`^[\w.-]*$`)

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
	for at := range len(v.Text) {
		if strings.HasPrefix(v.Text[at:], secret[:least]) {
			m.hide(v.From[at], v.From[at+common(v.Text[at:], secret)])
		}
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
	texts   []string        // sorted
	least   []int           // the length of the shortest one that each begins with
	begin   map[string]bool // the first minPassword bytes of each
	longest int             // of the texts, in bytes
	numbers map[string]bool
}

// repeatable collects the values once for a call.
func (p *progress) repeatable() *repeated {
	if p.values == nil {
		p.values = newRepeated(p.call)
	}
	return p.values
}

func newRepeated(call *Call) *repeated {
	r := &repeated{begin: map[string]bool{}, numbers: map[string]bool{}}
	query, _ := url.ParseQuery(call.Query)
	for _, fields := range []map[string][]string{call.Header, query} {
		for _, values := range fields {
			for _, value := range values {
				r.addText(value, minSecret)
			}
		}
	}
	r.addBody(call.Body)

	slices.Sort(r.texts)
	r.least = make([]int, len(r.texts))
	for i, text := range r.texts {
		r.begin[text[:minPassword]] = true
		r.longest = max(r.longest, len(text))
		r.least[i] = len(text)
		if i > 0 && strings.HasPrefix(text, r.texts[i-1][:r.least[i-1]]) {
			r.least[i] = r.least[i-1]
		}
	}
	return r
}

// addText adds a text that is recognized from a length on.
func (r *repeated) addText(text string, least int) {
	if len(text) < least {
		return
	}
	text = text[:min(len(text), 4*maxConcealText)] // what is searched holds no more of it
	r.texts = append(r.texts, text)
	if said := unescape.Value(text); said != text && len(said) >= least {
		r.texts = append(r.texts, said)
	}
}

// addBody adds the strings of a JSON body, without its keys, and its numbers.
func (r *repeated) addBody(body []byte) {
	if len(body) == 0 || body[0] != '{' && body[0] != '[' {
		return
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&value) == nil {
		r.addJSON(value, minBodyText)
	}
}

func (r *repeated) addJSON(value any, least int) {
	switch v := value.(type) {
	case string:
		r.addText(v, least)
	case json.Number:
		if len(v) >= minBodyNumber {
			r.numbers[v.String()] = true
		}
	case []any:
		for _, element := range v {
			r.addJSON(element, least)
		}
	case map[string]any:
		for key, element := range v {
			leastHere := least
			if strings.Contains(strings.ToLower(key), "password") {
				leastHere = minPassword
			}
			r.addJSON(element, leastHere)
		}
	}
}

// hide hides the texts. What it costs hardly depends on how many there are, and
// how alike.
func (r *repeated) hide(v *unescape.View, m *mask) {
	end := 0
	for i := range len(v.Text) {
		if end = max(end, i+r.front(v.Text[i:])); i < end {
			m.hide(v.From[i], v.From[i+1])
		}
	}
}

// front returns how much at the front of what is said is one of the texts. What
// goes on like a longer one counts too.
func (r *repeated) front(said string) int {
	if len(said) < minPassword || !r.begin[said[:minPassword]] {
		return 0
	}
	front := 0
	next, _ := slices.BinarySearch(r.texts, said) // no other has more in common than it and the one before
	for i := max(0, next-1); i < min(next+1, len(r.texts)); i++ {
		if n := common(said, r.texts[i]); n >= r.least[i] {
			front = max(front, n)
		}
	}
	return front
}

// common returns the length of the front that two texts have in common.
func common(x, y string) int {
	return sort.Search(min(len(x), len(y)), func(at int) bool { return x[:at+1] != y[:at+1] })
}

// number is a number of JSON. In a text it may also end before its fraction or its
// exponent.
var number = regexp.MustCompile(`^-?\d+(\.\d+)?([eE][+-]?\d+)?`)

// hideNumbers hides the numbers, unless they are part of longer ones.
func (r *repeated) hideNumbers(m *mask) {
	for i := 0; i < len(m.text) && len(r.numbers) > 0; i++ {
		if i > 0 && isDigit(m.text[i-1]) || m.text[i] != '-' && !isDigit(m.text[i]) {
			continue
		}
		for _, n := range number.FindStringSubmatchIndex(m.text[i:]) {
			if n > 0 && r.numbers[m.text[i:i+n]] {
				m.hide(i, i+n)
			}
		}
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

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
