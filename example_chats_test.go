package messembed_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// withAdaAndBob returns a fake service with two users.
func withAdaAndBob() *messembedtest.Server {
	fake := messembedtest.New(messembedtest.Program{})
	fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Ada"}})
	fake.AddUser(messembed.User{ID: "bob", ExternalMetadata: messembed.Metadata{"name": "Bob"}})
	return fake
}

func ExampleClient_CreateChat() {
	client := withAdaAndBob().Client(messembedtest.Program{})
	ctx := context.Background()

	chat, err := client.CreateChat(ctx, messembed.CreateChatParams{
		FirstCompanionID: "ada", SecondCompanionID: "bob",
		ExternalMetadata: messembed.Metadata{"about": "the bicycle"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(chat.FirstCompanion.ExternalMetadata["name"], chat.SecondCompanion.ExternalMetadata["name"], chat.Active)

	_, err = client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "bob", SecondCompanionID: "ada"})
	fmt.Println(errors.Is(err, messembed.ErrAlreadyExists))
	// Output:
	// Ada Bob true
	// true
}

func ExampleClient_GetChat() {
	client := withAdaAndBob().Client(messembedtest.Program{})
	ctx := context.Background()
	opened, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	if err != nil {
		log.Fatal(err)
	}

	chat, err := client.GetChat(ctx, opened.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(chat.FirstCompanion.ID, chat.SecondCompanion.ID, chat.LastMessage)
	// Output: ada bob <nil>
}

func ExampleClient_GetChatByCompanions() {
	client := withAdaAndBob().Client(messembedtest.Program{})
	ctx := context.Background()
	opened, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	if err != nil {
		log.Fatal(err)
	}

	chat, err := client.GetChatByCompanions(ctx, "bob", "ada") // in either order
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(chat.ID == opened.ID)
	// Output: true
}

func ExampleClient_EnsureChat() {
	client := withAdaAndBob().Client(messembedtest.Program{})

	for range 2 {
		_, created, err := client.EnsureChat(context.Background(), messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(created)
	}
	// Output:
	// true
	// false
}

func ExampleClient_UpdateChat() {
	client := withAdaAndBob().Client(messembedtest.Program{})
	ctx := context.Background()
	chat, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	if err != nil {
		log.Fatal(err)
	}

	chat, err = client.UpdateChat(ctx, chat.ID, messembed.UpdateChatParams{ExternalMetadata: messembed.Metadata{"about": "the bicycle"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(chat.ExternalMetadata, chat.Active)
	// Output: map[about:the bicycle] true
}

func ExampleClient_ListChats() {
	client := withAdaAndBob().Client(messembedtest.Program{})
	ctx := context.Background()
	if _, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"}); err != nil {
		log.Fatal(err)
	}

	page, err := client.ListChats(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Chats), "of", page.TotalCount)
	// Output: 1 of 1
}

func ExampleClient_Chats() {
	client := withAdaAndBob().Client(messembedtest.Program{})
	ctx := context.Background()
	if _, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"}); err != nil {
		log.Fatal(err)
	}

	for chat, err := range client.Chats(ctx) {
		if err != nil {
			log.Fatal(err) // an error is always the last element
		}
		fmt.Println(chat.FirstCompanion.ID, chat.SecondCompanion.ID)
	}
	// Output: ada bob
}

func ExampleClient_BlockChat() {
	client := withAdaAndBob().Client(messembedtest.Program{})
	ctx := context.Background()
	chat, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	if err != nil {
		log.Fatal(err)
	}

	if _, err := client.BlockChat(ctx, chat.ID); err != nil {
		log.Fatal(err)
	}
	_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: "hello?"})
	fmt.Println(errors.Is(err, messembed.ErrChatInactive))
	// Output: true
}

func ExampleClient_UnblockChat() {
	client := withAdaAndBob().Client(messembedtest.Program{})
	ctx := context.Background()
	chat, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.BlockChat(ctx, chat.ID); err != nil {
		log.Fatal(err)
	}

	chat, err = client.UnblockChat(ctx, chat.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(chat.Active)
	// Output: true
}

func ExampleClient_CreateMessage() {
	client := withAdaAndBob().Client(messembedtest.Program{})
	ctx := context.Background()
	chat, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	if err != nil {
		log.Fatal(err)
	}

	message, err := client.CreateMessage(ctx, messembed.CreateMessageParams{
		ChatID: chat.ID, UserID: "ada", Content: "This one?",
		Attachments: []messembed.Attachment{{"type": "image", "url": "https://pics.example.com/bicycle.jpg"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(message.UserID, message.Content, message.Attachments[0]["url"], message.Read)
	// Output: ada This one? https://pics.example.com/bicycle.jpg false
}

// A message is not retried if its response is lost, since it could then exist
// twice. MaybeApplied says that it may have been stored.
func ExampleClient_CreateMessage_lostAnswer() {
	fake := withAdaAndBob()
	client := fake.Client(messembedtest.Program{})
	ctx := context.Background()
	chat, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	if err != nil {
		log.Fatal(err)
	}
	fake.FailNext(messembedtest.Fault{Op: "CreateMessage", AfterApply: true, Reset: true})

	_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: "hello"})

	var failed *messembed.Error
	if errors.As(err, &failed) && failed.MaybeApplied {
		page, err := client.ListMessages(ctx, messembed.ListMessagesParams{ChatID: chat.ID})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("it may be there; let us look:", page.Messages[0].Content)
	}
	// Output: it may be there; let us look: hello
}

func ExampleClient_ListMessages() {
	client := withAdaAndBob().Client(messembedtest.Program{})
	ctx := context.Background()
	chat, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	if err != nil {
		log.Fatal(err)
	}
	for _, content := range []string{"one", "two", "three"} {
		if _, err := client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: content}); err != nil {
			log.Fatal(err)
		}
	}

	unread := false
	page, err := client.ListMessages(ctx, messembed.ListMessagesParams{ChatID: chat.ID, Read: &unread, Offset: 1, Limit: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, message := range page.Messages {
		fmt.Println(message.Content)
	}
	// Output:
	// two
	// three
}

func ExampleClient_Messages() {
	client := withAdaAndBob().Client(messembedtest.Program{})
	ctx := context.Background()
	chat, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	if err != nil {
		log.Fatal(err)
	}
	for i := range 250 {
		if _, err := client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: fmt.Sprint(i)}); err != nil {
			log.Fatal(err)
		}
	}

	total := 0
	for message, err := range client.Messages(ctx, messembed.ListMessagesParams{ChatID: chat.ID}) { // page by page
		if err != nil {
			log.Fatal(err)
		}
		if message.Content != fmt.Sprint(total) {
			log.Fatal("out of order")
		}
		total++
	}
	fmt.Println(total, "messages")
	// Output: 250 messages
}

// Rocket.Chat and ChatKitty have presence. Messembed has none.
func ExampleClient_GetPresence() {
	fake := rocketchattest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada", DisplayName: "Ada"}})

	presence, err := client.GetPresence(context.Background(), id)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(presence.Status, presence.Online)

	messembedClient := messembedtest.New(messembedtest.Program{}).Client(messembedtest.Program{})
	_, err = messembedClient.GetPresence(context.Background(), "42")
	fmt.Println(errors.Is(err, messembed.ErrUnsupported))
	// Output:
	// offline false
	// true
}

func ExampleClient_SetPresence() {
	fake := rocketchattest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	ctx := context.Background()
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada", DisplayName: "Ada"}})
	fake.SetConnected(id, true) // Rocket.Chat shows a disconnected user as offline

	err := client.SetPresence(ctx, id, messembed.SetPresenceParams{Status: messembed.PresenceBusy, Text: "until four"})
	if err != nil {
		log.Fatal(err)
	}
	presence, err := client.GetPresence(ctx, id)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(presence.Status, presence.Text)
	// Output: busy until four
}

func ExampleClient_WatchPresence() {
	fake := rocketchattest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	ctx := context.Background()
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada", DisplayName: "Ada"}})

	for presence, err := range client.WatchPresence(ctx, []string{id}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(presence.Status)
		if presence.Online {
			break
		}
		fake.SetConnected(id, true) // she logs in
	}
	// Output:
	// offline
	// online
}

func ExampleClient_MessageEvents() {
	fake := messembedtest.New(messembedtest.Program{}) // stands in for your service
	defer fake.Close()
	client := fake.Client(messembedtest.Program{})
	ctx := context.Background()
	_, _ = client.CreateUser(ctx, messembed.CreateUserParams{ID: "ada"})
	_, _ = client.CreateUser(ctx, messembed.CreateUserParams{ID: "bob"})
	chat, _ := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	connected := make(chan struct{}, 1)
	go func() {
		<-connected
		for _, text := range []string{"Good morning!", "Is the bicycle still for sale?"} {
			_, _ = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: text})
		}
	}()

	heard := 0
	for event, err := range client.MessageEvents(ctx, messembed.EventOptions{
		OnState: func(state messembed.ConnectionState, _ error) {
			fmt.Println(state)
			connected <- struct{}{}
		},
	}) {
		if err != nil {
			fmt.Println(err) // rejected credentials, or a wrong base URL
			return
		}
		fmt.Printf("%s: %s\n", event.Message.UserID, event.Message.Content)
		if heard++; heard == 2 {
			break
		}
	}
	// Output:
	// connected
	// ada: Good morning!
	// ada: Is the bicycle still for sale?
}

