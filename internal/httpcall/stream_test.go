package httpcall_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

func open(t *testing.T, ctx context.Context, service transport, change ...func(*httpcall.Config)) *httpcall.Stream {
	t.Helper()
	got, failure := newClient(t, service, change...).Do(ctx, listUsers())
	require.Nil(t, failure)
	require.NotNil(t, got.Stream)
	assert.Nil(t, got.Body)
	return got.Stream
}

func TestStream(t *testing.T) {
	read := &body{Reader: strings.NewReader("[1,2]")}
	service := scripted(read.answer(200))
	stream := open(t, t.Context(), service.RoundTrip)
	_, err := stream.Read(nil)
	require.NoError(t, err, "to ask for nothing is no end")
	data, err := io.ReadAll(stream)
	require.NoError(t, err)
	assert.Equal(t, "[1,2]", string(data))
	assert.Nil(t, stream.Failure())
	ctx := service.requests[0].Context()
	require.NoError(t, ctx.Err())
	require.NoError(t, stream.Close())
	require.ErrorIs(t, ctx.Err(), context.Canceled, "the attempt ends")
	assert.True(t, read.closed)
}

// An error is no stream, and is judged like any other.
func TestStream_refused(t *testing.T) {
	got, failure := newClient(t, answer(400, "no")).Do(t.Context(), listUsers())
	assert.Nil(t, got.Stream)
	assert.Equal(t, "no", failure.Verdict.Refusal)
	assert.EqualError(t, failure, "status 400")
}

// A stream may last: only a silence ends it.
func TestStream_lasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		go func() {
			defer w.Close()
			for range 20 {
				time.Sleep(9 * time.Second)
				_, _ = w.Write([]byte("x"))
			}
		}()
		service := scripted((&body{Reader: r}).answer(200))
		got, failure := newClient(t, service).Do(t.Context(), within(30*time.Second, listUsers()))
		require.Nil(t, failure)
		for range 3 {
			time.Sleep(time.Hour) // the consumer's own time does not count
			require.NoError(t, service.requests[0].Context().Err())
			_, err := got.Stream.Read(make([]byte, 1))
			require.NoError(t, err)
		}
		data, err := io.ReadAll(got.Stream)
		require.NoError(t, err)
		assert.Len(t, data, 17)
		require.NoError(t, got.Stream.Close())
	})
}

func TestStream_failures(t *testing.T) {
	tests := map[string]struct {
		service transport
		cancel  time.Duration
		took    time.Duration
		reason  httpcall.Reason
		is      error
		text    string
	}{
		"silence":           {thenSilent(206, "[1,"), time.Hour, 10 * time.Second, httpcall.NoAnswer, context.DeadlineExceeded, "stopped sending in the middle"},
		"context cancelled": {thenSilent(206, "[1,"), time.Second, time.Second, httpcall.NoAnswer, context.Canceled, "context canceled"},
		"cut short":         {(&body{Reader: strings.NewReader("[1,"), err: errReset}).answer(206), time.Hour, 0, httpcall.CutShort, errReset, "connection reset"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				stream := open(t, ctx, test.service)
				began := time.Now()
				defer time.AfterFunc(test.cancel, cancel).Stop()
				data, err := io.ReadAll(stream)
				assert.Equal(t, "[1,", string(data))
				require.ErrorIs(t, err, test.is)
				require.ErrorContains(t, err, test.text)
				assert.Equal(t, test.took, time.Since(began))
				failure := stream.Failure()
				require.NotNil(t, failure)
				assert.Equal(t, test.reason, failure.Reason)
				assert.Equal(t, 206, failure.StatusCode)
				assert.Equal(t, 1, failure.Attempts)
				assert.False(t, failure.MaybeApplied)
				n, again := stream.Read(make([]byte, 1))
				assert.Zero(t, n)
				assert.Equal(t, err, again, "it stays so")
				require.NoError(t, stream.Close())
			})
		})
	}
}

// A body of a transport need know nothing of contexts, nor of what silence is.
func TestStream_bodiesOfTransports(t *testing.T) {
	slowly := func(text string) transport {
		return (&body{Reader: readerFunc(func(p []byte) (int, error) {
			time.Sleep(time.Second)
			return copy(p, text), nil
		})}).answer(200)
	}
	for name, test := range map[string]struct {
		service transport
		took    time.Duration
		is      error
	}{
		"bytes":   {slowly("x"), time.Minute, context.Canceled},
		"nothing": {slowly(""), 10 * time.Second, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				stream := open(t, ctx, test.service)
				defer stream.Close()
				began := time.Now()
				defer time.AfterFunc(time.Minute, cancel).Stop()
				_, err := io.Copy(io.Discard, iotest.OneByteReader(stream))
				require.ErrorIs(t, err, test.is)
				assert.LessOrEqual(t, time.Since(began), test.took+time.Second)
			})
		})
	}
}

// Each item is limited, not the stream.
func TestStream_limit(t *testing.T) {
	t.Run("items", func(t *testing.T) {
		stream := open(t, t.Context(), answer(200, strings.Repeat("item", 5)), limited(4))
		defer stream.Close()
		item := make([]byte, 4)
		for range 5 {
			_, err := io.ReadFull(stream, item)
			require.NoError(t, err)
			require.NoError(t, stream.NextItem(4))
		}
		_, err := stream.Read(item)
		assert.Equal(t, io.EOF, err)
	})
	t.Run("an item that does not end", func(t *testing.T) {
		stream := open(t, t.Context(), answer(200, "items"), limited(4))
		defer stream.Close()
		data, err := io.ReadAll(iotest.OneByteReader(stream))
		require.Error(t, err)
		assert.Equal(t, "item", string(data))
		assert.Equal(t, httpcall.TooLarge, stream.Failure().Reason)
	})
	t.Run("an item that was read ahead", func(t *testing.T) {
		stream := open(t, t.Context(), answer(200, "items"), limited(4))
		defer stream.Close()
		require.Error(t, stream.NextItem(5))
		assert.Equal(t, httpcall.TooLarge, stream.Failure().Reason)
	})
}
