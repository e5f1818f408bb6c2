package main

import "sync"

// recentRows keeps the line, and the error if any, of the rows that the client may
// be working on. Keeping all rows would take unbounded memory.
type recentRows struct {
	mu     sync.Mutex
	number int // of the last row
	rows   [1 << 16]recentRow
}

type recentRow struct {
	line   int
	broken error
	text   string
}

func (r *recentRows) add(number int, parsed row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.number = number
	r.rows[number%len(r.rows)] = recentRow{parsed.line, parsed.err, parsed.text}
}

// last returns the number of the last row.
func (r *recentRows) last() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.number
}

func (r *recentRows) get(number int) recentRow {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rows[number%len(r.rows)]
}
