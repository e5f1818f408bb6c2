package messembed

import (
	"context"
	"sync"
)

// bulkClaims are the users whose rows are being processed: one row of a user
// at a time.
type bulkClaims struct {
	mu    sync.Mutex
	keys  map[string]struct{}
	freed chan struct{} // signals that a key was released since claim looked
}

func newBulkClaims(most int) *bulkClaims {
	return &bulkClaims{keys: make(map[string]struct{}, most), freed: make(chan struct{}, 1)}
}

// claim waits until no other row of this user is being processed. It returns
// false if ctx or stop ends first. Only the goroutine that reads the input
// calls it.
func (c *bulkClaims) claim(ctx context.Context, stop <-chan struct{}, key string) bool {
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

// take claims the key if it is free. A row without a key conflicts with no
// other.
func (c *bulkClaims) take(key string) bool {
	if key == "" {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, taken := c.keys[key]
	c.keys[key] = struct{}{}
	return !taken
}

// release ends the claim of a row.
func (c *bulkClaims) release(key string) {
	c.mu.Lock()
	delete(c.keys, key)
	c.mu.Unlock()
	select {
	case c.freed <- struct{}{}:
	default:
	}
}
