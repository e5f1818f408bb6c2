package main

import (
	"context"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// rehearse shows a fake workspace in which people come and go.
func (w watch) rehearse(ctx context.Context) error {
	fake := rocketchattest.New(messembedtest.Program{})
	defer fake.Close()
	for _, name := range []string{"Ada", "Alan", "Barbara", "Dennis", "Grace", "Ken", "Margaret"} {
		fake.AddUser(messembed.User{ID: name, Profile: messembed.Profile{Username: name, DisplayName: name}})
	}
	client := fake.Client(messembedtest.Program{})
	ctx, stop := context.WithCancel(ctx)
	played := make(chan error, 1)
	go func() {
		defer stop()
		played <- play(ctx, fake, client)
	}()
	err := w.show(ctx, client, "a fake workspace (set ROCKETCHAT_URL or CHATKITTY_CLIENT_ID for a real one)")
	stop()
	if failed := <-played; err == nil {
		err = failed
	}
	return err
}

// play has people come and go until the script or ctx ends. Nothing is lost when the
// connection breaks in the middle.
func play(ctx context.Context, fake *rocketchattest.Server, client *messembed.Client) error {
	comes := func(name string) func() error {
		return func() error { fake.SetConnected(name, true); return nil }
	}
	goes := func(name string) func() error {
		return func() error { fake.SetConnected(name, false); return nil }
	}
	is := func(name string, status messembed.PresenceStatus, text string) func() error {
		return func() error {
			return client.SetPresence(ctx, name, messembed.SetPresenceParams{Status: status, Text: text})
		}
	}
	script := []func() error{
		comes("Ada"), comes("Grace"), comes("Ken"), is("Grace", messembed.PresenceBusy, "finding a moth"), comes("Margaret"),
		is("Ken", messembed.PresenceAway, "tea"),
		func() error { fake.DropConnections(); return nil },
		comes("Barbara"), goes("Ken"), is("Grace", messembed.PresenceOnline, ""), comes("Dennis"), goes("Ada"),
		is("Margaret", messembed.PresenceBusy, "landing"), goes("Dennis"), comes("Alan"),
	}
	for _, step := range script {
		select {
		case <-time.After(600 * time.Millisecond):
		case <-ctx.Done():
			return nil // Ctrl-C
		}
		if err := step(); err != nil && ctx.Err() == nil {
			return err
		}
	}
	select {
	case <-time.After(1500 * time.Millisecond):
	case <-ctx.Done():
	}
	return nil
}
