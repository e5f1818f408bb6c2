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

	messembed "github.com/messembed/messembed-go"
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
// and 8, and every response of the fake those of version 8. The validators
// notice a field with a wrong name.
func TestValidators(t *testing.T) {
	t.Parallel()
	node.Require(t)
	var sent []exchange
	for _, name := range slices.Sorted(maps.Keys(situations)) {
		t.Run(name, func(t *testing.T) { sent = append(sent, record(t, situations[name])...) })
	}
	for _, op := range messembed.Operations(rocketchattest.New(t).Client(t)) {
		for _, version := range []string{"7", "8"} {
			assert.True(t, op.Name == "PresenceStream" || slices.ContainsFunc(sent, func(e exchange) bool {
				return e.Version == version && e.Route == op.Method+" "+strings.TrimPrefix(op.Route, "api/") && e.Status == 200
			}), "%s was never sent to version %s, or never with success", op.Name, version)
		}
	}
	wrong := misspelled(t, sent)
	require.False(t, t.Failed())

	found := validate(t, slices.Concat(sent, wrong))

	rejectedWrong := map[int]bool{}
	for _, r := range found.Rejections {
		if i := r.Exchange - len(sent); i >= 0 {
			rejectedWrong[i] = rejectedWrong[i] || r.What == "request"
			continue
		}
		e := sent[r.Exchange]
		t.Errorf("%s %s of version %s: %s\nsent:     %s %v\nreceived: %d %s", e.Route, r.What, e.Version, r.Problems, e.Body, e.Query, e.Status, e.Answer)
	}
	for i, e := range wrong {
		assert.True(t, rejectedWrong[i], "accepted: %s %s of version %s", e.Route, e.Body, e.Version)
	}
	t.Logf("%d requests, %d responses of version 8, %d requests to routes without a published schema, %d with a wrong name rejected",
		len(sent), found.Answers-countOf(wrong, "8"), found.Unpublished, len(rejectedWrong))
}

// mutations are names that the server does not know, in place of some that it
// requires or allows.
var mutations = []struct{ version, route, field, wrong string }{
	{"8", "POST v1/users.create", "username", "userName"},
	{"7", "POST v1/users.create", "email", "emails"},
	{"8", "POST v1/users.update", "customFields", "customfields"},
	{"7", "POST v1/users.update", "data", "user"},
	{"8", "POST v1/users.setActiveStatus", "activeStatus", "active"},
	{"7", "POST v1/users.setAvatar", "avatarUrl", "avatarURL"},
	{"8", "POST v1/users.setStatus", "message", "text"},
	{"8", "POST v1/users.createToken", "userId", "user"},
}

// misspelled returns copies of the requests with one name changed.
func misspelled(t *testing.T, sent []exchange) (wrong []exchange) {
	t.Helper()
	for _, m := range mutations {
		before := len(wrong)
		for _, e := range sent {
			field := []byte(strconv.Quote(m.field) + ":")
			if e.Version == m.version && e.Route == m.route && bytes.Contains(e.Body, field) {
				e.Body = bytes.ReplaceAll(e.Body, field, []byte(strconv.Quote(m.wrong)+":"))
				wrong = append(wrong, e)
			}
		}
		assert.Greater(t, len(wrong), before, "no %s has %s", m.route, m.field)
	}
	return wrong
}

func countOf(exchanges []exchange, version string) (n int) {
	for _, e := range exchanges {
		if e.Version == version {
			n++
		}
	}
	return n
}
