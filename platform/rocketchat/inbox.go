package rocketchat

import (
	"sync"

	"github.com/messembed/messembed-go/platform/rocketchat/internal/ddp"
)

// inbox is where the stream leaves what it hears for the watch, whose consumer may
// be slow. It never blocks and never grows beyond maxInbox: past it what was heard
// is dropped, and the states have to be read instead.
type inbox struct {
	awake chan struct{} // holds one when there is something

	mu   sync.Mutex
	news []news
}

// news is one thing that happened to the stream.
type news struct {
	kind   newsKind
	change ddp.Change // of a changed
}

type newsKind int

const (
	changed  newsKind = iota
	begun             // the subscription stands: from here on nothing is missed
	broken            // the stream has ended; what changes now is missed
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

// compact drops the changes and keeps how the stream stands now.
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
