package rocketchat

import (
	"context"

	messembed "github.com/messembed/messembed-go"
)

// ConfirmRelinquish lets DeleteUser, BlockUser and UpdateUser proceed even if
// the user is the last owner of a room, which is otherwise ErrPermissionDenied
// with the code user-last-owner. The service then gives the room to another
// member, or deletes it if there is none.
func ConfirmRelinquish() messembed.RequestOption {
	return messembed.WithPlatformFlag(confirmRelinquish{})
}

type confirmRelinquish struct{}

func (*platform) DeleteUser(ctx context.Context, call *messembed.Call, id string) error {
	return done(ctx, call, opDeleteUser, messembed.Request{Body: struct {
		UserID            string `json:"userId"`
		ConfirmRelinquish bool   `json:"confirmRelinquish,omitempty"`
	}{id, call.Flag(confirmRelinquish{})}})
}
