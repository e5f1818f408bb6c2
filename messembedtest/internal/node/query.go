package node

import (
	"slices"
	"strconv"
	"strings"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// queryOptions distinguish the two ways in which express uses qs.
type queryOptions struct {
	arrayLimit int // a larger index makes an object
	depth      int // how many brackets are parsed; -1: all
}

// ParseQuery is req.query: the query of a URL, parsed by qs.
func ParseQuery(query string) *js.Object {
	return parseQS(query, queryOptions{arrayLimit: 20, depth: 5})
}

// parseQS parses "a=1&b[c]=2&d[]=3" into objects, arrays and texts, as qs 6.7
// does.
func parseQS(s string, o queryOptions) *js.Object {
	var top js.Value = &js.Object{}
	if s == "" {
		return top.(*js.Object)
	}
	flat := &js.Object{}
	for _, pair := range splitPairs(s) {
		key, val := cutPair(pair)
		name := queryText(key)
		if name == "__proto__" {
			continue // the assignment goes to the prototype and is lost
		}
		if old := flat.Get(name); flat.Has(name) {
			flat.Set(name, concat(old, js.String(queryText(val))))
		} else {
			flat.Set(name, js.String(queryText(val)))
		}
	}
	for _, f := range flat.Properties {
		top = mergeQuery(top, nest(f.Key, f.Value, o))
	}
	compactQuery(top)
	return top.(*js.Object)
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
	if plain, ok := js.DecodeURIComponent(s); ok {
		return plain
	}
	return s
}

// nest returns the object described by a key such as "a[b][]" and a value, or
// undefined for an empty key.
func nest(key string, leaf js.Value, o queryOptions) js.Value {
	if key == "" {
		return js.Undefined{}
	}
	chain := brackets(key, o.depth)
	for _, link := range slices.Backward(chain) {
		plain := link
		bracketed := len(link) >= 2 && link[0] == '[' && link[len(link)-1] == ']'
		if bracketed {
			plain = link[1 : len(link)-1]
		}
		n, isIndex := js.ArrayIndex(plain)
		switch {
		case link == "[]":
			leaf = concat(leaf)
		case bracketed && isIndex && uint64(n) <= uint64(o.arrayLimit):
			a := &js.Array{Items: make([]js.Value, n+1)}
			for i := range a.Items {
				a.Items[i] = js.Undefined{}
			}
			a.Items[n] = leaf
			leaf = a
		case plain == "__proto__":
			leaf = &js.Object{}
		default:
			leaf = js.NewObject(plain, leaf)
		}
	}
	return leaf
}

// brackets splits "a[b][c]" into "a", "[b]", "[c]"; the rest beyond depth
// becomes one more link.
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
func concat(values ...js.Value) *js.Array {
	a := &js.Array{}
	for _, v := range values {
		if more, ok := v.(*js.Array); ok {
			a.Items = append(a.Items, more.Items...)
		} else {
			a.Items = append(a.Items, v)
		}
	}
	return a
}

// mergeQuery merges the value of one pair into those of the pairs before it.
func mergeQuery(target, source js.Value) js.Value {
	if !js.Truthy(source) {
		return target
	}
	if s, ok := source.(js.String); ok {
		switch t := target.(type) {
		case *js.Array:
			t.Items = append(t.Items, s)
			return t
		case *js.Object:
			t.Set(string(s), true)
			return t
		default:
			return &js.Array{Items: []js.Value{target, s}}
		}
	}
	switch target := target.(type) {
	case *js.Array:
		if more, ok := source.(*js.Array); ok {
			mergeArrays(target, more)
			return target
		}
		o := &js.Object{}
		for i, item := range target.Items {
			if (item != js.Undefined{}) {
				o.Set(strconv.Itoa(i), item)
			}
		}
		return mergeObjects(o, source)
	case *js.Object:
		return mergeObjects(target, source)
	default:
		return concat(target, source)
	}
}

func mergeArrays(target, source *js.Array) {
	for i, item := range source.Items {
		switch {
		case item == js.Undefined{}:
		case i < len(target.Items) && target.Items[i] != js.Undefined{}:
			if js.IsObject(target.Items[i]) && js.IsObject(item) {
				target.Items[i] = mergeQuery(target.Items[i], item)
			} else {
				target.Items = append(target.Items, item)
			}
		default:
			for len(target.Items) <= i {
				target.Items = append(target.Items, js.Undefined{})
			}
			target.Items[i] = item
		}
	}
}

func mergeObjects(target *js.Object, source js.Value) js.Value {
	put := func(key string, v js.Value) {
		if target.Has(key) {
			v = mergeQuery(target.Get(key), v)
		}
		target.Set(key, v)
	}
	switch source := source.(type) {
	case *js.Object:
		for _, f := range source.Properties {
			put(f.Key, f.Value)
		}
	case *js.Array:
		for i, item := range source.Items {
			if (item != js.Undefined{}) {
				put(strconv.Itoa(i), item)
			}
		}
	}
	return target
}

// compactQuery removes the gaps that indices left in arrays.
func compactQuery(v js.Value) {
	switch v := v.(type) {
	case *js.Array:
		v.Items = slices.DeleteFunc(v.Items, func(item js.Value) bool { return item == js.Undefined{} })
		for _, item := range v.Items {
			compactQuery(item)
		}
	case *js.Object:
		for _, f := range v.Properties {
			compactQuery(f.Value)
		}
	}
}
