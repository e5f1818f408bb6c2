package page_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

// TestPage_asATool is what people do with the page while they develop, in one session.
func TestPage_asATool(t *testing.T) {
	b := openBrowser(t)
	url := startFake(t)
	client, ctx := clientOf(t, url), t.Context()
	for _, p := range []messembed.CreateUserParams{
		{ID: "u1", ExternalMetadata: messembed.Metadata{"name": "Ada Lovelace"}},
		{ID: "u2", ExternalMetadata: messembed.Metadata{"name": "Grace Hopper"}, PrivateExternalMetadata: messembed.Metadata{"plan": map[string]any{"tier": "pro <b>"}}},
	} {
		_, err := client.CreateUser(ctx, p)
		require.NoError(t, err)
	}
	b.show(1280, "light")
	b.do(chromedp.Navigate(url)) // "/" leads to the page
	b.waitText("#connection", "live")
	b.waitText("#users-list", "Ada Lovelace")

	t.Run("search finds values, not keys, and marks them", func(t *testing.T) {
		b := b.of(t)
		b.search("#users-search", "externalMetadata")
		b.waitText("#users-empty", "No users match")
		b.search("#users-search", "LOVE ada")
		b.waitFor("one user with both words marked", func() bool { return slices.Equal([]string{"Ada", "Love"}, b.texts("#users-list mark")) })
		assert.Equal(t, 1, b.count("#users-list li"))
		b.search("#users-search", "pro")
		b.waitText("#users-list .found", "privateExternalMetadata.plan.tier: pro <b>")
		assert.Equal(t, []string{"pro"}, b.texts("#users-list mark"))
		b.do(chromedp.Click("#users-list button"))
		b.waitFor("the mark in the document", func() bool { return b.count("#users-list pre mark") == 1 })
		b.search("#requests-search", "lovelace")
		b.waitFor("one request", func() bool { return b.count("#requests-list li") == 1 })
		b.waitText("#requests-list", "found inside")
		b.do(chromedp.Click("#requests-list button"))
		b.waitFor("the marks in request and response", func() bool { return b.count("#requests-list pre mark") == 2 })
		b.shootAll("found", "#/users", "#users-list mark")
		b.search("#users-search", "")
		b.search("#requests-search", "")
		b.waitFor("all of them", func() bool { return b.count("#users-list li") == 2 && b.count("#requests-list li") == 2 })
	})

	t.Run("a request stands beside its response, and is copied as curl", func(t *testing.T) {
		b := b.of(t)
		b.allowCopying(url)
		b.waitText("#requests-list .request", "X-Request-Id")
		b.waitText("#requests-list .request", `"name": "Ada Lovelace"`)
		b.waitText("#requests-list .answer", "Response 201 Created")
		b.waitText("#requests-list .answer", `"_id": "u1"`)
		assert.True(t, b.ask(`document.querySelector(".request").getBoundingClientRect().right <= document.querySelector(".answer").getBoundingClientRect().left`))
		b.do(chromedp.Click(".facts-line button"))
		b.waitText("#toast", "Copied.")
		command := b.clipboard()
		assert.Contains(t, command, "curl -i '"+url+"/admin-api/users'")
		assert.Contains(t, command, `-u "admin:$MESSEMBED_PASSWORD"`)
		assert.Contains(t, command, `"Ada Lovelace"`)
		assert.NotContains(t, command, password)
		b.do(chromedp.Click(`#requests-list [aria-expanded="true"]`))
	})

	t.Run("a user is edited, given a token and deleted", func(t *testing.T) {
		b := b.of(t)
		b.open("u1")
		b.act("Edit…")
		b.waitFocus(`#edit-dialog [name="external"]`)
		b.shootAll("editing", "#/users", "#edit-dialog form")
		b.do(chromedp.SetValue(`#edit-dialog [name="external"]`, `{"name":`), chromedp.Click("#edit-dialog .primary"))
		b.waitText("#edit-dialog .error", "This must be a JSON object.")
		b.do(chromedp.SetValue(`#edit-dialog [name="external"]`, `{"name":"Ada King"}`), chromedp.SetValue(`#edit-dialog [name="private"]`, `{"vip":true}`), chromedp.Click("#edit-dialog .primary"))
		b.waitGone("#edit-dialog[open]")
		b.waitText("#users-list", "Ada King")
		user, err := client.GetUser(t.Context(), "u1")
		require.NoError(t, err)
		assert.Equal(t, messembed.Metadata{"name": "Ada King"}, user.ExternalMetadata)
		assert.Equal(t, messembed.Metadata{"vip": true}, user.PrivateExternalMetadata)

		b.act("Token…")
		b.waitText("#token-dialog-title", "Access token of u1")
		b.shootAll("token", "#/users", "#token-text")
		b.do(chromedp.Click("#token-copy"))
		b.waitText("#toast", "Copied.")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/user", http.NoBody)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+b.clipboard())
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		resp.Body.Close()
		assert.Equal(t, http.StatusOK, resp.StatusCode, "the token is good")
		b.press(kb.Escape)
		b.waitGone("#token-dialog[open]")

		b.act("Open a chat…")
		b.waitFocus(`#chat-dialog [name="second"]`)
		b.press("u2", kb.Enter)
		b.waitText("#chat-title", "Ada King and Grace Hopper")
		b.goTo("#/users")
		b.waitText("#users-list", "Ada King")
		b.act("Open a chat…")
		b.waitFocus(`#chat-dialog [name="second"]`)
		b.press("u2", kb.Enter)
		b.waitText("#chat-dialog .error", "These users already have a chat. (CHAT_ALREADY_EXISTS) Show it")
		b.shootAll("existing", "#/users", "#chat-dialog .error")
		b.do(chromedp.Click("#chat-dialog .error a"))
		b.waitGone("#chat-dialog[open]")
		b.waitText("#chat-title", "Ada King and Grace Hopper")
		b.goTo("#/users")
		b.waitText("#users-list", "Ada King")

		b.act("Delete…")
		b.waitText("#delete-dialog-title", "Delete u1?")
		b.shootAll("deleting", "#/users", "#delete-dialog form")
		b.do(chromedp.Click("#delete-dialog .danger"))
		b.waitText("#users-list .actions", "tokens are still minted")
		_, err = client.GetUser(t.Context(), "u1")
		require.ErrorIs(t, err, messembed.ErrNotFound)
		assert.Equal(t, []string{"Token…"}, b.texts("#users-list .actions button"))
		b.shootAll("deleted", "#/users", "#users-list .actions")
		b.act("Token…")
		b.waitText("#token-dialog", "The fake has no chats for front ends")
		b.press(kb.Escape)
		b.waitGone("#token-dialog[open]")
		b.goTo("#/chats")
		b.waitText("#chats-list .badge", "u1 deleted")
		b.shootAll("deleted-chats", "#/chats", "#chats-list .badge")
		b.goTo("#/users")
	})

	t.Run("presets are armed, listed and disarmed", func(t *testing.T) {
		b := b.of(t)
		for _, preset := range []struct{ name, words string }{
			{"lost", "response lost\nthe next one"}, {"refuse", "connection refused\nuntil disarmed"}, {"slow", "2s late\nuntil disarmed"}, {"share", "20 % fail\nuntil disarmed"},
		} {
			b.do(chromedp.Click("#faults-arm"), chromedp.Click(fmt.Sprintf(`#fault-dialog [data-preset=%q]`, preset.name)))
			b.waitGone("#fault-dialog[open]")
			b.waitText("#faults-list", "any operation\n"+preset.words)
		}
		require.ErrorIs(t, client.Ping(t.Context()), messembed.ErrUnavailable)
		b.shootAll("presets", "#/requests", "#faults-list li")
		for left := b.count("#faults-list li"); left > 0; left-- {
			b.do(chromedp.Click("#faults-list button"))
			b.waitFor("one less", func() bool { return b.count("#faults-list li") == left-1 })
		}
		require.NoError(t, client.Ping(t.Context()))

		b.do(chromedp.Click("#faults-arm"), chromedp.Click(`#fault-dialog [name="standing"]`))
		assert.True(t, b.ask(`document.querySelector('#fault-dialog [name="times"]').disabled`))
		b.do(chromedp.Click(`#fault-dialog input[value="slow"]`))
		assert.Equal(t, "2", value(b, chromedp.Evaluate[string](`document.querySelector('#fault-dialog [name="delay"]').value`)))
		b.do(chromedp.Click("#fault-dialog .primary"))
		b.waitText("#faults-list", "any operation\n2s late\nuntil disarmed")
		b.arm("GetUser", "reset", "about", "u2")
		b.waitText("#faults-list", "GetUser about u2\nconnection reset\nthe next one")
		b.do(chromedp.Click("#faults-disarm"))
		b.waitFor("no faults", func() bool { return !b.visible("#faults") })
	})

	t.Run("requests are filtered by status and operation", func(t *testing.T) {
		b := b.of(t)
		_, err := client.GetUser(t.Context(), "nobody")
		require.ErrorIs(t, err, messembed.ErrNotFound)
		b.choose("#requests-status", "4xx")
		b.waitFor("the 404s", func() bool {
			return len(b.texts("#requests-list .status")) > 0 && b.only("#requests-list .status", "404")
		})
		b.choose("#requests-status", "fault")
		b.waitFor("those with a fault", func() bool {
			return b.count("#requests-list .badge.bad") == b.count("#requests-list li") && b.count("#requests-list li") > 0
		})
		b.choose("#requests-status", "")
		b.choose("#requests-op", "CreateUser")
		b.waitFor("the creates", func() bool {
			return b.only("#requests-list .sub > span:first-child", "CreateUser") && b.count("#requests-list li") == 2
		})
		b.choose("#requests-op", "-")
		b.waitText("#requests-empty", "No requests match")
		b.choose("#requests-op", "")
	})

	t.Run("keys", func(t *testing.T) {
		b := b.of(t)
		b.do(chromedp.Focus("#users-list li:first-child .row"))
		b.strike("j")
		b.waitFocus("#users-list li:nth-child(2) .row")
		b.strike("k")
		b.waitFocus("#users-list li:nth-child(1) .row")
		b.strike("/")
		b.waitFocus("#users-search")
		b.press("j", "k", "?", "/")
		assert.Equal(t, "jk?/", value(b, chromedp.Evaluate[string](`document.getElementById("users-search").value`)), "in a field they are letters")
		b.waitText("#users-empty", "No users match")
		b.search("#users-search", "")
		b.waitFor("all users", func() bool { return b.count("#users-list li") == 2 })
		b.press(kb.ArrowDown)
		b.waitFocus("#users-list li:nth-child(1) .row")
		b.do(chromedp.Focus("#requests-list li:nth-child(3) .row"))
		b.strike("/")
		b.waitFocus("#requests-search")
		b.do(chromedp.Focus("#clear"))
		b.strike("j")
		b.waitFocus("#requests-list li:nth-child(1) .row")
		b.strike("?")
		b.waitText("#keys-dialog", "next and previous row")
		b.shootAll("keys", "#/users", "#keys-dialog .content")
		b.strike("j")
		b.press(kb.Escape)
		b.waitGone("#keys-dialog[open]")
		b.waitFocus("#requests-list li:nth-child(1) .row")
	})

	t.Run("dark and light are switched, and stay so", func(t *testing.T) {
		b := b.of(t)
		background := func() string {
			return value(b, chromedp.Evaluate[string](`getComputedStyle(document.body).backgroundColor`))
		}
		b.show(1280, "light")
		light := background()
		b.do(chromedp.Click("#theme"))
		b.waitFor("dark", func() bool { return background() != light })
		dark := background()
		b.do(chromedp.Reload())
		b.waitText("#connection", "live")
		assert.Equal(t, dark, background())
		b.show(1280, "dark")
		b.do(chromedp.Click("#theme"))
		b.waitFor("light", func() bool { return background() == light })
	})
	assert.Empty(t, b.complaints.all(), "the browser complains")
}

