package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// progress prints a line every ten seconds. It goes by the clock, so that it also
// says why nothing moves.
type progress struct {
	log     io.Writer
	waiting []*waiting // of the two clients

	mu                     sync.Mutex // guards the rest, and log
	began, moved           time.Time
	read, total, postponed int // total: -1 if the source does not say
}

// start prints until stop is called.
func (p *progress) start() (stop func()) {
	p.began, p.total = time.Now(), -1
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(10 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.print()
			case <-quit:
				return
			}
		}
	}()
	return func() { close(quit); <-ended }
}

// readOne notes that the source gave another user, of so many.
func (p *progress) readOne(total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read++
	p.total, p.moved = total, time.Now()
}

func (p *progress) setPostponed(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.postponed = n
}

// printf prints a line of another kind.
func (p *progress) printf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.log, format, args...)
}

func (p *progress) print() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	text := fmt.Sprintf("%d users", p.read)
	if p.total >= p.read {
		text = fmt.Sprintf("%d of %d users", p.read, p.total)
	}
	if p.postponed > 0 {
		text += fmt.Sprintf(", %d to retry", p.postponed)
	}
	if rate := float64(p.read) / now.Sub(p.began).Seconds(); rate > 0 {
		text += fmt.Sprintf(", %.3g/s", rate)
		if left := time.Duration(float64(p.total-p.read) / rate * float64(time.Second)); left > 0 {
			text += fmt.Sprintf(", %v left", left.Round(time.Second))
		}
	}
	parts := []string{text}
	for _, w := range p.waiting {
		if why := w.reason(); why != "" && now.Sub(p.moved) >= time.Second {
			parts = append(parts, "waiting "+why)
		}
	}
	fmt.Fprintln(p.log, strings.Join(parts, "; "))
}
