package messembed

import (
	"fmt"
	"hash/fnv"
)

// shard is the part of the users that this process takes: number of of.
type shard struct{ number, of int }

func (s shard) problem() string {
	switch {
	case s.of < 0:
		return "Shards: must not be negative"
	case s.of == 0 && s.number != 0:
		return "Shards: must be set if Shard is set"
	case s.number < 0 || s.of > 0 && s.number >= s.of:
		return fmt.Sprintf("Shard: must be from 0 to %d", s.of-1)
	}
	return ""
}

// takes reports whether the user with this natural key is in the shard.
func (s shard) takes(key string) bool {
	if s.of <= 1 {
		return true
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	return h.Sum64()%uint64(s.of) == uint64(s.number)
}
