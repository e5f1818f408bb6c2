package messembed

import "sync"

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

// wait waits until no other row of this user is being processed. It returns
// false if stop ends first: a row that panics keeps its claim. Only the goroutine
// that reads the input calls it, and claim.
func (c *bulkClaims) wait(stop <-chan struct{}, key string) bool {
	for c.claimed(key) {
		select {
		case <-c.freed:
		case <-stop:
			return false
		}
	}
	return true
}

func (c *bulkClaims) claimed(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, claimed := c.keys[key]
	return claimed
}

// claim claims a key that is free. A row without a key conflicts with no other.
func (c *bulkClaims) claim(key string) {
	if key == "" {
		return
	}
	c.mu.Lock()
	c.keys[key] = struct{}{}
	c.mu.Unlock()
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
