package page_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A browser is one tab of a real one.
type browser struct {
	t          *testing.T
	ctx        context.Context
	pictures   string
	complaints *complaints
}

// patience is how long the browser may take for a step on a busy machine.
const patience = 20 * time.Second

// openBrowser skips the test if there is no Chromium. CHROME is the path of one
// in another place.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	program := os.Getenv("CHROME")
	for _, name := range []string{"chromium", "/usr/bin/chromium", "google-chrome"} {
		if path, err := exec.LookPath(name); program == "" && err == nil {
			program = path
		}
	}
	if program == "" {
		t.Skip("no chromium on this machine")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(patience))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	b := &browser{t: t, ctx: ctx, pictures: os.Getenv("FAKE_PAGE_SHOTS"), complaints: &complaints{}}
	if b.pictures == "" {
		b.pictures = t.TempDir()
	} else if !filepath.IsAbs(b.pictures) {
		b.pictures = filepath.Join("../..", b.pictures) // from the module's root
	}
	require.NoError(t, os.MkdirAll(b.pictures, 0o755))
	require.NoError(t, chromedp.Do(ctx)) // opens the tab
	go b.complaints.hear(ctx)
	return b
}

// of returns the same tab for another test.
func (b *browser) of(t *testing.T) *browser {
	other := *b
	other.t = t
	return &other
}

// value runs an action in the tab and returns its result.
func value[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	require.NoError(b.t, err)
	return v
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for _, action := range actions {
		value(b, action)
	}
}

// press types keys one after the other.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.do(chromedp.KeyEvent(key))
	}
}

// tabTo presses Tab until the element has the focus.
func (b *browser) tabTo(selector string) {
	b.t.Helper()
	for range 50 {
		if b.focused(selector) {
			return
		}
		b.press(kb.Tab)
	}
	require.FailNow(b.t, "Tab does not lead to "+selector)
}

// ask evaluates a script that returns a boolean.
func (b *browser) ask(script string, args ...any) bool {
	b.t.Helper()
	return value(b, chromedp.Evaluate[bool](fmt.Sprintf(script, args...)))
}

func (b *browser) focused(selector string) bool {
	b.t.Helper()
	return b.ask(`document.activeElement?.matches(%q) ?? false`, selector)
}

func (b *browser) visible(selector string) bool {
	b.t.Helper()
	return b.ask(`document.querySelector(%q)?.checkVisibility() ?? false`, selector)
}

func (b *browser) count(selector string) int {
	b.t.Helper()
	return value(b, chromedp.Evaluate[int](fmt.Sprintf(`document.querySelectorAll(%q).length`, selector)))
}

// text returns the visible text of an element.
func (b *browser) text(selector string) string {
	b.t.Helper()
	return value(b, chromedp.Evaluate[string](fmt.Sprintf(
		`[document.querySelector(%q)].map((node) => node?.checkVisibility() ? node.innerText : "").join()`, selector)))
}

// waitFor polls until the condition is true. Unlike all other tests it sleeps
// in between: a real browser renders by its own clock and sends no signal.
func (b *browser) waitFor(what string, isSo func() bool) {
	b.t.Helper()
	for end := time.Now().Add(patience); ; {
		if isSo() {
			return
		}
		if time.Now().After(end) {
			b.shoot("failed")
			require.FailNow(b.t, "timed out waiting for "+what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (b *browser) waitText(selector, text string) {
	b.t.Helper()
	var seen string
	b.waitFor(fmt.Sprintf("%q in %s", text, selector), func() bool {
		seen = b.text(selector)
		return strings.Contains(seen, text)
	})
}

func (b *browser) waitFocus(selector string) {
	b.t.Helper()
	b.waitFor("the focus on "+selector, func() bool { return b.focused(selector) })
}

func (b *browser) waitGone(selector string) {
	b.t.Helper()
	b.waitFor("the end of "+selector, func() bool { return b.count(selector) == 0 })
}

func (b *browser) goTo(hash string) {
	b.t.Helper()
	b.ask(`location.hash = %q, true`, hash)
}

// arm arms a fault with the form; fields are names and values.
func (b *browser) arm(op, kind string, fields ...string) {
	b.t.Helper()
	b.do(chromedp.Click("#faults-arm"), chromedp.SetValue(`#fault-dialog select`, op), chromedp.Click(fmt.Sprintf(`#fault-dialog input[value=%q]`, kind)))
	for i := 0; i < len(fields); i += 2 {
		b.do(chromedp.SetValue(fmt.Sprintf(`#fault-dialog input[name=%q]`, fields[i]), fields[i+1]))
	}
	b.do(chromedp.Click("#fault-dialog .primary"))
	b.waitGone("#fault-dialog[open]")
}

// show sets the page's screen size.
func (b *browser) show(width int64, scheme string) {
	b.t.Helper()
	height, phone := int64(800), width < 600
	if phone {
		height = 844
	}
	var options []chromedp.EmulateViewportOption
	if phone {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	b.do(chromedp.EmulateViewport(width, height, options...))
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"}, // screenshots without animations
	}})
	require.NoError(b.t, err)
}

// shoot takes a screenshot.
func (b *browser) shoot(name string) {
	b.t.Helper()
	picture := value(b, chromedp.CaptureScreenshot())
	require.NoError(b.t, os.WriteFile(filepath.Join(b.pictures, "page-"+name+".png"), picture, 0o644))
}

// shootAll takes screenshots of a view on a desktop and on a phone, in light
// and dark, and checks that it fits.
func (b *browser) shootAll(name, hash, selector string) {
	b.t.Helper()
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 640, 20)) // not over any element
	for _, width := range []int64{1280, 420} {
		for _, scheme := range []string{"light", "dark"} {
			b.show(width, scheme)
			b.goTo(hash)
			b.waitFor(selector, func() bool { return b.visible(selector) })
			b.shoot(fmt.Sprintf("%s-%d-%s", name, width, scheme))
		}
		wide := value(b, chromedp.Evaluate[[]string](`[...document.querySelectorAll("body, body *")].filter((node) => node.checkVisibility() && !node.matches(".skip, .unseen, .unseen *") &&
			node.getBoundingClientRect().right > innerWidth + 0.5).map((node) => node.outerHTML.slice(0, 120))`))
		assert.Empty(b.t, wide, "%s runs over the edge at %d", name, width)
	}
	b.show(1280, "light")
}

// complaints are the browser's reports about the page: exceptions, policy violations, missing
// files.
type complaints struct {
	mu    sync.Mutex
	heard []string
}

func (c *complaints) hear(ctx context.Context) {
	for message, err := range chromedp.Console(ctx) {
		// Refusals of a form, which are provoked, do not count.
		if err != nil || !message.IsException() && message.Type != "error" && message.Type != "warning" || strings.Contains(message.Text, "status of 409") || strings.Contains(message.Text, "status of 400") {
			continue
		}
		c.mu.Lock()
		c.heard = append(c.heard, message.String())
		c.mu.Unlock()
	}
}

func (c *complaints) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.heard...)
}
