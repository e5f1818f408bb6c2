package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// printer is an exporter that prints one line per span.
type printer struct{ out io.Writer }

func (p printer) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, s := range spans {
		indent := ""
		if s.Parent().IsValid() {
			indent = "  "
		}
		fmt.Fprintf(p.out, "span %s%s", indent, s.Name())
		for _, a := range s.Attributes() {
			switch a.Key {
			case "http.response.status_code", "error.type", "url.template":
				fmt.Fprintf(p.out, " %s=%s", a.Key, a.Value.String())
			}
		}
		fmt.Fprintln(p.out)
	}
	return nil
}

func (printer) Shutdown(context.Context) error { return nil }

// printMetrics prints the number of requests of each operation.
func printMetrics(ctx context.Context, out io.Writer, reader *sdkmetric.ManualReader) error {
	var all metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &all); err != nil {
		return err
	}
	var lines []string
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			histogram, ok := m.Data.(metricdata.Histogram[float64])
			if !ok {
				continue
			}
			for _, point := range histogram.DataPoints {
				lines = append(lines, fmt.Sprintf("metric %s %s status=%s: %d", m.Name,
					text(point.Attributes, "messembed.operation"), text(point.Attributes, "http.response.status_code"), point.Count))
			}
		}
	}
	slices.Sort(lines)
	_, err := fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}

func text(set attribute.Set, key attribute.Key) string {
	v, ok := set.Value(key)
	if !ok {
		return "none"
	}
	return v.String()
}
