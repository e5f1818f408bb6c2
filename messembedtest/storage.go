package messembedtest

import (
	"encoding/hex"
	"errors"
	"strings"
	"unicode/utf16"
)

// A collection holds documents in order of creation. It is guarded by the Server's mutex.
type collection struct {
	documents []*object
	places    map[value]int // by _id, which is a text or, for a user, null
	revision  int           // counts the changes
}

func (c *collection) find(id value) *object {
	if i, ok := c.places[id]; ok {
		return c.documents[i]
	}
	return nil
}

// insert adds a document. It returns false if the _id is taken.
func (c *collection) insert(document *object) bool {
	id := document.get("_id")
	if _, taken := c.places[id]; taken {
		return false
	}
	if c.places == nil {
		c.places = make(map[value]int)
	}
	c.revision++
	c.places[id] = len(c.documents)
	c.documents = append(c.documents, document)
	return true
}

// replace replaces the document with the same _id in place, or adds it.
func (c *collection) replace(document *object) {
	if i, ok := c.places[document.get("_id")]; ok {
		c.documents[i] = document
		c.revision++
		return
	}
	c.insert(document)
}

// remove removes a document; the others keep their order.
func (c *collection) remove(id value) {
	i, ok := c.places[id]
	if !ok {
		return
	}
	c.revision++
	c.documents = append(c.documents[:i:i], c.documents[i+1:]...)
	delete(c.places, id)
	for j := i; j < len(c.documents); j++ {
		c.places[c.documents[j].get("_id")] = j
	}
}

// errNotStorable means that the database rejects a document; the service responds 500.
var errNotStorable = errors.New("not storable")

// maxDepth is the database's limit for nested documents.
const maxDepth = 180

// visible returns the copy that mongoose makes of a value before it responds with it or stores it,
// in which some keys are lost. Mongoose does not treat an object with a truthy "constructor" as an
// object, and keeps it unchanged.
func visible(v value) value {
	switch v := v.(type) {
	case *array:
		out := &array{items: make([]value, len(v.items))}
		for i, item := range v.items {
			out.items[i] = visible(item)
		}
		return out
	case *object:
		if truthy(v.get("constructor")) {
			return v
		}
		out := &object{fields: make([]field, 0, len(v.fields))}
		for _, f := range v.fields {
			if f.key != "__proto__" && f.key != "prototype" && f.key != "constructor" {
				out.set(f.key, visible(f.value))
			}
		}
		return out
	default:
		return v
	}
}

// A keyRule rejects keys of an object in a document. The driver's rule for new documents differs
// from the database's rule for changes.
type keyRule func(o *object, i int) error

// forInsert is the driver's rule: no dots, and no leading "$" except in the three names of a
// reference and in $clusterTime.
func forInsert(o *object, i int) error {
	switch key := o.fields[i].key; {
	case key == "$ref", key == "$id", key == "$db", key == "$clusterTime":
		return nil
	case strings.HasPrefix(key, "$"), strings.Contains(key, "."):
		return errNotStorable
	}
	return nil
}

// forUpdate is the database's rule: a leading "$" only in a reference, with its three fields in
// order.
func forUpdate(o *object, i int) error {
	key := o.fields[i].key
	if !strings.HasPrefix(key, "$") {
		return nil
	}
	nameAt := func(j int) string {
		if j < 0 || j >= len(o.fields) {
			return ""
		}
		return o.fields[j].key
	}
	if key == "$db" {
		if _, isText := o.fields[i].value.(text); !isText {
			return errNotStorable
		}
		i--
		if nameAt(i) != "$id" {
			return errNotStorable
		}
	}
	if nameAt(i) == "$id" {
		i--
	}
	if nameAt(i) != "$ref" || nameAt(i+1) != "$id" {
		return errNotStorable
	}
	if _, isText := o.fields[i].value.(text); !isText {
		return errNotStorable
	}
	return nil
}

// stored returns v as the database returns it, at this depth of its document: without lone
// surrogates.
func stored(v value, rule keyRule, depth int) (value, error) {
	switch v := v.(type) {
	case text:
		return text(withoutSurrogates(string(v))), nil
	case *array:
		if depth >= maxDepth {
			return nil, errNotStorable
		}
		out := &array{items: make([]value, len(v.items))}
		for i, item := range v.items {
			kept, err := stored(item, rule, depth+1)
			if err != nil {
				return nil, err
			}
			out.items[i] = kept
		}
		return out, nil
	case *object:
		return storedObject(v, rule, depth)
	default:
		return v, nil
	}
}

func storedObject(o *object, rule keyRule, depth int) (value, error) {
	if depth >= maxDepth {
		return nil, errNotStorable
	}
	if truthy(o.get("toBSON")) {
		return nil, errNotStorable // the driver mistakes it for a method
	}
	if kind := o.get("_bsontype"); !isNil(kind) {
		return storedKind(kind, o)
	}
	out := &object{fields: make([]field, 0, len(o.fields))}
	for i, f := range o.fields {
		if (f.value == undefined{}) || f.key == "__proto__" {
			continue // __proto__ is lost when it is read back
		}
		if strings.IndexByte(f.key, 0) >= 0 {
			return nil, errNotStorable
		}
		if err := rule(o, i); err != nil {
			return nil, err
		}
		kept, err := stored(f.value, rule, depth+1)
		if err != nil {
			return nil, err
		}
		out.set(withoutSurrogates(f.key), kept)
	}
	return out, nil
}

// storedKind stores an object that the driver takes for one of its own types because of its
// "_bsontype". Of these the fake supports ObjectIds. An id that is too short is followed by
// whatever is in the driver's buffer, here zeros.
func storedKind(kind value, o *object) (value, error) {
	id, ok := o.get("id").(text)
	if kind != text("ObjectID") && kind != text("ObjectId") || !ok {
		return nil, errNotStorable
	}
	var raw [12]byte
	for i, unit := range utf16.Encode([]rune(string(id))) {
		if i < len(raw) {
			raw[i] = byte(unit)
		}
	}
	return text(hex.EncodeToString(raw[:])), nil
}

// storedDocument is stored for a whole document.
func storedDocument(o *object, rule keyRule) (*object, error) {
	kept, err := storedObject(o, rule, 0)
	if err != nil {
		return nil, err
	}
	return kept.(*object), nil
}

// withoutSurrogates replaces lone surrogates as encoding to UTF-8 does.
func withoutSurrogates(s string) string {
	if strings.IndexByte(s, 0xED) < 0 {
		return s
	}
	var out []byte
	start := 0
	for i := 0; i < len(s); i++ {
		if isSurrogate(s[i:]) {
			out = append(append(out, s[start:i]...), "\uFFFD"...)
			i += 2
			start = i + 1
		}
	}
	if out == nil {
		return s
	}
	return string(append(out, s[start:]...))
}
