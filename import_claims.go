package messembed

import (
	"context"
	"sync"
)

// importClaims are the users whose rows are under way: one user, one row at a
// time.
type importClaims struct {
	mu    sync.Mutex
	keys  map[string]struct{}
	freed chan struct{} // holds something when a key has gone since claim looked
}

func newImportClaims(most int) *importClaims {
	return &importClaims{keys: make(map[string]struct{}, most), freed: make(chan struct{}, 1)}
}

// claim waits until no other row of this user is under way; false when ctx or
// stop ends first. Only the goroutine that reads the input claims.
func (c *importClaims) claim(ctx context.Context, stop <-chan struct{}, key string) bool {
	for !c.take(key) {
		select {
		case <-c.freed:
		case <-ctx.Done():
			return false
		case <-stop:
			return false
		}
	}
	return true
}

// take claims the key if it is free. A row without one is in nobody's way.
func (c *importClaims) take(key string) bool {
	if key == "" {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, taken := c.keys[key]
	c.keys[key] = struct{}{}
	return !taken
}

// release ends a row.
func (c *importClaims) release(key string) {
	c.mu.Lock()
	delete(c.keys, key)
	c.mu.Unlock()
	select {
	case c.freed <- struct{}{}:
	default:
	}
}
