package faultmatrix_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	messembed "github.com/messembed/messembed-go"
)

// readCalls are the calls that follow from their operation alone: it reads,
// and the method of its name takes only the ids of its route.
func readCalls() []*call {
	var calls []*call
	for _, op := range messembedOperations() {
		method, found := reflect.TypeFor[*messembed.Client]().MethodByName(op.Name)
		ids := idsOf(op.Route)
		if op.Method != http.MethodGet || !found || !takesOnly(method.Type, len(ids)) {
			continue
		}
		calls = append(calls, &call{
			method: op.Name, target: op.Name, world: withChats, sends: one(step{op: op.Name, repeatable: true, list: op.Route == "admin-api/chats", answer: says(200, "")}),
			do: func(ctx context.Context, w *world) (any, error) {
				args := []reflect.Value{reflect.ValueOf(w.client), reflect.ValueOf(ctx)}
				for _, id := range ids {
					args = append(args, reflect.ValueOf(id(w)))
				}
				results := method.Func.Call(args)
				err, _ := results[len(results)-1].Interface().(error)
				return results[0].Interface(), err
			},
		})
	}
	return calls
}

// idsOf returns what stands for each placeholder of a route: a user or a chat
// of the world.
func idsOf(route string) (ids []func(*world) string) {
	segments := strings.Split(route, "/")
	for i, segment := range segments {
		switch {
		case !strings.HasPrefix(segment, "{"):
		case segments[i-1] == "chats":
			ids = append(ids, func(w *world) string { return w.chatID })
		default:
			ids = append(ids, func(*world) string { return ada })
		}
	}
	return ids
}

// takesOnly reports whether a method of the client takes a context, this many
// strings, and options.
func takesOnly(method reflect.Type, texts int) bool {
	if method.NumIn() != 2+texts+1 || !method.IsVariadic() {
		return false
	}
	for i := range texts {
		if method.In(2+i).Kind() != reflect.String {
			return false
		}
	}
	return true
}
