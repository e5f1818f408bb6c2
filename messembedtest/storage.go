package messembedtest

import "github.com/messembed/messembed-go/messembedtest/internal/js"

// A collection holds documents in order of creation. It is guarded by the
// Server's mutex.
type collection struct {
	documents []*js.Object
	places    map[js.Value]int // by _id
	revision  int              // counts the changes
}

func (c *collection) find(id js.Value) *js.Object {
	if i, ok := c.places[id]; ok {
		return c.documents[i]
	}
	return nil
}

// insert adds a document. It returns false if the _id is taken.
func (c *collection) insert(document *js.Object) bool {
	id := document.Get("_id")
	if _, taken := c.places[id]; taken {
		return false
	}
	if c.places == nil {
		c.places = make(map[js.Value]int)
	}
	c.revision++
	c.places[id] = len(c.documents)
	c.documents = append(c.documents, document)
	return true
}

// replace replaces the document with the same _id in place, or adds it.
func (c *collection) replace(document *js.Object) {
	if i, ok := c.places[document.Get("_id")]; ok {
		c.documents[i] = document
		c.revision++
		return
	}
	c.insert(document)
}

// remove removes a document; the others keep their order.
func (c *collection) remove(id js.Value) {
	i, ok := c.places[id]
	if !ok {
		return
	}
	c.revision++
	c.documents = append(c.documents[:i:i], c.documents[i+1:]...)
	delete(c.places, id)
	for j := i; j < len(c.documents); j++ {
		c.places[c.documents[j].Get("_id")] = j
	}
}
