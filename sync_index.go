package messembed

import (
	"encoding/binary"
	"hash/maphash"
	"iter"
	"math/bits"
)

// syncIndex holds one small record for each user of a service, under the user's
// natural key: its id, its state and the hashes of its fields. A million users
// with two fields each take about 80 MB. Records are written behind each other
// into chunks, in the order of the list; one that changes its size is written
// anew. It is not safe for concurrent use.
type syncIndex struct {
	places map[uint64]uint64 // of the newest record of a key, by the key's hash
	chunks [][]byte
}

// syncUser is what the index knows of a user.
type syncUser struct {
	id     string
	state  userState
	fields userFields
	place  uint64
}

func syncUserOf(u *User) *syncUser {
	known := &syncUser{id: u.ID, fields: fieldsOf(u)}
	switch {
	case u.Deleted():
		known.state = userDeleted
	case u.Blocked():
		known.state = userBlocked
	}
	return known
}

// userState is a set of flags.
type userState byte

const (
	userInInput  userState = 1 << iota // a row of the input names it
	userBlocked                        // in any way
	userDeleted                        // marked as deleted
	userReplaced                       // there is a newer record of it
)

// recordChunk is the size of a chunk in bytes; a larger record has one to itself.
const recordChunk = 1 << 20

func newSyncIndex() *syncIndex { return &syncIndex{places: make(map[uint64]uint64)} }

// put adds the record of a key or replaces it.
func (x *syncIndex) put(key string, u syncUser) {
	hash, place, there := x.find(key)
	if there {
		x.setState(place, userReplaced)
	}
	idIsKey := byte(0)
	size := 1 + 2 + 1 + 2*binary.MaxVarintLen64 + len(key) + len(u.id) + 8*bits.OnesCount16(u.fields.given)
	if last := len(x.chunks) - 1; last < 0 || cap(x.chunks[last])-len(x.chunks[last]) < size {
		x.chunks = append(x.chunks, make([]byte, 0, max(recordChunk, size)))
	}
	last := len(x.chunks) - 1
	b := x.chunks[last]
	x.places[hash] = uint64(last)*recordChunk + uint64(len(b))
	if u.id == key {
		idIsKey = 1
	}
	b = append(b, byte(u.state), idIsKey)
	b = binary.LittleEndian.AppendUint16(b, u.fields.given)
	b = appendText(b, key)
	if idIsKey == 0 {
		b = appendText(b, u.id)
	}
	for field, h := range u.fields.hashes {
		if u.fields.given&(1<<field) != 0 {
			b = binary.LittleEndian.AppendUint64(b, h)
		}
	}
	x.chunks[last] = b
}

// get returns the record of a key.
func (x *syncIndex) get(key string) (u syncUser, there bool) {
	_, place, there := x.find(key)
	if !there {
		return syncUser{}, false
	}
	_, id, u, _ := x.read(place)
	u.id = key
	if id != nil {
		u.id = string(id)
	}
	return u, true
}

// find returns the hash under which the key is or would be, and where its record
// is. Keys of one hash stand under the next free ones.
func (x *syncIndex) find(key string) (hash, place uint64, there bool) {
	for hash = maphash.String(hashSeed, key); ; hash++ {
		if place, there = x.places[hash]; !there || string(x.keyAt(place)) == key {
			return hash, place, there
		}
	}
}

// setState adds a flag to the record at a place.
func (x *syncIndex) setState(place uint64, s userState) {
	x.chunks[place/recordChunk][place%recordChunk] |= byte(s)
}

const recordHead = 1 + 1 + 2

func (x *syncIndex) keyAt(place uint64) []byte {
	key, _ := recordText(x.at(place)[recordHead:])
	return key
}

func (x *syncIndex) at(place uint64) []byte {
	return x.chunks[place/recordChunk][place%recordChunk:]
}

// read returns the record at a place and its size; id is nil if it is the key.
func (x *syncIndex) read(place uint64) (key, id []byte, u syncUser, size int) {
	b := x.at(place)
	u.state, u.place = userState(b[0]), place
	u.fields.given = binary.LittleEndian.Uint16(b[2:])
	key, rest := recordText(b[recordHead:])
	if b[1] == 0 {
		id, rest = recordText(rest)
	}
	for field := range u.fields.hashes {
		if u.fields.given&(1<<field) != 0 {
			u.fields.hashes[field] = binary.LittleEndian.Uint64(rest)
			rest = rest[8:]
		}
	}
	return key, id, u, len(b) - len(rest)
}

// named returns the record at a place with its key and id.
func (x *syncIndex) named(place uint64) (key string, u syncUser) {
	k, id, u, _ := x.read(place)
	key = string(k)
	u.id = key
	if id != nil {
		u.id = string(id)
	}
	return key, u
}

// all yields where the newest record of each key is, and its state, in the order
// of the list.
func (x *syncIndex) all() iter.Seq2[uint64, userState] {
	return func(yield func(uint64, userState) bool) {
		for i, chunk := range x.chunks {
			for offset := 0; offset < len(chunk); {
				place := uint64(i)*recordChunk + uint64(offset)
				_, _, u, size := x.read(place)
				offset += size
				if u.state&userReplaced == 0 && !yield(place, u.state) {
					return
				}
			}
		}
	}
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func recordText(b []byte) (text, rest []byte) {
	length, n := binary.Uvarint(b)
	b = b[n:]
	return b[:length], b[length:]
}
