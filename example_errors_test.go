package messembed_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// errors.Is tells the kinds apart, errors.As gives access to the details.
func ExampleError() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 429, RetryAfter: "120"})

	_, err := client.GetUser(context.Background(), "42")

	var failed *messembed.Error
	switch {
	case errors.Is(err, messembed.ErrNotFound):
		fmt.Println("no such user")
	case errors.Is(err, messembed.ErrRateLimited) && errors.As(err, &failed):
		fmt.Println(failed.Op, failed.StatusCode, failed.RetryAfter)
	default:
		fmt.Println(err)
	}
	// Output: GetUser 429 2m0s
}

// No response arrived. Was the user created nevertheless?
func ExampleError_maybeApplied() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{}, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	fake.FailNext(messembedtest.Fault{Op: "CreateUser", AfterApply: true, Reset: true})

	_, err := client.CreateUser(context.Background(), messembed.CreateUserParams{ID: "42"})

	var failed *messembed.Error
	fmt.Println(errors.As(err, &failed), failed.MaybeApplied, len(fake.Users()))
	// Output: true true 1
}

func ExampleError_Is() {
	client := messembedtest.New(messembedtest.Program{}).Client(messembedtest.Program{})

	_, err := client.GetUser(context.Background(), "nobody")

	fmt.Println(errors.Is(err, messembed.ErrNotFound), errors.Is(err, messembed.ErrUnavailable))
	// Output: true false
}

// The cause can be tested for as well.
func ExampleError_Unwrap() {
	client := messembedtest.New(messembedtest.Program{}).Client(messembedtest.Program{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()

	_, err := client.GetUser(ctx, "42")

	fmt.Println(errors.Is(err, messembed.ErrUnavailable), errors.Is(err, context.Canceled))
	// Output: true true
}

// In a log, an error shows its fields one by one, and no secrets.
func ExampleError_LogValue() {
	client := messembedtest.New(messembedtest.Program{}).Client(messembedtest.Program{})
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))

	_, err := client.GetUser(context.Background(), "nobody", messembed.WithRequestID("rq-1"))

	log.Error("no chat", "error", err)
	// Output: level=ERROR msg="no chat" error.op=GetUser error.kind="not found" error.status=404 error.code=USER_NOT_FOUND error.request_id=rq-1 error.attempts=1 error.maybe_applied=false
}
