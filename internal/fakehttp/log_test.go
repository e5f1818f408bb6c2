package fakehttp

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The number is that of a log, not of requests: a hundred thousand of those take
// too long.
func TestRequestLog_number(t *testing.T) {
	var l requestLog
	for i := range defaultLogLimit + 10 {
		e := &entry{}
		e.Number = i + 1
		l.add(e, 0)
	}
	assert.Len(t, l.entries, defaultLogLimit)
	assert.Equal(t, 11, l.entries[0].Number)
	assert.Equal(t, 10, l.dropped)
	assert.LessOrEqual(t, l.bytes, maxLogBytes)
}
