package page_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

// All messages of a chat and all tokens can be reached, and a front end's
// connection is called what it is.
func TestPage_reach(t *testing.T) {
	b := openBrowser(t)
	url := startFake(t)
	client, ctx := clientOf(t, url), t.Context()
	for _, id := range []string{"ada", "bob"} {
		_, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: id})
		require.NoError(t, err)
	}
	chat, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	require.NoError(t, err)
	say := func(content string) {
		_, err := client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: content})
		require.NoError(t, err)
	}
	say("a long one: " + strings.Repeat("and so on ", 2000))
	for i := range 250 {
		say(fmt.Sprintf("message %d.", i))
	}
	for range 101 {
		_, err := client.CreateAccessToken(ctx, "bob")
		require.NoError(t, err)
	}
	b.show(1280, "light")
	b.do(chromedp.Navigate(url + pagePath + "#/chats/" + chat.ID))
	b.waitText("#chat-facts", "251 messages, the newest 200 here")
	b.waitFor("the newest 200", func() bool { return b.count("#chat-messages li") == 200 })
	b.shootAll("earlier", "#/chats/"+chat.ID, "#chat-earlier")
	b.ask(`document.getElementById("chat-messages").scrollTop = 0, true`)
	b.do(chromedp.Click("#chat-earlier"))
	b.waitFor("all of them", func() bool { return b.count("#chat-messages li") == 251 && !b.visible("#chat-earlier") })
	assert.True(t, b.ask(`document.getElementById("chat-messages").scrollTop > 1000`), "what was in view stays there")
	b.ask(`document.getElementById("chat-messages").scrollTop = 0, true`)
	assert.True(t, b.ask(`document.querySelector(".said").clientHeight < innerHeight / 2`), "a long message is clipped")
	b.shoot("long-message")

	b.goTo("#/tokens")
	b.waitText("#tokens-pages", "1–100 of 101")
	b.shootAll("tokens-pages", "#/tokens", "#tokens-pages")
	b.do(chromedp.Click(`#tokens-pages [aria-label="Oldest"]`))
	b.waitFor("the first token", func() bool { return b.count("#tokens-list li") == 1 })

	resp, err := http.Get(url + "/socket.io/?EIO=3&transport=polling&token=x")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	b.goTo("#/clients")
	b.waitText("#clients-list .badge", "front-end client: the fake delivers nothing to it")
	b.shootAll("front-end", "#/clients", "#clients-list .badge")
	assert.Empty(t, b.complaints.all(), "the browser complains")
}
