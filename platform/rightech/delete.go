package rightech

import (
	"context"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// DeleteUser expects nothing of the response, which is undocumented.
func (*platform) DeleteUser(ctx context.Context, call *messembed.Call, id string) error {
	if err := checkID(call, "id", id); err != nil {
		return err
	}
	answer, err := call.Send(ctx, opDeleteUser, messembed.Request{Args: []string{id}})
	if err != nil {
		return err
	}
	return adapter.Deleted(call, opDeleteUser, answer)
}
