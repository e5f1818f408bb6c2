package messembed

import (
	"context"
	"net/http"
	"sync"
)

// importPace decides when the next row may be taken up. How many are in flight
// follows the rule by which TCP shares a line: half as many when the service
// refuses (429, 503), more again, bit by bit, with each row that went well. Rows
// that wait for their next attempt count as in flight, so that a service which
// asks for a pause gets it.
//
// A refusal counts once for all rows that were under way at the time: the rows
// taken up since the last cut are one epoch, and each epoch is cut once.
type importPace struct {
	most int // rows in flight when all goes well

	mu       sync.Mutex
	limit    float64 // rows in flight now; from 1 to most
	epoch    int
	inFlight int
	keys     map[string]struct{} // of the rows in flight: one user, one row at a time
	changed  chan struct{}       // holds something when a row has ended since take looked
}

func newImportPace(most int) *importPace {
	return &importPace{
		most: most, limit: float64(most), keys: make(map[string]struct{}, most), changed: make(chan struct{}, 1),
	}
}

// take waits until the row may begin; false when ctx or stop ends first. One
// goroutine takes, any may give.
func (p *importPace) take(ctx context.Context, stop <-chan struct{}, row *importRow) bool {
	for !p.tryTake(row) {
		select {
		case <-p.changed:
		case <-ctx.Done():
			return false
		case <-stop:
			return false
		}
	}
	return true
}

func (p *importPace) tryTake(row *importRow) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, same := p.keys[row.key]; same || p.inFlight >= int(p.limit) {
		return false
	}
	p.inFlight++
	if row.key != "" {
		p.keys[row.key] = struct{}{}
	}
	row.epoch = p.epoch
	return true
}

// give ends a row. It has gone well for the pace if it was not refused.
func (p *importPace) give(row *importRow) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight--
	delete(p.keys, row.key)
	if row.epoch == p.epoch {
		// Over one round of p.limit rows this adds a sixteenth of the whole.
		step := max(1, float64(p.most)/16)
		p.limit = min(p.limit+step/p.limit, float64(p.most))
	}
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// refused hears of each answer that is an error.
func (p *importPace) refused(row *importRow, status int) {
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
