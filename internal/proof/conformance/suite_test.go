package conformance_test

import (
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/proof/conformance"
)

// notSent are the client's methods that send nothing to the service.
var notSent = []string{"Supports", "Operations", "CloseIdleConnections", "Format"}

func TestSuite_hasEveryOperation(t *testing.T) {
	var covered []string
	for _, c := range conformance.Cases() {
		covered = append(covered, c.Operations...)
	}
	client := reflect.TypeFor[*messembed.Client]()
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if !slices.Contains(covered, name) && !slices.Contains(notSent, name) {
			t.Errorf("no case covers %s", name)
		}
	}
	for _, name := range covered {
		if _, ok := client.MethodByName(name); !ok {
			t.Errorf("a case covers %s, which the client does not have", name)
		}
	}
}

var update = flag.Bool("update", false, "update the README's table of operations and services")

// The README's table must match the suite and Supports.
func TestREADME_table(t *testing.T) {
	const file, begin, end = "../../README.md", "<!-- services: go test ./internal/proof/conformance -update -->\n", "<!-- end of services -->"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatal("README.md has no markers for the table")
	}
	fresh := before + begin + "\n" + table(t) + "\n" + end + after
	if fresh == string(data) {
		return
	}
	if !*update {
		t.Fatal("the table in README.md is out of date; run go test ./internal/proof/conformance -update")
	}
	if err := os.WriteFile(file, []byte(fresh), 0o644); err != nil {
		t.Fatal(err)
	}
}

func table(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| |")
	clients := make([]*messembed.Client, len(services))
	for i, service := range services {
		b.WriteString(" " + service.Name + " |")
		clients[i] = service.New(t).Client(t)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(services)) + "\n")
	for _, row := range rows() {
		b.WriteString("| `" + strings.Join(row.operations, "`, `") + "` |")
		for _, client := range clients {
			b.WriteString(" " + mark(client, row.feature) + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func mark(client *messembed.Client, feature messembed.Feature) string {
	switch {
	case feature == "" || client.Supports(feature):
		return "✓"
	case feature == messembed.FeatureDeleteUser:
		return "✓, empties and blocks"
	}
	return "—"
}

type row struct {
	feature    messembed.Feature
	operations []string
}

// rows are the operations by the feature they require, in the suite's order.
func rows() []row {
	var rows []row
	seen := map[string]bool{}
	for _, c := range conformance.Cases() {
		for _, op := range c.Operations {
			if seen[op] {
				continue
			}
			seen[op] = true
			feature := c.Feature
			switch op {
			case "DeleteUser":
				feature = messembed.FeatureDeleteUser
			case "MessageEvents":
				feature = messembed.FeatureMessageEvents
			}
			i := slices.IndexFunc(rows, func(r row) bool { return r.feature == feature })
			if i < 0 {
				rows = append(rows, row{feature: feature})
				i = len(rows) - 1
			}
			rows[i].operations = append(rows[i].operations, op)
		}
	}
	return rows
}
