// Package parallel reads many things at once and hands the results on one by
// one.
package parallel

import (
	"context"
	"sync"

	"github.com/messembed/messembed-go/internal/httpcall"
)

type result[T any] struct {
	id    string
	value T
	crash httpcall.Crash
}

// Each calls read for every id, in their order and at most atOnce at the same
// time, and take with each result as it comes, in the caller's goroutine. When
// take returns false or ctx ends, what is in progress is cancelled and not
// handed on. However Each ends, even by a panic of take, nothing is in progress
// any more. A panic of read continues in the caller's goroutine.
func Each[T any](ctx context.Context, atOnce int, ids []string, read func(context.Context, string) T, take func(string, T) bool) {
	ctx, cancel := context.WithCancel(ctx)
	todo, results := make(chan string, len(ids)), make(chan result[T])
	for _, id := range ids {
		todo <- id
	}
	close(todo)
	var readers sync.WaitGroup
	for range min(atOnce, len(ids)) {
		readers.Go(func() {
			for id := range todo {
				if ctx.Err() != nil {
					return
				}
				readOne(ctx, id, read, results)
			}
		})
	}
	go func() {
		readers.Wait()
		close(results)
	}()
	var crash httpcall.Crash
	defer func() { crash.GoOn() }()
	defer func() {
		cancel()
		for late := range results {
			if !crash.Happened() {
				crash = late.crash
			}
		}
	}()
	for got := range results {
		if crash = got.crash; crash.Happened() || ctx.Err() != nil || !take(got.id, got.value) {
			return
		}
	}
}

// readOne sends a result even if read ends its goroutine.
func readOne[T any](ctx context.Context, id string, read func(context.Context, string) T, results chan<- result[T]) {
	got := result[T]{id: id}
	defer func() { results <- got }()
	got.crash.Guard(func() { got.value = read(ctx, id) })
}
