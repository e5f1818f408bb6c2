package ddp_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/messembed/messembed-go/platform/rocketchat/internal/ddp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParse(t *testing.T) {
	for text, want := range map[string]ddp.Frame{
		`{"server_id":"0"}`:                        {},
		`{"msg":"connected","session":"s"}`:        {Kind: ddp.Connected},
		`{"msg":"failed","version":"1"}`:           {Kind: ddp.Failed},
		`{"msg":"ping"}`:                           {Kind: ddp.Ping},
		`{"msg":"ping","id":"7"}`:                  {Kind: ddp.Ping, ID: "7"},
		`{"msg":"pong"}`:                           {Kind: ddp.Pong},
		`{"msg":"result","id":"1","result":{}}`:    {Kind: ddp.Result, ID: "1"},
		`{"msg":"result","id":"1","error":{}}`:     {Kind: ddp.Result, ID: "1", Refused: true},
		`{"msg":"result","id":"1","error":null}`:   {Kind: ddp.Result, ID: "1"},
		`{"msg":"ready","subs":["2","3"]}`:         {Kind: ddp.Ready, Subs: []string{"2", "3"}},
		`{"msg":"nosub","id":"2"}`:                 {Kind: ddp.NoSub, ID: "2"},
		`{"msg":"nosub","id":"2","error":{"a":1}}`: {Kind: ddp.NoSub, ID: "2", Refused: true},
		`{"msg":"updated","methods":["1"]}`:        {},
		`{"msg":7}`:                                {},
		`null`:                                     {},
		// stream-user-presence
		`{"msg":"changed","collection":"stream-user-presence","id":"u1","fields":{"uid":"u1","eventName":"u1","args":[["ada",1,"tea"]]}}`: {
			Kind: ddp.Changed, ID: "u1", Change: ddp.Change{UserID: "u1", Status: "online", Text: "tea", HasText: true},
		},
		`{"msg":"changed","collection":"stream-user-presence","id":"u1","fields":{"args":[["ada",2]]}}`: {
			Kind: ddp.Changed, ID: "u1", Change: ddp.Change{UserID: "u1", Status: "away"},
		},
		`{"msg":"changed","collection":"stream-user-presence","fields":{"eventName":"u1","args":[[null,3,null,"more",[]]]}}`: {
			Kind: ddp.Changed, Change: ddp.Change{UserID: "u1", Status: "busy", HasText: true},
		},
		`{"msg":"changed","collection":"stream-user-presence","fields":{"args":[["ada",1]]}}`:              {},
		`{"msg":"changed","collection":"stream-user-presence","id":"u1","fields":{"args":[["ada",null]]}}`: {ID: "u1"},
		`{"msg":"changed","collection":"stream-user-presence","id":"u1","fields":{"args":[["ada",4]]}}`:    {ID: "u1"},
		`{"msg":"changed","collection":"stream-user-presence","id":"u1","fields":{"args":[["ada",-1]]}}`:   {ID: "u1"},
		`{"msg":"changed","collection":"stream-user-presence","id":"u1","fields":{"args":[["ada"]]}}`:      {ID: "u1"},
		`{"msg":"changed","collection":"stream-user-presence","id":"u1","fields":{"args":[]}}`:             {ID: "u1"},
		`{"msg":"changed","collection":"stream-user-presence","id":"u1"}`:                                  {ID: "u1"},
		// stream-notify-logged
		`{"msg":"changed","collection":"stream-notify-logged","id":"id","fields":{"eventName":"user-status","args":[["u1","ada",0,"","Ada",["user"]]]}}`: {
			Kind: ddp.Changed, ID: "id", Change: ddp.Change{UserID: "u1", Status: "offline", HasText: true},
		},
		`{"msg":"changed","collection":"stream-notify-logged","id":"id","fields":{"eventName":"user-status","args":[["u1","ada","busy"]]}}`: {
			Kind: ddp.Changed, ID: "id", Change: ddp.Change{UserID: "u1", Status: "busy"},
		},
		`{"msg":"changed","collection":"stream-notify-logged","id":"id","fields":{"eventName":"user-status","args":[[null,"ada",1]]}}`:      {ID: "id"},
		`{"msg":"changed","collection":"stream-notify-logged","id":"id","fields":{"eventName":"Users:Deleted","args":[{"userId":"u1"}]}}`:   {ID: "id"},
		`{"msg":"changed","collection":"stream-notify-logged","id":"id","fields":{"eventName":"updateAvatar","args":[["u1","ada",1,"x"]]}}`: {ID: "id"},
		`{"msg":"changed","collection":"users","id":"u1","fields":{"status":"online"}}`:                                                     {ID: "u1"},
	} {
		got, err := ddp.Parse([]byte(text))
		require.NoError(t, err, "%s", text)
		assert.Equal(t, want, got, "%s", text)
	}
	for _, text := range []string{``, `o`, `a["{}"]`, `[]`, `"x"`, `1`, `{`} {
		_, err := ddp.Parse([]byte(text))
		assert.Error(t, err, "%q", text)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"msg":"changed","collection":"stream-user-presence","id":"u1","fields":{"uid":"u1","args":[["ada",1,"tea"]]}}`))
	f.Add([]byte(`{"msg":"changed","collection":"stream-notify-logged","fields":{"eventName":"user-status","args":[["u1","ada",3,null]]}}`))
	f.Add([]byte(`{"msg":"ready","subs":["2",null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := ddp.Parse(data)
		if err != nil {
			assert.Equal(t, ddp.Frame{}, frame)
			return
		}
		if frame.Kind != ddp.Changed {
			assert.Equal(t, ddp.Change{}, frame.Change)
			return
		}
		assert.NotEmpty(t, frame.Change.UserID)
		assert.Contains(t, []string{"offline", "online", "away", "busy"}, frame.Change.Status)
		assert.True(t, frame.Change.HasText || frame.Change.Text == "")
	})
}
