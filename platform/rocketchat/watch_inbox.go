package rocketchat

import (
	"sync"

	"github.com/messembed/messembed-go/platform/rocketchat/internal/ddp"
)

// inbox passes what the stream receives to the watch, whose consumer may be
// slow. It never blocks and never grows beyond maxInbox: at that limit changes
// are dropped, and the states must be read instead.
type inbox struct {
	awake chan struct{} // holds one value when there is news

	mu   sync.Mutex
	news []news
}

// news is one event of the stream.
type news struct {
	kind   newsKind
	change ddp.Change // if kind is changed
}

type newsKind int

const (
	changed  newsKind = iota
	begun             // subscribed: no change is missed from here on
	broken            // the stream has ended; changes are missed from here on
	overflow          // changes were dropped
)

const maxInbox = 1024

func newInbox() *inbox { return &inbox{awake: make(chan struct{}, 1)} }

func (b *inbox) put(n news) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.news) >= maxInbox {
		b.compact()
	}
	b.news = append(b.news, n)
	select {
	case b.awake <- struct{}{}:
	default:
	}
}

// compact drops the changes and keeps only the current state of the stream.
func (b *inbox) compact() {
	dropped := b.news
	b.news = []news{{kind: overflow}}
	for _, n := range dropped {
		if n.kind == begun || n.kind == broken {
			b.news = []news{n, {kind: overflow}}
		}
	}
}

func (b *inbox) take() []news {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.news
	b.news = nil
	return all
}
