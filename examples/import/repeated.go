package main

import (
	"fmt"
	"hash/maphash"
	"strings"
)

// repeated finds the rows that name the user of an earlier row. It keeps some 40
// bytes for each user.
type repeated struct {
	seed  maphash.Seed
	lines map[uint64]int // of the first row of each user, by a hash of the id
	count int
	first []string
}

func (r *repeated) note(id string, line int) {
	if id == "" {
		return
	}
	if r.lines == nil {
		r.seed, r.lines = maphash.MakeSeed(), map[uint64]int{}
	}
	user := maphash.String(r.seed, id)
	before, there := r.lines[user]
	if !there {
		r.lines[user] = line
		return
	}
	const most = 5
	if r.count++; r.count <= most {
		r.first = append(r.first, fmt.Sprintf("line %d that of line %d", line, before))
	}
}

// warning returns what to say about these rows, and what comes of it; "" if there are
// none.
func (r *repeated) warning(comes string) string {
	if r.count == 0 {
		return ""
	}
	rows, more := "1 row repeats", ""
	if r.count > 1 {
		rows = fmt.Sprintf("%d rows repeat", r.count)
	}
	if r.count > len(r.first) {
		more = ", …"
	}
	return fmt.Sprintf("Warning: %s the user id of an earlier row: %s%s; %s", rows, strings.Join(r.first, ", "), more, comes)
}
