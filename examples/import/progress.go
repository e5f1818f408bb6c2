package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// lineEvery is how often progress prints a line that stays.
const lineEvery = 10 * time.Second

// progress shows how far the rows have come: with a bar on a terminal, elsewhere
// with a line every ten seconds. It goes by the clock, so that it also says why
// nothing moves.
type progress struct {
	out     io.Writer
	bar     *progressbar.ProgressBar // nil: not a terminal
	total   int                      // rows, about; 0: unknown
	waiting *waiting
	ended   func()

	mu           sync.Mutex
	start        int       // rows that were done before this run
	began, moved time.Time // of this run, and of the last row that was done
	told         time.Time // when the last line was printed
	done, failed int
}

func startProgress(out io.Writer, terminal bool, start, total int, w *waiting) *progress {
	p := &progress{out: out, start: start, done: start, total: total, waiting: w}
	p.began = time.Now()
	p.moved, p.told = p.began, p.began
	every := lineEvery
	if terminal {
		every = 250 * time.Millisecond
		size := total
		if size == 0 {
			size = -1
		}
		p.bar = progressbar.NewOptions(size, progressbar.OptionSetWriter(out), progressbar.OptionSetWidth(12),
			progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false),
			progressbar.OptionSetSpinnerChangeInterval(0)) // show turns it
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.show()
			case <-stop:
				return
			}
		}
	}()
	p.ended = func() { close(stop); <-stopped }
	return p
}

// begin is called before the first row: the rate does not count what is before.
func (p *progress) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began = time.Now()
	p.moved = p.began
}

// set notes how many rows are done, and how many of them failed in this run.
func (p *progress) set(done, failed int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.failed, p.moved = done, failed, time.Now()
}

// println prints a line without disturbing the bar.
func (p *progress) println(out io.Writer, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintln(out, text)
}

// end shows the last state. What is printed next is on a line of its own.
func (p *progress) end() {
	p.ended()
	if p.bar != nil {
		p.show()
		fmt.Fprintln(p.out)
	}
}

func (p *progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.told) >= lineEvery {
		p.told = now
		why := p.waiting.reason()
		if now.Sub(p.moved) < time.Second {
			why = ""
		}
		switch {
		case p.bar == nil && why != "":
			fmt.Fprintln(p.out, p.text(now)+"; waiting "+why)
		case p.bar == nil:
			fmt.Fprintln(p.out, p.text(now))
		case why != "":
			_ = p.bar.Clear()
			fmt.Fprintln(p.out, "waiting "+why)
		}
	}
	if p.bar == nil {
		return
	}
	p.bar.Describe(p.text(now))
	if p.total > 0 {
		_ = p.bar.Set(min(p.done, p.total-1)) // one that is full draws no more
	}
}

// text is short, since a bar must fit into a line of the terminal.
func (p *progress) text(now time.Time) string {
	text := fmt.Sprintf("%d rows", p.done)
	if p.total > p.done {
		text = fmt.Sprintf("%d/%d rows", p.done, p.total)
	}
	if p.failed > 0 {
		text += fmt.Sprintf(", %d failed", p.failed)
	}
	if rate := float64(p.done-p.start) / now.Sub(p.began).Seconds(); p.done > p.start && rate > 0 {
		text += fmt.Sprintf(", %.3g/s", rate)
		if left := time.Duration(float64(p.total-p.done) / rate * float64(time.Second)); left > 0 {
			text += fmt.Sprintf(", %v left", left.Round(time.Second))
		}
	}
	return text
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
