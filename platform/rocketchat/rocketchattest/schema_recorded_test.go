package rocketchattest

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The server's own validators, those of the package @rocket.chat/rest-typings
// 8.8.1, were given random values and their verdicts recorded, with what they
// made of the values. The fake's agree.
func TestSchemas_recorded(t *testing.T) {
	schemas := map[string]*schema{
		"create": createSchema(), "update": updateSchema(), "active": activeStatusSchema(), "avatar": avatarSchema(), "logout": logoutSchema(),
		"info": infoSchema(), "list": listSchema(), "listByStatus": listByStatusSchema(), "presence": presenceSchema(), "someUser": someUserSchema(),
	}
	isQuery := map[string]bool{"info": true, "list": true, "listByStatus": true, "presence": true, "someUser": true}
	f, err := os.Open("testdata/rest-typings-8.8.1.jsonl")
	require.NoError(t, err)
	defer f.Close()
	used := map[string]int{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c struct {
			Schema  string
			In, Out document // no Out: refused
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		used[c.Schema]++
		problems := validator{version{8, 8, 1}, isQuery[c.Schema]}.check(schemas[c.Schema], c.In)
		if c.Out == nil {
			assert.NotEmpty(t, problems, lines.Text())
			continue
		}
		assert.Empty(t, problems, lines.Text())
		assert.Equal(t, c.Out, c.In, lines.Text())
	}
	for name := range schemas {
		assert.GreaterOrEqual(t, used[name], 40, name)
	}
}
