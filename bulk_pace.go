package messembed

import (
	"net/http"
	"sync"
)

// bulkPace decides how many workers of a bulk may run. Like TCP's
// congestion control it halves their number when the service pushes back (429,
// 503) and raises it a little with each row that went well. A row that waits
// for its next attempt keeps its worker busy, so that a service which asks for
// a pause gets it.
//
// A refusal counts once for all rows that were in progress at the time: the
// rows begun since the last cut are one epoch, and each epoch is cut once.
type bulkPace struct {
	most int // workers if all goes well

	mu     sync.Mutex
	limit  float64    // current number of workers, from 1 to most
	raised *sync.Cond // limit was raised, or the bulk is over
	active int        // workers that process a row or wait for one
	over   bool
	epoch  int
}

func newBulkPace(most int) *bulkPace {
	p := &bulkPace{most: most, limit: float64(most)}
	p.raised = sync.NewCond(&p.mu)
	return p
}

// enter waits until one more worker may run. It returns false if the bulk is
// over.
func (p *bulkPace) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.over && p.active >= int(p.limit) {
		p.raised.Wait()
	}
	p.active++
	return !p.over
}

// end releases the workers that wait in enter.
func (p *bulkPace) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.raised.Broadcast()
}

// begin is called by a worker that has received a row.
func (p *bulkPace) begin(row *bulkRow) {
	p.mu.Lock()
	row.epoch = p.epoch
	p.mu.Unlock()
}

// leave ends a row. One of the current epoch was not refused.
func (p *bulkPace) leave(row *bulkRow) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active--
	if row.epoch == p.epoch {
		// Over one round of p.limit rows this adds a sixteenth of p.most.
		step := max(1, float64(p.most)/16)
		p.limit = min(p.limit+step/p.limit, float64(p.most))
	}
	for range int(p.limit) - p.active {
		p.raised.Signal()
	}
}

// refused is called for each error response.
func (p *bulkPace) refused(row *bulkRow, status int) {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if row.epoch == p.epoch {
		p.epoch++
		p.limit = max(1, p.limit/2)
	}
}
