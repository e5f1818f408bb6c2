package messembed

import (
	"encoding/json"
	"hash/maphash"
	"math"
	"math/bits"

	"github.com/messembed/messembed-go/internal/jsonstream"
)

var hashSeed = maphash.MakeSeed()

// hashText returns the hash of a text, 0 only for the empty one.
func hashText(s string) uint64 {
	if s == "" {
		return 0
	}
	return max(1, maphash.String(hashSeed, s))
}

// hashEmails hashes the addresses in their order and whether each is verified.
func hashEmails(emails []Email) uint64 {
	hash := uint64(0)
	for _, email := range emails {
		hash = mix(hash+1, maphash.String(hashSeed, email.Address))
		if email.Verified {
			hash++
		}
	}
	return nonZero(hash, len(emails))
}

// hashRoles hashes the roles, whatever their order.
func hashRoles(roles []string) uint64 {
	hash := uint64(0)
	for _, role := range roles {
		hash += maphash.String(hashSeed, role)
	}
	return nonZero(hash, len(roles))
}

// hashMetadata returns the same hash for two metadata that are the same to a
// service that stores numbers as JavaScript does, and 0 only for empty ones.
func hashMetadata(m Metadata) uint64 {
	return hashObject(m) - kindObject
}

func nonZero(hash uint64, length int) uint64 {
	if length == 0 {
		return 0
	}
	return max(1, hash)
}

func hashObject(m map[string]any) uint64 {
	hash := uint64(kindObject)
	for key, value := range m {
		hash += mix(maphash.String(hashSeed, key), hashJSON(value)) // whatever their order
	}
	return hash
}

// The kinds of JSON values, so that none hashes like one of another kind.
const (
	kindNull = iota + 0x9e3779b9
	kindBool
	kindNumber
	kindText
	kindArray
	kindObject
)

func hashJSON(value any) uint64 {
	switch v := value.(type) {
	case nil:
		return kindNull
	case bool:
		if v {
			return mix(kindBool, 2)
		}
		return mix(kindBool, 1)
	case string:
		return mix(kindText, maphash.String(hashSeed, v))
	case float64:
		return mix(kindNumber, math.Float64bits(v+0)) // -0 is 0
	case int:
		return mix(kindNumber, math.Float64bits(float64(v)))
	case int64:
		return mix(kindNumber, math.Float64bits(float64(v)))
	case []any:
		if v == nil {
			return kindNull
		}
		hash := uint64(kindArray)
		for _, element := range v {
			hash = mix(hash+1, hashJSON(element))
		}
		return hash
	case map[string]any:
		if v == nil {
			return kindNull
		}
		return hashObject(v)
	}
	data, err := json.Marshal(value)
	if err != nil {
		return kindNull // it cannot be sent either
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return kindNull
	}
	return hashJSON(plain)
}

// readMetadataHash reads metadata and returns their hash, without keeping them.
func readMetadataHash(p *jsonstream.Parser, to *uint64) error {
	if !p.IsObject() {
		*to = 0
		return p.Skip()
	}
	hash, err := readHash(p)
	*to = hash - kindObject
	return err
}

// readHash reads a value and returns what hashJSON returns for it, provided that
// no object has a key twice.
func readHash(p *jsonstream.Parser) (hash uint64, err error) {
	switch {
	case p.IsObject():
		hash = kindObject
		err = p.Object(func(name []byte) error {
			key := maphash.Bytes(hashSeed, name)
			value, err := readHash(p)
			hash += mix(key, value)
			return err
		})
		return hash, err
	case p.IsArray():
		hash = kindArray
		err = p.Array(func() error {
			element, err := readHash(p)
			hash = mix(hash+1, element)
			return err
		})
		return hash, err
	case p.IsText():
		text, err := p.TextBytes()
		return mix(kindText, maphash.Bytes(hashSeed, text)), err
	}
	value, err := p.Any()
	return hashJSON(value), err
}

// mix combines two hashes, in this order.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd1b54a32d192ed03)
	return high ^ low
}