// strike is one key as a keyboard sends it: its letter is typed unless the page
// takes the key. chromedp's KeyEvent types the letter anyway.
func (b *browser) strike(letter string) {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: kind, Key: letter}
		if kind == input.DispatchKeyEventTypeKeyDown {
			p.Text = letter
		}
		_, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, p)
		require.NoError(b.t, err)
	}
}

// search replaces what is in a search field.
func (b *browser) search(field, text string) {
	b.t.Helper()
	b.do(chromedp.Focus(field))
	b.ask(`document.activeElement.select(), true`)
	b.press(kb.Backspace)
	if text != "" {
		b.press(text)
	}
}

// choose selects an option as a person does.
func (b *browser) choose(selector, option string) {
	b.t.Helper()
	b.ask(`{ const node = document.querySelector(%q); node.value = %q; node.dispatchEvent(new Event("change", { bubbles: true })); }; true`, selector, option)
}

// open expands a user's row.
func (b *browser) open(id string) {
	b.t.Helper()
	if !b.ask(`[...document.querySelectorAll("#users-list .row")].some((row) => { const is = row.querySelector(".id").textContent === %q; if (is && row.ariaExpanded !== "true") row.click(); return is; })`, id) {
		require.FailNow(b.t, "no user "+id)
	}
	b.ask(`[...document.querySelectorAll("#users-list .row")].forEach((row) => { if (row.querySelector(".id").textContent !== %q && row.ariaExpanded === "true") row.click(); }), true`, id)
}

