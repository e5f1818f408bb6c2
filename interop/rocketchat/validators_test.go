package rocketchat_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/interop/internal/node"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// verdict is what validate.mjs prints.
type verdict struct {
	Requests    int // in all
	Unpublished int // of them, those that the version publishes no schema for
	Answers     int // of version 8
	Rejections  []rejection
}

type rejection struct {
	Exchange int    // its index
	What     string // request or answer
	Problems []string
}

func validate(t *testing.T, exchanges []exchange) verdict {
	t.Helper()
	out := node.Run(t, node.Program{Args: []string{node.Bundle(t, "validate.mjs")}, Stdin: lines(t, exchanges)})
	var found verdict
	require.NoError(t, json.Unmarshal(out, &found))
	require.Equal(t, len(exchanges), found.Requests)
	return found
}

// Every request that the adapter sends satisfies the validators of versions 7
// and 8, and every response of the fake those of version 8.
func TestValidators(t *testing.T) {
	t.Parallel()
	node.Require(t)
	var all []exchange
	for _, name := range slices.Sorted(maps.Keys(situations)) {
		t.Run(name, func(t *testing.T) { all = append(all, record(t, situations[name])...) })
	}
	require.False(t, t.Failed())

	found := validate(t, all)

	t.Logf("%d requests, of which %d to routes without a published schema; %d responses; %d rejections",
		found.Requests, found.Unpublished, found.Answers, len(found.Rejections))
	for _, r := range found.Rejections {
		e := all[r.Exchange]
		t.Errorf("%s %s of version %s: %s\nsent:     %s %v\nreceived: %d %s", e.Route, r.What, e.Version, r.Problems, e.Body, e.Query, e.Status, e.Answer)
	}
	for _, op := range rocketchattest.New(t).Client(t).Operations() {
		for _, version := range []string{"7", "8"} {
			assert.True(t, op.Name == "PresenceStream" || slices.ContainsFunc(all, func(e exchange) bool {
				return e.Version == version && e.Route == op.Method+" "+strings.TrimPrefix(op.Route, "api/") && e.Status == 200
			}), "%s was never sent to version %s, or never with success", op.Name, version)
		}
	}
}

// The validators notice a field with a wrong name.
func TestValidators_wrongFieldName(t *testing.T) {
	t.Parallel()
	node.Require(t)
	recorded := map[string][]exchange{"7": record(t, situations["7"]), "8": record(t, situations["8"])}
	mutations := []struct{ version, route, field, wrong string }{
		{"8", "POST v1/users.create", "username", "userName"},
		{"7", "POST v1/users.create", "email", "emails"},
		{"8", "POST v1/users.update", "customFields", "customfields"},
		{"7", "POST v1/users.update", "data", "user"},
		{"8", "POST v1/users.setActiveStatus", "activeStatus", "active"},
		{"7", "POST v1/users.setAvatar", "avatarUrl", "avatarURL"},
		{"8", "POST v1/users.setStatus", "message", "text"},
		{"8", "POST v1/users.createToken", "userId", "user"},
	}
	var mutated []exchange
	for _, m := range mutations {
		before := len(mutated)
		for _, e := range recorded[m.version] {
			field := []byte(strconv.Quote(m.field) + ":")
			if e.Route == m.route && bytes.Contains(e.Body, field) {
				e.Body = bytes.ReplaceAll(e.Body, field, []byte(strconv.Quote(m.wrong)+":"))
				mutated = append(mutated, e)
			}
		}
		require.Greater(t, len(mutated), before, "%s has no %s", m.route, m.field)
	}

	found := validate(t, mutated)

	rejected := map[int]bool{}
	for _, r := range found.Rejections {
		rejected[r.Exchange] = rejected[r.Exchange] || r.What == "request"
	}
	for i, e := range mutated {
		assert.True(t, rejected[i], "accepted: %s %s", e.Route, e.Body)
	}
	t.Logf("%d requests with a wrong name rejected", len(rejected))
}
