package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/term"

	messembed "github.com/messembed/messembed-go"
)

// board shows users and their presence. In a terminal it is redrawn at each change;
// otherwise it prints one line per change.
type board struct {
	out   io.Writer
	size  func() (width, height int) // nil: not a terminal
	where string
	rows  []*row
	byID  map[string]*row
}

type row struct {
	id, name string
	presence *messembed.Presence // nil: not known yet
	since    time.Time           // of the last change; zero: none yet
}

func newBoard(out io.Writer, size func() (width, height int), where string, people []*messembed.User) *board {
	b := &board{out: out, size: size, where: where, byID: make(map[string]*row, len(people))}
	for _, user := range people {
		r := &row{id: user.ID, name: printable(cmp.Or(user.Profile.DisplayName, user.Profile.Username, user.ID))}
		b.rows, b.byID[user.ID] = append(b.rows, r), r
	}
	if size == nil {
		fmt.Fprintf(out, "Watching %d users of %s\n", len(b.rows), where)
	} else {
		fmt.Fprint(out, "\x1b[?1049h\x1b[?25l") // alternate screen, hidden cursor
		b.draw()
	}
	return b
}

func (b *board) ids() []string {
	ids := make([]string, len(b.rows))
	for i, r := range b.rows {
		ids[i] = r.id
	}
	return ids
}

func (b *board) update(p *messembed.Presence) {
	r, known := b.byID[p.UserID]
	if !known {
		return
	}
	first := r.presence == nil
	r.presence = p
	if !first {
		r.since = time.Now()
	}
	switch {
	case b.size != nil:
		b.draw()
	case first && !p.Online: // nothing to report
	default:
		fmt.Fprintf(b.out, "%s  %s is %s\n", time.Now().Format(time.TimeOnly), r.name, state(p))
	}
}

// close restores the terminal and prints the final board.
func (b *board) close() {
	width := 200
	if b.size != nil {
		fmt.Fprint(b.out, "\x1b[?25h\x1b[?1049l")
		width, _ = b.size()
	}
	fmt.Fprintln(b.out, strings.Join(b.lines(width, len(b.rows)+2, false), "\n"))
}

func (b *board) draw() {
	width, height := b.size()
	lines := b.lines(width, height-1, os.Getenv("NO_COLOR") == "")
	// Each line overwrites its old text, to avoid flicker.
	fmt.Fprint(b.out, "\x1b[H"+strings.Join(lines, "\x1b[K\n")+"\x1b[K\x1b[J")
}

// order is the sort order; colours and dots show the status.
var (
	order   = []messembed.PresenceStatus{messembed.PresenceOnline, messembed.PresenceBusy, messembed.PresenceAway, messembed.PresenceOffline}
	colours = map[messembed.PresenceStatus]string{
		messembed.PresenceOnline: "\x1b[32m", messembed.PresenceBusy: "\x1b[31m", messembed.PresenceAway: "\x1b[33m", messembed.PresenceOffline: "\x1b[90m",
	}
	dots = map[messembed.PresenceStatus]string{
		messembed.PresenceOnline: "●", messembed.PresenceBusy: "■", messembed.PresenceAway: "◐", messembed.PresenceOffline: "○",
	}
)

// lines returns the board's lines: available users first, as many as fit.
func (b *board) lines(width, room int, colour bool) []string {
	sorted := slices.Clone(b.rows)
	slices.SortStableFunc(sorted, func(a, b *row) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.name, b.name))
	})
	online, wide := 0, 0
	for _, r := range sorted {
		wide = max(wide, min(len([]rune(r.name)), 30))
		if r.presence != nil && r.presence.Online {
			online++
		}
	}
	lines := []string{cut(fmt.Sprintf("%d of %d online at %s", online, len(sorted), b.where), width), ""}
	for i, r := range sorted {
		if len(lines) == room-1 && i < len(sorted)-1 {
			return append(lines, fmt.Sprintf("  and %d more", len(sorted)-i))
		}
		text, dot := "not known yet", "?"
		if r.presence != nil {
			dot = cmp.Or(dots[r.presence.Status], "?")
			text = state(r.presence)
			if !r.since.IsZero() {
				text += r.since.Format(", since 15:04:05")
			}
		}
		line := cut(fmt.Sprintf("%-*s  %s", wide, cut(r.name, 30), text), width-2)
		if c := colours[status(r)]; colour && c != "" {
			dot = c + dot + "\x1b[0m"
		}
		lines = append(lines, dot+" "+line)
	}
	return lines
}

func status(r *row) messembed.PresenceStatus {
	if r.presence == nil {
		return ""
	}
	return r.presence.Status
}

func rank(r *row) int {
	if at := slices.Index(order, status(r)); at >= 0 {
		return at
	}
	return len(order)
}

// state describes a presence.
func state(p *messembed.Presence) string {
	text := string(p.Status)
	if p.CallStatus == "IN_CALL" {
		text += ", in a call"
	}
	if said := printable(p.Text); said != "" {
		text += ": " + said
	}
	return text
}

// printable removes control characters from a user's text.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.TrimSpace(text))
}

func cut(text string, width int) string {
	if runes := []rune(text); len(runes) > width {
		return string(runes[:max(width-1, 0)]) + "…"
	}
	return text
}

// sizeOf returns a function for the terminal's size, or nil if the file is not a
// terminal that can be drawn on.
func sizeOf(file *os.File) func() (width, height int) {
	if !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return func() (int, int) {
		width, height, err := term.GetSize(int(file.Fd()))
		if err != nil || width < 10 || height < 5 {
			return 80, 24
		}
		return width, height
	}
}
