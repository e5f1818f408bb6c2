package main

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/messembed/messembed-go/messembedtest"
)

// The limits of an armed fault.
const (
	maxTimes = 100
	maxDelay = 10 * time.Minute
)

// arm arms a fault.
func (p *page) arm(form struct {
	Op         string // "": any request
	About      string // the id of a user or a chat that the request names; "": any
	Kind       string
	Status     int
	Applied    bool // the operation is carried out before the status is sent
	RetryAfter string
	Delay      float64 // seconds
	Times      int
	Standing   bool // every request meets it, until it is disarmed; Times does not count
}) error {
	if form.Op != "" && !slices.Contains(p.operations(), form.Op) {
		return wrong("op", "No such operation.")
	}
	delay := time.Duration(form.Delay * float64(time.Second))
	switch {
	case delay < 0 || delay > maxDelay:
		return wrong("delay", "The delay must be 0 to 600 seconds.")
	case !form.Standing && (form.Times < 1 || form.Times > maxTimes):
		return wrong("times", "A fault can be armed 1 to "+strconv.Itoa(maxTimes)+" times.")
	}
	f := messembedtest.Fault{Op: form.Op, Delay: delay}
	if about := strings.TrimSpace(form.About); about != "" {
		f.Match = p.subjects.naming(about)
	}
	switch form.Kind {
	case "status":
		if form.Status < 200 || form.Status > 599 ||
			form.Status == http.StatusNoContent || form.Status == http.StatusNotModified {
			return wrong("status", "The status must be 200 to 599 and allow a body.")
		}
		f.Status, f.AfterApply, f.RetryAfter = form.Status, form.Applied, strings.TrimSpace(form.RetryAfter)
		if f.RetryAfter != "" && !isRetryAfter(f.RetryAfter) {
			return wrong("retryAfter", "This must be seconds or a date, such as 30 or Wed, 21 Oct 2026 07:28:00 GMT.")
		}
		f.Body = fmt.Sprintf(`{"statusCode":%d,"message":"%s"}`, form.Status, http.StatusText(form.Status))
	case "reset":
		f.Reset = true
	case "refuse":
		f.Refuse = true
	case "lost":
		f.Reset, f.AfterApply = true, true
	case "cut":
		f.Truncate = 1
	case "hang":
		f.Stall = true
	case "slow":
		if delay == 0 {
			return wrong("delay", "Enter a delay.")
		}
	default:
		return wrong("kind", "No such fault.")
	}
	if form.Standing {
		p.fake.Fail(f)
		return nil
	}
	for range form.Times {
		p.fake.FailNext(f)
	}
	return nil
}

func isRetryAfter(text string) bool {
	if _, err := strconv.ParseUint(text, 10, 32); err == nil {
		return true
	}
	_, err := http.ParseTime(text)
	return err == nil
}

// presets are the faults that are needed most, by the names of the page's buttons.
var presets = map[string]func(fake *messembedtest.Server){
	"lost":   func(fake *messembedtest.Server) { fake.FailNext(messembedtest.Fault{Reset: true, AfterApply: true}) },
	"slow":   func(fake *messembedtest.Server) { fake.Fail(messembedtest.Fault{Delay: 2 * time.Second}) },
	"share":  func(fake *messembedtest.Server) { fake.FailRandomly(0.2, uint64(time.Now().UnixNano())) },
	"refuse": func(fake *messembedtest.Server) { fake.Fail(messembedtest.Fault{Refuse: true}) },
}

func (p *page) armPreset(form struct{ Name string }) error {
	arm := presets[form.Name]
	if arm == nil {
		return wrong("", "No such preset.")
	}
	arm(p.fake)
	return nil
}

// shareKey is the key of the failing share of all requests.
const shareKey = "share"

// disarm removes the faults of a key, or all.
func (p *page) disarm(form struct{ Key string }) error {
	if form.Key == "" || form.Key == shareKey {
		p.fake.FailRandomly(0, 0)
	}
	p.in.Disarm(func(f messembedtest.Fault, standing bool) bool {
		return form.Key == "" || p.faultKey(f, standing) == form.Key
	})
	return nil
}

// An armedFault represents all pending faults that are equal.
type armedFault struct {
	Key      string `json:"key"`
	Op       string `json:"op"`
	About    string `json:"about"` // the user or chat that it is limited to
	Words    string `json:"words"`
	Times    int    `json:"times"`
	Standing bool   `json:"standing"` // every request meets it, until it is disarmed
}

func (p *page) armed() []armedFault {
	out := []armedFault{}
	add := func(f messembedtest.Fault, standing bool) {
		key := p.faultKey(f, standing)
		i := slices.IndexFunc(out, func(a armedFault) bool { return a.Key == key })
		if i < 0 {
			i = len(out)
			out = append(out, armedFault{Key: key, Op: f.Op, About: p.subjects.of(f), Words: faultWords(f), Standing: standing})
		}
		out[i].Times++
	}
	next, standing := p.in.PendingFaults()
	for _, f := range next {
		add(f, false)
	}
	for _, f := range standing {
		add(f, true)
	}
	if share := p.in.RandomShare(); share > 0 {
		words := strconv.FormatFloat(share*100, 'f', -1, 64) + " % fail"
		out = append(out, armedFault{Key: shareKey, Words: words, Times: 1, Standing: true})
	}
	return out
}

// faultKey returns the same key for equal faults.
func (p *page) faultKey(f messembedtest.Fault, standing bool) string {
	about := p.subjects.of(f)
	f.Match = nil // all of these print alike
	h := fnv.New64a()
	fmt.Fprintf(h, "%t %q %+v", standing, about, f)
	return strconv.FormatUint(h.Sum64(), 36)
}

// faultWords describes a fault.
func faultWords(f messembedtest.Fault) string {
	var words []string
	switch {
	case f.Refuse:
		words = append(words, "connection refused")
	case f.Reset && f.AfterApply:
		words = append(words, "response lost")
	case f.Reset:
		words = append(words, "connection reset")
	case f.Stall:
		words = append(words, "hangs")
	case f.Truncate != 0:
		words = append(words, "response cut short")
	case f.Status != 0 && f.AfterApply:
		words = append(words, "done, but "+strconv.Itoa(f.Status))
	case f.Status != 0:
		words = append(words, strconv.Itoa(f.Status))
	}
	if f.RetryAfter != "" {
		words = append(words, "Retry-After "+f.RetryAfter)
	}
	if f.Delay > 0 {
		words = append(words, f.Delay.String()+" late")
	}
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}
