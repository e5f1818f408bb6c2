package main

import (
	"errors"
	"io"
	"iter"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

type md = messembed.Metadata

func collect(rows iter.Seq2[row, error]) (all []row, err error) {
	for r, failed := range rows {
		if failed != nil {
			return all, failed
		}
		all = append(all, r)
	}
	return all, nil
}

func TestParseCSV(t *testing.T) {
	byID := columnOptions{id: "id"}
	type want struct {
		line   int
		id     string
		name   any
		broken string
	}
	tests := []struct {
		name, file string
		columns    columnOptions
		want       []want
	}{
		{"plain", "id,name\n1,Ada\n2,Bob\n", byID, []want{{2, "1", "Ada", ""}, {3, "2", "Bob", ""}}},
		{"no line break at the end", "id,name\n1,Ada", byID, []want{{2, "1", "Ada", ""}}},
		{"byte order mark and CRLF", "\ufeffid,name\r\n1,Ada\r\n", byID, []want{{2, "1", "Ada", ""}}},
		{"semicolons", "id;name\n1;Ada, Countess\n", byID, []want{{2, "1", "Ada, Countess", ""}}},
		{"tabs", "id\tname\n1\tAda\n", byID, []want{{2, "1", "Ada", ""}}},
		{"blank lines and empty rows", "\n id , name \n\n1,Ada\n , \n,\n2,Bob\n", byID, []want{{4, "1", "Ada", ""}, {7, "2", "Bob", ""}}},
		{"quoted comma, quote and line break", "id,name\n1,\"a,\"\"b\"\"\r\n\nc\"\n2,Bob\n", byID, []want{{2, "1", "a,\"b\"\n\nc", ""}, {5, "2", "Bob", ""}}},
		{"too few cells", "id,name\n1\n2,Bob\n", byID, []want{{2, "", nil, "1 cells, but 2 columns"}, {3, "2", "Bob", ""}}},
		{"a quote left open", "id,name\n1,\"Ada\n2,Bob\n3,Cleo\n", byID, []want{{2, "", nil, "not valid CSV"}, {3, "2", "Bob", ""}, {4, "3", "Cleo", ""}}},
		{"a quote in the middle", "id,name\n1,5\" tall\n2,Bob\n", byID, []want{{2, "", nil, "not valid CSV"}, {3, "2", "Bob", ""}}},
		{"two broken rows that seem one", "id,name\n1,\"Ada\n2,Bob\"\n3,\"C\"leo\n4,Dan\n", byID, []want{{2, "1", "Ada\n2,Bob", ""}, {4, "", nil, "not valid CSV"}, {5, "4", "Dan", ""}}},
		{"empty cells are left out", "id,name\n1,\n", byID, []want{{2, "1", nil, ""}}},
		{"another id column", "login,name\nada,Ada\n", columnOptions{id: "login"}, []want{{2, "ada", "Ada", ""}}},
		{"a row that is too long", "id,name\n1," + strings.Repeat("x", maxRowBytes) + "\n2,Bob\n", byID, []want{{2, "", nil, "longer than 1 MiB"}, {3, "2", "Bob", ""}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := collect(parseCSV(iotest.HalfReader(strings.NewReader(tt.file)), tt.columns))
			require.NoError(t, err)
			require.Len(t, rows, len(tt.want))
			for i, want := range tt.want {
				assert.Equal(t, want.line, rows[i].line)
				if want.broken != "" {
					require.ErrorContains(t, rows[i].err, want.broken)
					assert.NotEmpty(t, rows[i].text)
					continue
				}
				require.NoError(t, rows[i].err)
				assert.Equal(t, want.id, rows[i].params.ID)
				assert.Equal(t, want.name, rows[i].params.ExternalMetadata["name"])
			}
		})
	}
}

func TestParseCSV_invalidFiles(t *testing.T) {
	tests := []struct {
		name, file, want string
		columns          columnOptions
	}{
		{"empty", "", "empty", columnOptions{id: "id"}},
		{"UTF-16", "\xff\xfei\x00d\x00", "UTF-16", columnOptions{id: "id"}},
		{"no id column", "name\nAda\n", `no column "id"`, columnOptions{id: "id"}},
		{"a column twice", "id,a,a\n1,2,3\n", `"a" appears twice`, columnOptions{id: "id"}},
		{"a missing mapped column", "id\n1\n", `no column "name"`, columnOptions{id: "id", maps: []string{"name=x"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := collect(parseCSV(strings.NewReader(tt.file), tt.columns))
			require.ErrorContains(t, err, tt.want)
			assert.Empty(t, rows)
		})
	}
	broken := errors.New("disk gone")
	rows, err := collect(parseCSV(io.MultiReader(strings.NewReader("id\n1\n"), iotest.ErrReader(broken)), columnOptions{id: "id"}))
	require.ErrorIs(t, err, broken)
	assert.Len(t, rows, 1)
}

func TestParseCSV_maps(t *testing.T) {
	file := "id,name,town,crm,age,vip,tags\n1,Ada,London,C-1,36,TRUE,\"[\"\"a\"\"]\"\n2,Bob,,,x,,\n3,Cleo,,,,maybe,\n"
	rows, err := collect(parseCSV(strings.NewReader(file), columnOptions{id: "id", maps: []string{
		"name=name", "town=address.city", "crm=private.ids.crm", "age=age:number", "vip=private.vip:bool", "tags=tags:json",
	}}))
	require.NoError(t, err)
	require.Len(t, rows, 3)
	assert.Equal(t, messembed.CreateUserParams{
		ID:                      "1",
		ExternalMetadata:        md{"name": "Ada", "address": map[string]any{"city": "London"}, "age": 36.0, "tags": []any{"a"}},
		PrivateExternalMetadata: md{"ids": map[string]any{"crm": "C-1"}, "vip": true},
	}, rows[0].params)
	require.ErrorContains(t, rows[1].err, `column "age": not a number`)
	require.ErrorContains(t, rows[2].err, `column "vip": neither true nor false`)

	rows, err = collect(parseCSV(strings.NewReader("id,a,b\n1,2,3\n"), columnOptions{id: "id", maps: []string{"a=x", "b=x.y"}}))
	require.NoError(t, err)
	require.ErrorContains(t, rows[0].err, "two columns map to x.y")

	for _, bad := range []string{"a", "=a", "a=b:date", "a=b..c", "a=.b"} {
		_, _, err := parseMap(bad)
		require.Error(t, err, bad)
	}
}

func TestParseJSONL(t *testing.T) {
	file := "\ufeff{\"id\":\"1\",\"externalMetadata\":{\"n\":1}}\r\n\n" +
		"{\"_id\":\"2\",\"createdAt\":\"2026-11-21T19:52:34.374Z\",\"__v\":0,\"blockStatus\":null}\n" +
		"{\"id\":\"3\",\"meta\":{}}\n{\"id\":\n[]\n{\"id\":\"4\"} {}\n" +
		"{\"_line\":9,\"_error\":\"x\",\"_text\":\"y\"}\n{\"_line\":9,\"_error\":\"x\",\"id\":\"5\"}"
	rows, err := collect(parseJSONL(strings.NewReader(file)))
	require.NoError(t, err)
	var lines []int
	good := map[string]int{}
	for _, r := range rows {
		lines = append(lines, r.line)
		if r.err == nil {
			good[r.params.ID] = r.line
		} else {
			assert.NotEmpty(t, r.text)
		}
	}
	assert.Equal(t, []int{1, 3, 4, 5, 6, 7, 8, 9}, lines)
	assert.Equal(t, map[string]int{"1": 1, "2": 3, "5": 9}, good)
	assert.Equal(t, md{"n": 1.0}, rows[0].params.ExternalMetadata)
}

func TestParseJSONL_errors(t *testing.T) {
	for text, want := range map[string]string{
		`{"id":42}`:                         "not a user: id must be a string",
		`{"_id":[]}`:                        "not a user: _id must be a string",
		`{"id":"1","externalMetadata":"x"}`: "not a user: externalMetadata must be an object",
		`{"id":"1","_line":"x"}`:            "not a user: _line must be an integer",
		`{"id":"1","meta":{}}`:              `not a user: unknown field "meta"`,
		`"1"`:                               "not a user: must be a JSON object",
		`{"id":`:                            "not valid JSON: unexpected EOF",
		`hello`:                             "not valid JSON: invalid character 'h' looking for beginning of value",
		`{"id":"1"} {}`:                     "not a user: more than one value on the line",
	} {
		rows, err := collect(parseJSONL(strings.NewReader(text)))
		require.NoError(t, err)
		require.Len(t, rows, 1)
		assert.EqualError(t, rows[0].err, want)
	}
}

func FuzzParseCSV(f *testing.F) {
	f.Add("id,name\n1,\"a\nb\"\n2,\"left open\n3,x\n", "name=private.a.b:json")
	f.Add("\ufeffid;name;;\r\n1;2;;\r\n\r\n;;;", "")
	f.Fuzz(func(t *testing.T, file, mapped string) {
		o := columnOptions{id: "id"}
		if mapped != "" {
			o.maps = []string{mapped}
		}
		last, inFile := 0, strings.Count(file, "\n")+1
		for r, err := range parseCSV(strings.NewReader(file), o) {
			if err != nil {
				break
			}
			if r.line <= last || r.line > inFile {
				t.Fatalf("a row in line %d after one in line %d, of %d", r.line, last, inFile)
			}
			if (r.err != nil) != (r.text != "") {
				t.Fatalf("line %d: error %v, text %q", r.line, r.err, r.text)
			}
			last = r.line
		}
	})
}

func FuzzParseJSONL(f *testing.F) {
	f.Add("{\"id\":\"1\"}\n\n{\"_id\":\"2\",\"externalMetadata\":{\"a\":[1]}}\nnull\n{")
	f.Fuzz(func(t *testing.T, file string) {
		last := 0
		for r, err := range parseJSONL(strings.NewReader(file)) {
			if err != nil {
				break
			}
			if r.line <= last {
				t.Fatalf("a row in line %d after one in line %d", r.line, last)
			}
			last = r.line
		}
	})
}
