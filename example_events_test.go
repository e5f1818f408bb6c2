package messembed_test

import (
	"context"
	"fmt"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

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
