package messembed_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

// A user of the list is compared as it was sent, whatever its JSON looks like: a
// row that was read from the same JSON is unchanged, one with something more is not.
func TestSyncUsers_comparesAnyJSON(t *testing.T) {
	for name, metadata := range map[string]string{
		"empty":                      `{}`,
		"scalars":                    `{"text":"Ada","empty":"","yes":true,"no":false,"nothing":null}`,
		"numbers":                    `{"zero":0,"minus zero":-0,"one":1,"with a point":1.0,"exponent":1e2,"negative":-7,"fraction":52.5200,"large":9007199254740993,"huge":1e300}`,
		"escapes":                    `{"a\"b":"\"\\\/\b\f\n\r\t","\u006eame":"\u0041da","emoji":"\ud83d\ude00","half of one":"\ud83d"}`,
		"scripts":                    `{"имя":"Миша","city":"Köln","名":"偉"}`,
		"invalid UTF-8":              "{\"a\":\"\xff\",\"b\xc3\":1}",
		"nested":                     `{"a":{"b":{"c":{}}},"d":[],"e":[[],[[1,"x",null]],{"f":[true,false]}]}`,
		"white space":                " {\n\t\"a\" : [ 1 , 2 ] , \"b\" : { } } ",
		"key of a tombstone, inside": `{"a":{"messembedDeletedAt":"2026-11-21T19:52:34Z"},"b":"messembedDeletedAt"}`,
		"tombstone without a date":   `{"messembedDeletedAt":"yesterday"}`,
	} {
		t.Run(name, func(t *testing.T) {
			list := fmt.Sprintf(`{"data":[{"_id":"ada","externalMetadata":%s,"privateExternalMetadata":%s,"blockStatus":null}]}`, metadata, metadata)
			client := answering(t, httpmock.NewStringResponder(200, list))
			var row messembed.CreateUserParams
			require.NoError(t, json.Unmarshal([]byte(metadata), &row.ExternalMetadata))
			require.NoError(t, json.Unmarshal([]byte(metadata), &row.PrivateExternalMetadata))
			row.ID = "ada"

			report, err := client.SyncUsers(t.Context(), rowsOf(row), messembed.SyncOptions{DryRun: true})
			require.NoError(t, err)
			assert.Equal(t, messembed.SyncProgress{Read: 1, Unchanged: 1}, syncCounts(report))

			row.PrivateExternalMetadata["more"] = "x"
			report, err = client.SyncUsers(t.Context(), rowsOf(row), messembed.SyncOptions{DryRun: true})
			require.NoError(t, err)
			assert.Equal(t, messembed.SyncProgress{Read: 1, Updated: 1}, syncCounts(report))
		})
	}
}

// The list may hold users that the SDK would not write.
func TestSyncUsers_strangeUsersInTheList(t *testing.T) {
	ada := messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{}}
	changed := messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"n": 1}}
	for _, tt := range []struct {
		name, user string
		row        messembed.CreateUserParams
		want       messembed.SyncProgress
	}{
		{"metadata that are no object are empty", `{"_id":"ada","externalMetadata":"x","privateExternalMetadata":[1]}`, ada, messembed.SyncProgress{Read: 1, Unchanged: 1}},
		{"and differ from others", `{"_id":"ada","externalMetadata":"x"}`, changed, messembed.SyncProgress{Read: 1, Updated: 1}},
		{"nobody can name one without an id", `{"_id":null,"blockStatus":"X"}`, ada, messembed.SyncProgress{Read: 1, Created: 1}},
		{"deleted by the SDK", `{"_id":"ada","privateExternalMetadata":{"messembedDeletedAt":"2026-11-21T19:52:34Z"}}`, ada, messembed.SyncProgress{Read: 1, Created: 1}},
		{"deleted by the service", `{"_id":"ada","deletedAt":"2026-11-21T19:52:34.374Z"}`, ada, messembed.SyncProgress{Read: 1, Created: 1}},
		{"vanished and unblocked", `{"_id":"eve"},{"_id":"ada"}`, ada, messembed.SyncProgress{Read: 1, Unchanged: 1, Vanished: 1, Blocked: 1}},
		{"vanished and blocked in another way", `{"_id":"eve","blockStatus":"X"},{"_id":"ada"}`, ada, messembed.SyncProgress{Read: 1, Unchanged: 1, Vanished: 1}},
		{"vanished and deleted", `{"_id":"eve","deletedAt":"2026-11-21T19:52:34.374Z"},{"_id":"ada"}`, ada, messembed.SyncProgress{Read: 1, Unchanged: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report, err := answering(t, httpmock.NewStringResponder(200, `{"data":[`+tt.user+`]}`)).SyncUsers(t.Context(), rowsOf(tt.row), messembed.SyncOptions{DryRun: true, Vanished: messembed.BlockVanished})
			require.NoError(t, err)
			assert.Equal(t, tt.want, syncCounts(report))
		})
	}
	for name, list := range map[string]string{
		"_id":      `{"data":[{"externalMetadata":{}}]}`,
		"response": `{"data":[{"_id":"ada"}`,
	} {
		t.Run("unreadable "+name, func(t *testing.T) {
			_, err := answering(t, httpmock.NewStringResponder(200, list)).SyncUsers(t.Context(), rowsOf(ada), messembed.SyncOptions{DryRun: true})
			require.ErrorIs(t, err, messembed.ErrInvalidResponse)
			assert.Contains(t, err.Error(), name)
		})
	}
}
