package messembed

// Feature is something that not every chat service has.
type Feature string

// The features; [Client.Supports] reports which of them the service has.
const (
	// FeatureDeleteUser means that nothing is left of a user after
	// [Client.DeleteUser], which works without this feature too. Messembed does
	// not have it. There the user is emptied and blocked, and marked as deleted
	// with the reserved key "messembedDeletedAt" in its PrivateExternalMetadata,
	// which applications must not set. The user's id, chats and messages stay,
	// and so do its access tokens, which do not expire. The calls that write do
	// not look for the mark: [Client.CreateAccessToken] mints another token,
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
// Without the feature its methods return ErrUnsupported, except DeleteUser; see
// [FeatureDeleteUser].
func (c *Client) Supports(f Feature) bool { return supports(c.platform, f) }