// A consumer that counts messages and is started twice. It stores what it
// counted together with the position; a program would do that in one transaction.
func ExampleMessageEvent_Position() {
	fake := messembedtest.New(messembedtest.Program{}) // stands in for your service
	defer fake.Close()
	client := fake.Client(messembedtest.Program{})
	ctx := context.Background()
	_, _ = client.CreateUser(ctx, messembed.CreateUserParams{ID: "ada"})
	_, _ = client.CreateUser(ctx, messembed.CreateUserParams{ID: "bob"})
	chat, _ := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	for _, text := range []string{"one", "two", "three", "four"} {
		_, _ = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: text})
	}

	var stored struct {
		Count    int
		Position messembed.Position
	}
	consume := func(untilCount int) {
		options := messembed.EventOptions{Since: time.Now().Add(-time.Minute)}
		if stored.Position != "" {
			options = messembed.EventOptions{Position: stored.Position}
		}
		for event, err := range client.MessageEvents(ctx, options) {
			if err != nil {
				fmt.Println(err)
				return
			}
			stored.Count, stored.Position = stored.Count+1, event.Position()
			fmt.Println(stored.Count, event.Message.Content)
			if stored.Count == untilCount {
				return
			}
		}
	}
	consume(2)
	consume(4)
	// Output:
	// 1 one
	// 2 two
	// 3 three
	// 4 four
}
