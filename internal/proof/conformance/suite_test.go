package conformance_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/proof/conformance"
	"github.com/messembed/messembed-go/internal/proof/generated"
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

//go:generate go test -count=1 -run ^TestDocuments$ . -update

// The README's table is that of the suite and of Supports.
func TestDocuments(t *testing.T) {
	generated.Section(t, "README.md", "services", table(t))
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
	case feature == watchUsers:
		return "✓, polls"
	}
	return "—"
}

// watchUsers is what every service has, though none has more than polling for it.
const watchUsers messembed.Feature = "watch-users"

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
			case "WatchUsers":
				feature = watchUsers
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
