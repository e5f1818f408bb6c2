package fakeserver_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

// In a test, pass t where these examples pass a Program.
var t fakeserver.Program

// The first attempt fails, the second succeeds.
func ExampleServer_failNext() {
	fake := messembedtest.New(t)
	fake.FailNext(fakeserver.Fault{Op: "Ping", Status: 503})

	fmt.Println(fake.Client(t).Ping(context.Background()))
	for _, r := range fake.Requests() {
		fmt.Println(r.Op, r.Status)
	}
	// Output:
	// <nil>
	// Ping 503
	// Ping 200
}

// The service is down until stop is called.
func ExampleServer_fail() {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	stop := fake.Fail(fakeserver.Fault{Refuse: true})

	err := client.Ping(context.Background())
	fmt.Println(errors.Is(err, messembed.ErrUnavailable))

	stop()
	fmt.Println(client.Ping(context.Background()))
	// Output:
	// true
	// <nil>
}

// A fault of one user: the others of an import are created.
func ExampleFault_match() {
	fake := messembedtest.New(t)
	fake.Fail(fakeserver.Fault{Op: "CreateUser", Status: 500, Match: func(r fakeserver.Request) bool {
		return strings.Contains(string(r.Body), "grace")
	}})
	client := fake.Client(t)

	for _, id := range []string{"ada", "grace", "mary"} {
		_, err := client.CreateUser(context.Background(), messembed.CreateUserParams{ID: id})
		fmt.Println(id, err == nil)
	}
	// Output:
	// ada true
	// grace false
	// mary true
}

// A test that expects its faults to be met fails if the client never sends the
// request that was to fail.
func ExampleServer_expectFaultsMet() {
	test := &printed{}
	fake := messembedtest.New(test)
	fake.ExpectFaultsMet()
	fake.FailNext(fakeserver.Fault{Op: "CreateUser", Reset: true, AfterApply: true})

	fmt.Println(fake.Client(test).Ping(context.Background()))
	test.end()
	// Output:
	// <nil>
	// messembedtest: no request met the fault {Op: "CreateUser", AfterApply: true, Reset: true}
}

// A helper that takes a Server serves the fakes of all services.
func ExampleServer() {
	down := func(fake fakeserver.Server) { fake.Fail(fakeserver.Fault{Status: 502}) }
	fake := chatkittytest.New(t)
	down(fake)

	_, err := fake.Client(t).GetUser(context.Background(), "1")
	fmt.Println(errors.Is(err, messembed.ErrUnavailable))
	// Output: true
}

// printed is a test that prints its failures.
type printed struct {
	fakeserver.Program
	atEnd []func()
}

func (p *printed) Cleanup(f func())             { p.atEnd = append([]func(){f}, p.atEnd...) }
func (*printed) Errorf(format string, a ...any) { fmt.Printf(format+"\n", a...) }
func (p *printed) end() {
	for _, f := range p.atEnd {
		f()
	}
}