// act presses a button of the expanded user.
func (b *browser) act(name string) {
	b.t.Helper()
	b.waitFor(name, func() bool {
		return b.ask(`(() => { const button = [...document.querySelectorAll("#users-list .actions button")].find((button) => button.textContent === %q); button?.focus(); button?.click(); return Boolean(button); })()`, name)
	})
}

// texts returns the texts of all elements.
func (b *browser) texts(selector string) []string {
	b.t.Helper()
	return value(b, chromedp.Evaluate[[]string](fmt.Sprintf(`[...document.querySelectorAll(%q)].map((node) => node.textContent)`, selector)))
}

// only reports whether all elements have this text.
func (b *browser) only(selector, text string) bool {
	b.t.Helper()
	for _, found := range b.texts(selector) {
		if found != text {
			return false
		}
	}
	return true
}

// allowCopying answers the browser's question whether the page may use the clipboard.
func (b *browser) allowCopying(origin string) {
	b.t.Helper()
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		_, err := chromedp.CallBrowser(b.ctx, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{
			Permission: &cdpbrowser.PermissionDescriptor{Name: name}, Setting: cdpbrowser.PermissionSettingGranted, Origin: origin,
		})
		require.NoError(b.t, err)
	}
}

func (b *browser) clipboard() string {
	b.t.Helper()
	return value(b, chromedp.Evaluate[string](`navigator.clipboard.readText()`, chromedp.EvalAwaitPromise))
}
