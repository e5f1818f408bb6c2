// Command telemetry shows OpenTelemetry for the SDK: a span for each attempt, named
// after its operation, and metrics by operation and status, without passwords, tokens,
// ids or messages in either.
//
//	go run -C examples/telemetry .
//
// It prints the spans as they end, and the metrics at the end of the program. Without
// MESSEMBED_ variables it runs against the fake server, inside this process. With
// MESSEMBED_URL and MESSEMBED_PASSWORD it runs against that service.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func main() {
	flag.Usage = usageOf(flag.CommandLine, "telemetry")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	// In your program, send both to your collector.
	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(printer{out}))
	reader := sdkmetric.NewManualReader()
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))

	client, fake, err := connect(otelhttp.WithTracerProvider(traces), otelhttp.WithMeterProvider(metrics))
	if err != nil {
		return err
	}
	if fake != nil {
		// The first response to the create is lost, so there are two attempts.
		fake.FailNext(messembedtest.Fault{Op: "CreateUser", AfterApply: true, Reset: true})
	}

	ctx, span := traces.Tracer("telemetry").Start(ctx, "sign-up")
	user, _, err := client.EnsureUser(ctx, messembed.CreateUserParams{
		ID:               "telemetry/42",
		ExternalMetadata: messembed.Metadata{"name": "Ada Lovelace"},
	})
	if err == nil {
		_, err = client.CreateAccessToken(ctx, user.ID)
	}
	span.End()
	if err != nil {
		return err
	}
	if err := printMetrics(ctx, out, reader); err != nil {
		return err
	}
	return metrics.Shutdown(ctx)
}

// connect returns an instrumented client for the service that the environment names
// or for a fake, and the fake.
func connect(opts ...otelhttp.Option) (*messembed.Client, *messembedtest.Server, error) {
	if inEnv("MESSEMBED_") {
		if _, err := messembed.FromEnv(); err != nil { // names what is missing
			return nil, nil, err
		}
		rt, err := instrument(os.Getenv("MESSEMBED_URL"), newTransport(), opts...)
		if err != nil {
			return nil, nil, err
		}
		client, err := messembed.FromEnv(messembed.WithTransport(rt))
		return client, nil, err
	}
	fake := messembedtest.New(messembedtest.Program{})
	rt, err := instrument(fake.BaseURL(), fake, opts...)
	if err != nil {
		return nil, nil, err
	}
	return fake.Client(messembedtest.Program{}, messembed.WithTransport(rt)), fake, nil
}

// newTransport returns the default transport with a shorter idle timeout: Messembed's
// server closes idle connections after five seconds, and a request written at that
// moment is lost.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.IdleConnTimeout = 4 * time.Second
	t.MaxIdleConnsPerHost = 256
	return t
}
