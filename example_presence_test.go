package messembed_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

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
