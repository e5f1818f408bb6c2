package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

// startFake runs the program until the test ends, and returns its address.
func startFake(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out := &firstWrite{text: make(chan string, 1)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		run(ctx, append([]string{"-addr", "127.0.0.1:0", "-password", "canary-password"}, args...), out, os.Stderr)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	select {
	case text := <-out.text:
		line, _, _ := strings.Cut(text, "\n")
		_, url, ok := strings.Cut(line, "listening on ")
		require.True(t, ok, text)
		return url
	case <-ended:
		t.Fatal("the program has ended")
		return ""
	}
}

// firstWrite holds the first text that is written: all that the program prints.
type firstWrite struct{ text chan string }

func (w *firstWrite) Write(p []byte) (int, error) {
	w.text <- string(p)
	return len(p), nil
}

func clientOf(t *testing.T, url string, more ...messembed.Option) *messembed.Client {
	t.Helper()
	client, err := messembed.New(url, append([]messembed.Option{
		messembed.WithBasicAuth("admin", "canary-password"),
		messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Millisecond}),
	}, more...)...)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client
}
