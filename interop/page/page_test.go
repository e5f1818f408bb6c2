package page_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

// TestPage_inBrowser is one session in a real browser. Each part builds on the previous ones.
func TestPage_inBrowser(t *testing.T) {
	b := openBrowser(t)
	url := startFake(t)
	client := clientOf(t, url)

	b.show(1280, "light")
	b.do(chromedp.Navigate(url + pagePath))
	b.waitText("#connection", "live")
	b.ask(`window.sameDocument = true`)
	b.waitText("#users-empty", "No users yet")
	b.waitText("#requests-empty", url)
	b.shootAll("empty", "#/users", "#users-empty")

	t.Run("a user is added by keyboard alone", func(t *testing.T) {
		b := b.of(t)
		b.tabTo("#users-add")
		b.press(kb.Enter)
		b.waitFocus(`#user-dialog input[name="id"]`)
		b.press(kb.Escape)
		b.waitGone("#user-dialog[open]")
		b.waitFocus("#users-add")

		b.press(kb.Enter)
		b.waitFocus(`#user-dialog input[name="id"]`)
		b.press("ada", kb.Tab, "Ada Lovelace", kb.Enter)
		b.waitText("#users-list", "Ada Lovelace")
		b.waitGone("#user-dialog[open]")
		b.waitFocus("#users-add")

		user, err := client.GetUser(t.Context(), "ada")
		require.NoError(t, err)
		assert.Equal(t, messembed.Metadata{"name": "Ada Lovelace"}, user.ExternalMetadata)
	})

	t.Run("an existing user is refused next to the field", func(t *testing.T) {
		b := b.of(t)
		b.press(kb.Enter)
		b.waitFocus(`#user-dialog input[name="id"]`)
		b.press("ada", kb.Enter)
		b.waitText("#user-dialog .error", "A user with this id already exists. (USER_ID_IS_NOT_UNIQUE)")
		b.press(kb.Escape)
		b.waitGone("#user-dialog[open]")
	})

	var chat *messembed.Chat
	t.Run("what a client does is seen at once", func(t *testing.T) {
		b, ctx := b.of(t), t.Context()
		const markup = `<img src="x" onerror="window.injected = true"><script>window.injected = true</script>`
		for _, p := range []messembed.CreateUserParams{
			{ID: "grace", ExternalMetadata: messembed.Metadata{"firstName": "Grace", "lastName": "Hopper"}, PrivateExternalMetadata: messembed.Metadata{"plan": "pro"}},
			{ID: "auth0|5f7c8ec7c33c6c004bbafe82", ExternalMetadata: messembed.Metadata{"name": "Katherine Johnson"}},
			{ID: "mallory", ExternalMetadata: messembed.Metadata{"name": markup}, BlockStatus: messembed.BlockCantSendAndReceive},
			{ID: "edsger", ExternalMetadata: messembed.Metadata{"name": "Edsger W. Dijkstra", "avatar": "https://example.com/avatars/edsger.png"}},
		} {
			_, err := client.CreateUser(ctx, p)
			require.NoError(t, err)
		}
		b.waitText("#users-list", "Grace Hopper")
		b.waitText("#users-list", markup)
		b.waitText("#requests-list", "CreateUser")

		var err error
		chat, err = client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "grace"})
		require.NoError(t, err)
		_, err = client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "edsger", SecondCompanionID: "ada"})
		require.NoError(t, err)
		b.do(chromedp.Click(`.tabs a[href="#/chats"]`))
		b.waitText("#chats-list", "Ada Lovelace and Grace Hopper")
		b.waitText("#chats-list", "no messages")

		b.do(chromedp.Click(fmt.Sprintf(`a[href="#/chats/%s"]`, chat.ID)))
		b.waitText("#chat-title", "Ada Lovelace and Grace Hopper")
		for _, said := range [][2]string{
			{"ada", "The engine weaves algebraical patterns, just as the loom weaves flowers and leaves."},
			{"grace", "Mine had a moth in it."},
			{"ada", "Did you write it down?"},
			{"grace", "I taped it into the log book: " + markup},
		} {
			_, err := client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: said[0], Content: said[1]})
			require.NoError(t, err)
		}
		b.waitText("#chat-messages", "Mine had a moth in it.")
		b.waitText("#chat-messages", markup)
		_, err = client.CreateAccessToken(ctx, "ada")
		require.NoError(t, err)
		b.waitText(`[data-count="tokens"]`, "1")
	})

	t.Run("a message is sent as somebody", func(t *testing.T) {
		b := b.of(t)
		b.do(chromedp.SetValue(`#chat-send select`, "grace"), chromedp.Focus(`#chat-send input`))
		b.press("First actual case of bug being found.", kb.Enter)
		b.waitText("#chat-messages", "First actual case of bug being found.")
		said, err := client.ListMessages(t.Context(), messembed.ListMessagesParams{ChatID: chat.ID})
		require.NoError(t, err)
		require.Len(t, said.Messages, 5)
		assert.Equal(t, "grace", said.Messages[4].UserID)
	})

	t.Run("live clients are seen, and dropped", func(t *testing.T) {
		b := b.of(t)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		heard := make(chan string, 10)
		var listening sync.WaitGroup
		defer listening.Wait()
		defer stop()
		listening.Go(func() {
			for event, err := range client.MessageEvents(ctx, messembed.EventOptions{}) {
				if err == nil {
					heard <- event.Message.Content
				}
			}
		})
		b.do(chromedp.Click(`.tabs a[href="#/clients"]`))
		b.waitText("#clients-list", "messembed-go")
		before := b.text("#clients-list .sub")
		b.do(chromedp.Click("#clients-drop"))
		b.waitFor("another connection", func() bool {
			now := b.text("#clients-list .sub")
			return strings.Contains(now, "websocket") && now != before
		})
		_, err := client.CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: "Are you still there?"})
		require.NoError(t, err)
		assert.Equal(t, "Are you still there?", <-heard)
		b.waitText("#clients-list", "1 event")
		b.shootAll("clients", "#/clients", "#clients-list li")
	})
	b.waitText("#clients-empty", "No clients connected")

	t.Run("an armed fault is met, and the request sent again", func(t *testing.T) {
		b := b.of(t)
		b.do(chromedp.Focus("#faults-arm"))
		b.press(kb.Enter)
		b.waitFocus(`#fault-dialog select`)
		b.do(chromedp.SetValue(`#fault-dialog select`, "UpdateUser"))
		b.shootAll("arming", "#/requests", "#fault-dialog form")
		b.show(420, "light")
		assert.True(t, b.ask(`document.querySelector("#fault-dialog .primary").getBoundingClientRect().bottom < document.querySelector("#fault-dialog").getBoundingClientRect().bottom - 10`), "the button is in view before anything is scrolled")
		b.ask(`document.getElementById("fault-dialog").scrollTop = 9999, true`)
		b.shootAll("arming-end", "#/requests", "#fault-dialog form")
		b.do(chromedp.SetValue(`#fault-dialog input[name="times"]`, "2"), chromedp.Focus(`#fault-dialog input[name="times"]`))
		b.press(kb.Enter)
		b.waitGone("#fault-dialog[open]")
		b.waitText("#faults-list", "UpdateUser\n503\nthe next 2")
		b.arm("", "lost")
		b.arm("CreateMessage", "slow", "delay", "0.2")
		b.waitText("#faults-list", "CreateMessage\n200ms late\nthe next one")
		b.shootAll("armed", "#/requests", "#faults-list li")
		b.do(chromedp.Click(`#faults-list button[aria-label="Disarm: any operation, response lost"]`))
		b.waitFor("two kinds of faults", func() bool { return b.count("#faults-list li") == 2 })

		_, err := client.UpdateUser(t.Context(), "ada", messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{"name": "Ada King", "born": 1815}})
		require.NoError(t, err)
		b.waitFor("one kind of faults", func() bool { return b.count("#faults-list li") == 1 })
		b.waitText("#requests-list li:nth-child(3)", "503\nPATCH\n/admin-api/users/ada")
		b.waitText("#requests-list li:nth-child(3)", "fault: 503")
		b.waitText("#requests-list li:nth-child(2)", "attempt 2")
		b.waitText("#requests-list li:nth-child(2)", "fault: 503")
		b.waitText("#requests-list li:nth-child(1)", "200\nPATCH\n/admin-api/users/ada")
		b.waitText("#requests-list li:nth-child(1)", "attempt 3")
		b.do(chromedp.Click("#faults-disarm"))
		b.waitFor("no faults", func() bool { return !b.visible("#faults") })
	})

	t.Run("a request opens, and closes with Escape", func(t *testing.T) {
		b := b.of(t)
		b.do(chromedp.Focus("#requests-list li:nth-child(2) button"))
		b.press(kb.ArrowUp, kb.Enter)
		b.waitText("#requests-list li:nth-child(1) pre", `"name": "Ada King"`)
		b.waitText("#requests-list li:nth-child(1) dl", "X-Request-Id")
		assert.NotContains(t, b.text("#requests-list"), "Authorization", "it is not in the log")
		b.shootAll("request", "#/requests", "#requests-list pre")
		b.do(chromedp.Focus("#requests-list li:nth-child(1) pre"))
		b.press(kb.Escape)
		b.waitGone(`#requests-list [aria-expanded="true"]`)
		b.waitFocus("#requests-list li:nth-child(1) button")
		b.do(chromedp.Focus("#requests-search"))
		b.press("createmessage 201")
		b.waitFor("only what was searched for", func() bool { return b.count("#requests-list li") == 5 })
		b.ask(`document.activeElement.select(), true`)
		b.press(kb.Backspace)
	})

	t.Run("pictures", func(t *testing.T) {
		b := b.of(t)
		b.shootAll("requests", "#/requests", "#requests-list li")
		b.goTo("#/users")
		b.waitText("#users-list", "grace")
		b.do(chromedp.Click("#users-list li:nth-child(4) button"))
		b.shootAll("users", "#/users", "#users-list pre")
		b.shootAll("chats", "#/chats", "#chats-list li")
		b.shootAll("chat", "#/chats/"+chat.ID, "#chat-messages li")
		b.shootAll("tokens", "#/tokens", "#tokens-list li")
	})

	t.Run("everything is cleared", func(t *testing.T) {
		b := b.of(t)
		b.show(1280, "light")
		b.goTo("#/users")
		b.do(chromedp.Click("#clear"))
		b.press(kb.Tab, kb.Enter) // Cancel has the focus
		b.waitText("#users-empty", "No users yet")
		b.waitText("#requests-empty", "No requests yet")
		users, err := client.ListUsers(t.Context(), messembed.ListUsersParams{})
		require.NoError(t, err)
		assert.Empty(t, users.Users)
	})

	assert.True(t, b.ask(`window.sameDocument === true`), "the page was reloaded")
	assert.False(t, b.ask(`window.injected === true || document.querySelector("main img, main script") !== null`), "data has become markup")
	assert.Empty(t, b.complaints.all(), "the browser complains")
}

// A page that has lost its fake connects to the one started in its place.
func TestPage_findsTheFakeAgain(t *testing.T) {
	b := openBrowser(t)
	b.show(1280, "light")
	var url string
	t.Run("one fake", func(t *testing.T) {
		url = startFake(t)
		_, err := clientOf(t, url).CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
		require.NoError(t, err)
		b := b.of(t)
		b.do(chromedp.Navigate(url + pagePath))
		b.waitText("#users-list", "ada")
		b.waitText("#requests-list", "CreateUser")
	})
	b.waitText("#connection", "reconnecting")
	b.do(chromedp.Click("#users-add"), chromedp.SendKeys(`#user-dialog input[name="id"]`, "grace"), chromedp.Click("#user-dialog .primary"))
	b.waitText("#user-dialog .error", "The fake does not respond.")

	startFake(t, "-addr", strings.TrimPrefix(url, "http://"))
	b.waitText("#connection", "live")
	b.do(chromedp.Click("#user-dialog .primary"))
	b.waitText("#users-list", "grace")
	assert.NotContains(t, b.text("#users-list"), "ada")
	b.waitText("#requests-empty", "No requests yet")
}
