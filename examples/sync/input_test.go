package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wrongFiles are files that are not what they should be, and the words that say what
// they are and what to do.
var wrongFiles = []struct{ name, file, content, want string }{
	{"a workbook", "users.xlsx", "PK\x03\x04\x14\x00", "the file is a workbook, such as Excel's .xlsx, or another zip archive; save its sheet as CSV in UTF-8"},
	{"a workbook under another name", "users.csv", "PK\x03\x04\x14\x00", "a workbook"},
	{"an old workbook", "users.xls", "\xd0\xcf\x11\xe0\xa1\xb1", "a workbook of an old Excel (.xls); save its sheet as CSV in UTF-8"},
	{"compressed", "users.jsonl.gz", "\x1f\x8b\x08\x00", "compressed; unpack it with gzip -d"},
	{"UTF-16", "users.csv", "\xff\xfei\x00d\x00", "UTF-16; save it as UTF-8"},
	{"big-endian UTF-16", "users.csv", "\xfe\xff\x00i\x00d", "UTF-16; save it as UTF-8"},
	{"Latin-1 in the first row", "users.csv", "id,name\n1,Jos\xe9\n", "line 2 " + latin1},
	{"Latin-1 in the column names", "users.csv", "id,pr\xe9nom\n1,Ada\n", "line 1 " + latin1},
	{"Latin-1 within a quoted cell", "users.csv", "id,name\n1,\"Ada\n2,Bob\nJos\xe9\"\n", "line 4 " + latin1},
	{"Latin-1 in JSONL", "users.jsonl", "{\"id\":\"1\",\"externalMetadata\":{\"name\":\"Jos\xe9\"}}\n", "line 1 " + latin1},
	{"CR line ends", "users.csv", "id,name\r1,Ada\r2,Bob\r", crOnly},
	{"CR line ends in JSONL", "users.jsonl", "{\"id\":\"1\"}\r{\"id\":\"2\"}\r", crOnly},
	{"a JSON array", "users.json", "[{\"id\":\"1\"},{\"id\":\"2\"}]", jsonArray},
	{"a JSON array over several lines", "users", "\n[\n {\"id\":\"1\"},\n {\"id\":\"2\"}\n]\n", jsonArray},
	{"empty", "users.csv", "", "the file is empty: its first line must name the columns"},
	{"blank lines only", "users.csv", "\n\n,,\n", "the file is empty: its first line must name the columns"},
	{"no id", "users.csv", "User ID,name\n1,Ada\n", `line 1, which must name the columns: no column "id" for the user id, only "User ID", "name"; choose one with -id` + "\n"},
	{"an id in capitals", "users.csv", "name, ID\nAda,1\n", `no column "id" for the user id, only "name", "ID"; choose one with -id, here -id "ID"` + "\n"},
	{"one column only", "users.csv", "id:name\n1:Ada\n", `only "id:name"; choose one with -id, or the character between them with -comma`},
	{"no id in a wide file", "users.csv", wide + "\n" + wide + "\n", `"c20" and 2 more; choose one with -id`},
	{"a column twice", "users.csv", "id,a,a\n1,2,3\n", `line 1, which must name the columns: column "a" appears twice`},
}

const (
	latin1    = "is not UTF-8 but perhaps Latin-1; convert the file, as with iconv -f WINDOWS-1252 -t UTF-8"
	crOnly    = `lines end with CR only, as on an old Mac; convert it, as with tr '\r' '\n', or save it as CSV in UTF-8`
	jsonArray = "is one JSON array, not one user per line; convert it, as with jq -c '.[]'"
	wide      = "c1,c2,c3,c4,c5,c6,c7,c8,c9,c10,c11,c12,c13,c14,c15,c16,c17,c18,c19,c20,c21,c22"
)

// goodFiles hold the users 1 and 2, who have names, although not as plainly as might be.
var goodFiles = []struct{ name, file, content string }{
	{"semicolons", "users.csv", "id;name\n1;Ada, Countess\n2;Bob\n"},
	{"tabs", "users.tsv", "id\tname\n1\tAda\n2\tBob\n"},
	{"a space before the id column's name", "users.csv", "name, id\nAda, 1\nBob,2\n"},
	{"byte order mark and CRLF", "users.csv", "\ufeffid,name\r\n1,Ada\r\n2,Bob\r\n"},
	{"blank lines", "users.csv", "\nid,name\n\n1,Ada\n,\n2,Bob\n\n"},
	{"a name that says nothing", "users", "id,name\n1,Ada\n2,Bob"},
	{"JSONL by another name", "users.txt", "{\"id\":\"1\",\"externalMetadata\":{\"name\":\"Ada\"}}\n{\"_id\":\"2\",\"externalMetadata\":{\"name\":\"Bob\"}}"},
}

func TestOpenInput_noSuchFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	_, err := openInput(t.Context(), "users.csv", "", nil)
	require.ErrorIs(t, err, os.ErrNotExist)
	dir, eval := filepath.EvalSymlinks(dir)
	require.NoError(t, eval)
	assert.ErrorContains(t, err, "in "+dir+" (where go run -C has gone, if you use that: give an absolute path)")
	_, err = openInput(t.Context(), filepath.Join(dir, "users.csv"), "", nil)
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.NotContains(t, err.Error(), "go run")
}

func TestOpenInput_format(t *testing.T) {
	for start, want := range map[string]string{"id,name\n": "csv", "\ufeff\n {": "jsonl", "[": "jsonl", "": "csv"} {
		in, err := openInput(t.Context(), "-", "", strings.NewReader(start))
		require.NoError(t, err)
		assert.Equal(t, want, in.format)
	}
}
