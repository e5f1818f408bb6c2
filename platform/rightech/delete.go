package rightech

import (
	"context"

	messembed "github.com/messembed/messembed-go"
)

// DeleteUser ignores the response, which is undocumented.
func (*platform) DeleteUser(ctx context.Context, call *messembed.Call, id string) error {
	if err := checkID(call, "id", id); err != nil {
		return err
	}
	_, err := call.Send(ctx, opDeleteUser, messembed.Request{Args: []string{id}})
	return err
}
