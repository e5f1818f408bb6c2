package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest"
)

func seedFile(t *testing.T, name, content string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

func TestSeed(t *testing.T) {
	const ada = `"externalMetadata":{"name":"Ada Lovelace","born":"1815"}`
	for name, test := range map[string]struct {
		content string
		want    []string // parts of the stored users
	}{
		"JSONL":                  {"{\"id\":\"ada\",\"externalMetadata\":{\"b\":1,\"a\":2}}\r\n\n{\"id\":\"bob\"}", []string{`"externalMetadata":{"b":1,"a":2}`, `"_id":"bob"`}},
		"JSONL with nulls":       {`{"id":"ada","externalMetadata":null,"blockStatus":null}`, []string{`"_id":"ada"`}},
		"JSONL of Windows":       {"\xef\xbb\xbf{\"id\":\"ada\"}\r\n", []string{`"_id":"ada"`}},
		"CSV":                    {"name,id,born\nAda Lovelace,ada,1815\n", []string{ada}},
		"CSV of a spreadsheet":   {"\xef\xbb\xbfname;id;born\r\nAda Lovelace;ada;1815\r\n", []string{ada}},
		"CSV with tabs":          {"name\tid\tborn\nAda Lovelace\tada\t1815", []string{ada}},
		"CSV with spaces":        {" name , id\nAda,ada\n", []string{`"externalMetadata":{"name":"Ada"}`}},
		"CSV with an empty cell": {"id,name,born\nada,,1815\nbob,,\n", []string{`"externalMetadata":{"born":"1815"}`, `"externalMetadata":{}`}},
		"CSV with quotes":        {"id,name\nada,\"Lovelace, \"\"Ada\"\"\nCountess\"\n", []string{`"name":"Lovelace, \"Ada\"\nCountess"`}},
		"CSV of ids alone":       {"id\nada\n", []string{`"_id":"ada"`}},
		"CSV with empty rows":    {"id,name\nada,Ada\n,\n\n,\n", []string{`"_id":"ada"`}},
		"CSV without rows":       {"id,name\n", nil},
		"nothing":                {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			fake := messembedtest.New(t)
			count, err := seedUsers(fake, seedFile(t, "users", test.content))
			require.NoError(t, err)
			assert.Len(t, test.want, count)
			users := fake.Users()
			require.Len(t, users, len(test.want))
			for i, want := range test.want {
				assert.Contains(t, string(users[i].Raw), want)
			}
		})
	}
}

// A wrong file says what it is, where it is wrong, and what to do.
func TestSeed_wrong(t *testing.T) {
	for name, test := range map[string]struct{ content, want string }{
		"broken JSON":         {"{\"id\":\"a\"}\n{\"id\":", "users, line 2: not valid JSON: unexpected end of JSON input"},
		"no object":           {"{\"id\":\"a\"}\n7", `users, line 2: must be a JSON object, such as {"id": "1"}`},
		"an unknown field":    {"{\"id\":\"a\"}\n{\"id\":\"b\",\"metadata\":{}}", `users, line 2: unknown field "metadata"; a user has only blockStatus, externalMetadata, id, privateExternalMetadata`},
		"the field ID":        {`{"ID":"a"}`, `users, line 1: unknown field "ID"; did you mean "id"?`},
		"the field _id":       {`{"_id":"a"}`, `users, line 1: unknown field "_id"; did you mean "id"?`},
		"a field's case":      {`{"id":"a","externalmetadata":{}}`, `did you mean "externalMetadata"?`},
		"an id of digits":     {`{"id":17}`, `users, line 1: "id" must be text, such as "17"`},
		"an id of nothing":    {`{"id":null}`, `users, line 1: "id" must be text, such as "1"`},
		"metadata as text":    {`{"id":"a","externalMetadata":"Ada"}`, `users, line 1: "externalMetadata" must be an object, such as {"name": "Ada"}`},
		"an unknown block":    {`{"id":"a","blockStatus":"BLOCKED"}`, `users, line 1: "blockStatus" must be CANT_SEND_AND_RECEIVE_NEW_MESSAGES or null`},
		"indented JSON":       {"{\n  \"id\": \"a\"\n}\n{\n  \"id\": \"b\"\n}\n", "users has objects of several lines, not one object per line; convert it, as with jq -c '.'"},
		"no id":               {`{"externalMetadata":{}}`, `users, line 1: no "id"`},
		"an id twice":         {"{\"id\":\"a\"}\n{\"id\":\"a\"}\n", `users, line 2: another user already has the id "a"`},
		"not to be stored":    {`{"id":"a","externalMetadata":{"b.c":1}}`, `users, line 1: the service would not store user "a": the key "b.c" has a dot or begins with $`},
		"an array":            {`[{"id":"a"}]`, "users is one JSON array, not one user per line; convert it, as with jq -c '.[]'"},
		"no column id":        {"key,name\n1,Ada\n", `users, line 1: no column "id" among the columns found: ["key" "name"]; a JSONL file`},
		"the column ID":       {"ID,name\n1,Ada\n", `users, line 1: no column "id" among the columns found: ["ID" "name"]; did you mean "id" by "ID"?`},
		"the column _id":      {"name,_id\nAda,1\n", `did you mean "id" by "_id"?`},
		"a column twice":      {"id,name,name\n", `users, line 1: two columns are named "name"`},
		"a column sans name":  {"id,,b\n", "users, line 1: column 2 has no name"},
		"too many cells":      {"id,name\nada,Ada\nbob,Bob,!\n", "users, line 3: 3 cells, but 2 columns"},
		"a quote left open":   {"id,name\nada,\"Ada\n", `users, line 2: extraneous or missing "`},
		"a row without id":    {"id,name\nada,Ada\n,Bob\n", `users, line 3: no "id"`},
		"a row twice":         {"id\nada\nada\n", `users, line 3: another user already has the id "ada"`},
		"a key with a dot":    {"id,a.b\nada,x\n", `users, line 2: the service would not store user "ada": the key "a.b" has a dot`},
		"Latin-1":             {"id,name\nada,Ada\nren,Ren\xe9\n", "users is not UTF-8 in line 3 but perhaps Latin-1; convert it, as with iconv"},
		"UTF-16":              {"\xff\xfei\x00", "users is UTF-16; save it as UTF-8"},
		"a workbook":          {"PK\x03\x04\x14", "users is a workbook, such as Excel's .xlsx"},
		"an old workbook":     {"\xd0\xcf\x11\xe0", "users is a workbook of an old Excel (.xls)"},
		"a compressed file":   {"\x1f\x8b", "users is compressed; unpack it with gzip -d"},
		"lines of an old Mac": {"id,name\rada,Ada\r", "users has lines that end with CR only"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := seedUsers(messembedtest.New(t), seedFile(t, "users", test.content))
			require.Error(t, err)
			assert.Contains(t, err.Error(), test.want)
		})
	}
}
