package messembedtest

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// queryOptions distinguish the two ways in which the server uses its "qs" parser.
type queryOptions struct {
	arrayLimit int // a larger index makes an object
	depth      int // how many brackets are parsed; -1: all
}

// urlQuery is how express parses the query of a URL.
var urlQuery = queryOptions{arrayLimit: 20, depth: 5}

// parseQuery parses "a=1&b[c]=2&d[]=3" into objects, arrays and texts, as qs 6.7 does.
func parseQuery(s string, o queryOptions) *object {
	var top value = &object{}
	if s == "" {
		return top.(*object)
	}
	flat := &object{}
	for _, pair := range splitPairs(s) {
		key, val := cutPair(pair)
		name := queryText(key)
		if name == "__proto__" {
			continue // the assignment goes to the prototype and is lost
		}
		if old := flat.get(name); flat.has(name) {
			flat.set(name, concat(old, text(queryText(val))))
		} else {
			flat.set(name, text(queryText(val)))
		}
	}
	for _, f := range flat.fields {
		top = mergeQuery(top, nest(f.key, f.value, o))
	}
	compactQuery(top)
	return top.(*object)
}

func splitPairs(s string) []string {
	pairs := strings.Split(s, "&")
	return pairs[:min(len(pairs), parameterLimit)]
}

// cutPair cuts at the first "=", but an "=" inside brackets belongs to the key.
func cutPair(pair string) (key, val string) {
	at := strings.Index(pair, "]=")
	if at >= 0 {
		at++
	} else {
		at = strings.IndexByte(pair, '=')
	}
	if at < 0 {
		return pair, ""
	}
	return pair[:at], pair[at+1:]
}

// queryText decodes a key or value; text that cannot be decoded stays as it is.
func queryText(s string) string {
	s = strings.ReplaceAll(s, "+", " ")
	if plain, ok := decodeURIComponent(s); ok {
		return plain
	}
	return s
}

// decodeURIComponent is JavaScript's; it returns false where JavaScript throws.
func decodeURIComponent(s string) (string, bool) {
	if strings.IndexByte(s, '%') < 0 {
		return s, true
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '%' {
			out = append(out, s[i])
			i++
			continue
		}
		start := len(out)
		for i < len(s) && s[i] == '%' {
			if i+2 >= len(s) {
				return "", false
			}
			high, ok1 := hexValue(s[i+1])
			low, ok2 := hexValue(s[i+2])
			if !ok1 || !ok2 {
				return "", false
			}
			out = append(out, high<<4|low)
			i += 3
		}
		if !utf8.Valid(out[start:]) {
			return "", false
		}
	}
	return string(out), true
}

// nest returns the object described by a key such as "a[b][]" and a value, or undefined for an
// empty key.
func nest(key string, leaf value, o queryOptions) value {
	if key == "" {
		return undefined{}
	}
	chain := brackets(key, o.depth)
	for _, link := range slices.Backward(chain) {
		plain := link
		bracketed := len(link) >= 2 && link[0] == '[' && link[len(link)-1] == ']'
		if bracketed {
			plain = link[1 : len(link)-1]
		}
		n, isIndex := arrayIndex(plain)
		switch {
		case link == "[]":
			leaf = concat(leaf)
		case bracketed && isIndex && int(n) <= o.arrayLimit:
			a := &array{items: make([]value, n+1)}
			for i := range a.items {
				a.items[i] = undefined{}
			}
			a.items[n] = leaf
			leaf = a
		case plain == "__proto__":
			leaf = &object{}
		default:
			leaf = newObject(plain, leaf)
		}
	}
	return leaf
}

// brackets splits "a[b][c]" into "a", "[b]", "[c]"; the rest beyond depth becomes one more link.
func brackets(key string, depth int) []string {
	var chain []string
	at := nextBracket(key, 0)
	if at < 0 {
		return []string{key}
	}
	if at > 0 {
		chain = append(chain, key[:at])
	}
	for n := 0; at >= 0; n++ {
		if n == depth {
			return append(chain, "["+key[at:]+"]")
		}
		end := at + strings.IndexByte(key[at:], ']') + 1
		chain = append(chain, key[at:end])
		at = nextBracket(key, end)
	}
	return chain
}

// nextBracket finds the next "[…]" without brackets inside.
func nextBracket(s string, from int) int {
	open := -1
	for i := from; i < len(s); i++ {
		switch s[i] {
		case '[':
			open = i
		case ']':
			if open >= 0 {
				return open
			}
		}
	}
	return -1
}

// concat is [].concat(…).
func concat(values ...value) *array {
	a := &array{}
	for _, v := range values {
		if more, ok := v.(*array); ok {
			a.items = append(a.items, more.items...)
		} else {
			a.items = append(a.items, v)
		}
	}
	return a
}

// mergeQuery merges the value of one pair into those of the pairs before it.
func mergeQuery(target, source value) value {
	if !truthy(source) {
		return target
	}
	if s, ok := source.(text); ok {
		switch t := target.(type) {
		case *array:
			t.items = append(t.items, s)
			return t
		case *object:
			t.set(string(s), true)
			return t
		default:
			return &array{items: []value{target, s}}
		}
	}
	switch target := target.(type) {
	case *array:
		if more, ok := source.(*array); ok {
			mergeArrays(target, more)
			return target
		}
		o := &object{}
		for i, item := range target.items {
			if (item != undefined{}) {
				o.set(strconv.Itoa(i), item)
			}
		}
		return mergeObjects(o, source)
	case *object:
		return mergeObjects(target, source)
	default:
		return concat(target, source)
	}
}

func mergeArrays(target, source *array) {
	for i, item := range source.items {
		switch {
		case item == undefined{}:
		case i < len(target.items) && target.items[i] != undefined{}:
			if isContainer(target.items[i]) && isContainer(item) {
				target.items[i] = mergeQuery(target.items[i], item)
			} else {
				target.items = append(target.items, item)
			}
		default:
			for len(target.items) <= i {
				target.items = append(target.items, undefined{})
			}
			target.items[i] = item
		}
	}
}

func mergeObjects(target *object, source value) value {
	put := func(key string, v value) {
		if target.has(key) {
			v = mergeQuery(target.get(key), v)
		}
		target.set(key, v)
	}
	switch source := source.(type) {
	case *object:
		for _, f := range source.fields {
			put(f.key, f.value)
		}
	case *array:
		for i, item := range source.items {
			if (item != undefined{}) {
				put(strconv.Itoa(i), item)
			}
		}
	}
	return target
}

func isContainer(v value) bool {
	switch v.(type) {
	case *array, *object:
		return true
	default:
		return false
	}
}

// compactQuery removes the gaps that indices left in arrays.
func compactQuery(v value) {
	switch v := v.(type) {
	case *array:
		v.items = slices.DeleteFunc(v.items, func(item value) bool { return item == undefined{} })
		for _, item := range v.items {
			compactQuery(item)
		}
	case *object:
		for _, f := range v.fields {
			compactQuery(f.value)
		}
	}
}
