package docs_test

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// The table in testing.md matches what each method sends.
func TestTestingPage_operations(t *testing.T) {
	said := operationsTable(t)
	type setting struct {
		*messembed.Client
		fake   *messembedtest.Server
		chatID string
	}
	ctx := context.Background()
	pair := messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"}
	for name, do := range map[string]func(s setting) error{
		"Ping":             func(s setting) error { return s.Ping(ctx) },
		"CheckCredentials": func(s setting) error { return s.CheckCredentials(ctx) },
		"CreateUser": func(s setting) error {
			_, err := s.CreateUser(ctx, messembed.CreateUserParams{ID: "new"})
			return err
		},
		"GetUser": func(s setting) error { _, err := s.GetUser(ctx, "ada"); return err },
		"UpdateUser": func(s setting) error {
			_, err := s.UpdateUser(ctx, "ada", messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{"a": 1}})
			return err
		},
		"BlockUser":   func(s setting) error { _, err := s.BlockUser(ctx, "ada"); return err },
		"UnblockUser": func(s setting) error { _, err := s.UnblockUser(ctx, "ada"); return err },
		"ModifyUser": func(s setting) error {
			_, err := s.ModifyUser(ctx, "ada", func(u *messembed.User) error { u.ExternalMetadata["a"] = 1; return nil })
			return err
		},
		"EnsureUser, no such user yet": func(s setting) error {
			_, _, err := s.EnsureUser(ctx, messembed.CreateUserParams{ID: "new"})
			return err
		},
		"EnsureUser, existing user": func(s setting) error {
			_, _, err := s.EnsureUser(ctx, messembed.CreateUserParams{ID: "ada"})
			return err
		},
		"DeleteUser, the client's first": func(s setting) error { return s.DeleteUser(ctx, "eve") },
		"ListUsers":                      func(s setting) error { _, err := s.ListUsers(ctx, messembed.ListUsersParams{}); return err },
		"Users":                          func(s setting) error { return drain(s.Users(ctx)) },
		"ImportUsers, for each new user": func(s setting) error {
			_, err := s.ImportUsers(ctx, func(yield func(messembed.CreateUserParams, error) bool) {
				yield(messembed.CreateUserParams{ID: "new"}, nil)
			}, messembed.ImportOptions{})
			return err
		},
		"CreateAccessToken": func(s setting) error { _, err := s.CreateAccessToken(ctx, "ada"); return err },
		"CreateChat": func(s setting) error {
			_, err := s.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "eve"})
			return err
		},
		"EnsureChat, no such chat yet": func(s setting) error {
			_, _, err := s.EnsureChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "eve"})
			return err
		},
		"EnsureChat, existing chat": func(s setting) error { _, _, err := s.EnsureChat(ctx, pair); return err },
		"GetChat":                   func(s setting) error { _, err := s.GetChat(ctx, s.chatID); return err },
		"GetChatByCompanions":       func(s setting) error { _, err := s.GetChatByCompanions(ctx, "bob", "ada"); return err },
		"UpdateChat": func(s setting) error {
			_, err := s.UpdateChat(ctx, s.chatID, messembed.UpdateChatParams{ExternalMetadata: messembed.Metadata{}})
			return err
		},
		"BlockChat":   func(s setting) error { _, err := s.BlockChat(ctx, s.chatID); return err },
		"UnblockChat": func(s setting) error { _, err := s.UnblockChat(ctx, s.chatID); return err },
		"ListChats":   func(s setting) error { _, err := s.ListChats(ctx); return err },
		"Chats":       func(s setting) error { return drain(s.Chats(ctx)) },
		"CreateMessage": func(s setting) error {
			_, err := s.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: s.chatID, UserID: "ada", Content: "hello"})
			return err
		},
		"ListMessages": func(s setting) error { _, err := s.ListMessages(ctx, messembed.ListMessagesParams{}); return err },
		"Messages":     func(s setting) error { return drain(s.Messages(ctx, messembed.ListMessagesParams{})) },
	} {
		t.Run(name, func(t *testing.T) {
			fake := messembedtest.New(t)
			for _, id := range []string{"ada", "bob", "eve"} {
				fake.AddUser(messembed.User{ID: id})
			}
			client := fake.Client(t)
			chat, err := client.CreateChat(ctx, pair)
			require.NoError(t, err)
			before := len(fake.Requests())

			require.NoError(t, do(setting{client, fake, chat.ID}))

			assert.Equal(t, said[name], sent(fake, before))
			delete(said, name)
		})
	}
	t.Run("DeleteUser, after that", func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "ada"})
		fake.AddUser(messembed.User{ID: "bob"})
		client := fake.Client(t)
		require.NoError(t, client.DeleteUser(ctx, "ada"))
		before := len(fake.Requests())
		require.NoError(t, client.DeleteUser(ctx, "bob"))
		assert.Equal(t, said["DeleteUser, after that"], sent(fake, before))
		delete(said, "DeleteUser, after that")
	})
	t.Run("MessageEvents", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				for range fake.Client(t).MessageEvents(ctx, messembed.EventOptions{}) {
				}
			}()
			synctest.Wait()
			assert.Equal(t, said["MessageEvents, each at least once"], slices.Compact(sent(fake, 0)))
			stop()
			<-ended
		})
		delete(said, "MessageEvents, each at least once")
	})
	t.Run("behind a gateway", func(t *testing.T) {
		fake := messembedtest.New(t, messembedtest.WithClientCredentials("id", "secret"))
		require.NoError(t, fake.Client(t).CheckCredentials(ctx))
		assert.Equal(t, []string{"Token", "ListMessages"}, sent(fake, 0))
		delete(said, "any method, with WithClientCredentials")
	})
	assert.Empty(t, said, "rows that no test checks")
}

func drain[T any](seq func(func(T, error) bool)) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

func sent(fake *messembedtest.Server, from int) (ops []string) {
	for _, r := range fake.Requests()[from:] {
		ops = append(ops, r.Op)
	}
	return ops
}

// operationsTable parses the rows: `A`, `B`, condition | `Op`, `Op`.
func operationsTable(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("testing.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "| method | what it sends, in this order |\n|---|---|\n")
	require.True(t, found)
	table, _, _ := strings.Cut(rest, "\n\n")
	name := regexp.MustCompile("`([^`]+)`")
	rows := map[string][]string{}
	for row := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(row, "| \n"), " | ")
		require.Len(t, cells, 2, row)
		var ops []string
		for _, m := range name.FindAllStringSubmatch(cells[1], -1) {
			ops = append(ops, m[1])
		}
		if methods := name.FindAllStringSubmatch(cells[0], -1); len(methods) > 1 {
			for _, m := range methods {
				rows[m[1]] = ops
			}
			continue
		}
		rows[strings.ReplaceAll(cells[0], "`", "")] = ops
	}
	return rows
}
