package messembed

// Feature is something that not every chat service has.
type Feature string

// The features; [Client.Supports] reports which of them the service has.
const (
	// FeatureDeleteUser means that the service itself deletes users. Messembed
	// does not have it, but [Client.DeleteUser] works there all the same: if
	// the service has no route for it, the user is emptied and blocked, and
	// marked as deleted with the reserved key "messembedDeletedAt" in its
	// PrivateExternalMetadata. Applications must not set that key. Access
	// tokens of such a user that were minted before stay valid,
	// [Client.CreateAccessToken] does not look for the mark, and
	// [Client.UnblockUser] lifts the block that keeps the user from writing.
	FeatureDeleteUser    Feature = "delete-user"
	FeatureBlockUser     Feature = "block-user"
	FeatureAccessTokens  Feature = "access-tokens"
	FeatureUserPictures  Feature = "user-pictures"
	FeaturePresence      Feature = "presence"
	FeatureChats         Feature = "chats" // chats and messages
	FeatureMessageEvents Feature = "message-events"
)

// Supports reports whether the service has a feature, without asking it.
// Without the feature its methods return ErrUnsupported; the exception is
// [FeatureDeleteUser].
func (c *Client) Supports(f Feature) bool { return supports(c.platform, f) }
