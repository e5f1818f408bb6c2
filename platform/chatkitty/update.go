package chatkitty

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// mergePatchType is the service's own media type; the registered one is
// application/merge-patch+json.
const mergePatchType = "application/json+merge-patch"

type updateUserBody struct {
	DisplayName *string        `json:"displayName,omitempty"`
	IsGuest     *bool          `json:"isGuest,omitempty"`
	Presence    *presenceBody  `json:"presence,omitempty"`
	Properties  map[string]any `json:"properties,omitzero"`
}

type presenceBody struct {
	Status string `json:"status"`
}

// UpdateUser replaces the metadata as a whole although the service merges it.
// If the response shows that the service does not merge as in RFC 7396, the
// wanted metadata is sent once more, without the nulls.
func (p *platform) UpdateUser(
	ctx context.Context, call *messembed.Call, id string, params messembed.UpdateUserParams,
) (*messembed.User, error) {
	if err := checkID(call, "id", id); err != nil {
		return nil, err
	}
	if err := checkUpdateUser(call, params); err != nil {
		return nil, err
	}
	var body updateUserBody
	if profile := params.Profile; profile != nil {
		body.DisplayName, body.IsGuest = profile.DisplayName, profile.Guest
	}
	if params.ExternalMetadata == nil {
		return p.patch(ctx, call, id, body)
	}
	wanted, err := plainObject(params.ExternalMetadata)
	if err != nil {
		return nil, call.Invalid("externalMetadata: cannot be marshalled as JSON")
	}
	stored, err := p.GetUser(ctx, call, id)
	if err != nil {
		return nil, err
	}
	properties, null := mergePatch(stored.ExternalMetadata, wanted)
	if null != "" {
		return nil, call.Invalid("externalMetadata" + null + ": must not be null, since ChatKitty would remove the key")
	}
	body.Properties = properties
	u, err := p.patch(ctx, call, id, body)
	if err != nil || sameProperties(u.ExternalMetadata, wanted) {
		return u, err
	}
	body.Properties, _ = mergePatch(wanted, wanted)
	u, err = p.patch(ctx, call, id, body)
	if e, ok := errors.AsType[*messembed.Error](err); ok {
		e.MaybeApplied = true // the first request was
	}
	return u, err
}

func checkUpdateUser(call *messembed.Call, p messembed.UpdateUserParams) error {
	var problems adapter.Problems
	problems.Metadata(p.ExternalMetadata, nil)
	problems.Add(len(p.PrivateExternalMetadata) > 0, "PrivateExternalMetadata: not supported by ChatKitty")
	problems.Add(p.BlockStatus != "", "BlockStatus: not supported by ChatKitty")
	problems.Add(p.RemoveBlockStatus, "RemoveBlockStatus: not supported by ChatKitty")
	if profile := p.Profile; profile != nil {
		problems.Add(profile.Username != nil, "Profile.Username: cannot be changed on ChatKitty")
		problems.RequiredIfGiven("Profile.DisplayName", profile.DisplayName)
		problems.Add(profile.AvatarURL != nil, "Profile.AvatarURL: use SetUserPicture")
		problems.Add(profile.Phone != nil, "Profile.Phone: not supported by ChatKitty")
		problems.Add(profile.Locale != nil, "Profile.Locale: not supported by ChatKitty")
		problems.Add(profile.Emails != nil, "Profile.Emails: not supported by ChatKitty")
		problems.Add(profile.Roles != nil, "Profile.Roles: not supported by ChatKitty")
	}
	return call.Invalid(problems...)
}

func (p *platform) patch(ctx context.Context, call *messembed.Call, id string, body updateUserBody) (*messembed.User, error) {
	return p.user(ctx, call, opUpdateUser, adapter.Who{ID: id}, messembed.Request{Args: []string{id}, Body: body, Type: mergePatchType})
}

// plainObject returns metadata as it is read back.
func plainObject(m messembed.Metadata) (map[string]any, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return exactObject(data)
}

// mergePatch returns the patch that turns stored into wanted on a service that
// merges as in RFC 7396: everything wanted, and null for removed keys. It
// contains all of wanted, not only the differences, in case the service
// replaces instead. null is the path of a null that is wanted but not stored
// yet, which merging cannot store.
func mergePatch(stored, wanted map[string]any) (patch map[string]any, null string) {
	patch = make(map[string]any, len(wanted))
	for key := range stored {
		if _, kept := wanted[key]; !kept {
			patch[key] = nil
		}
	}
	for key, value := range wanted {
		before, there := stored[key]
		switch value := value.(type) {
		case nil:
			if !there || before != nil {
				return nil, "." + key
			}
		case map[string]any:
			inside, _ := before.(map[string]any)
			below, null := mergePatch(inside, value)
			if null != "" {
				return nil, "." + key + null
			}
			patch[key] = below
		default:
			patch[key] = value
		}
	}
	return patch, ""
}

func sameProperties(a, b map[string]any) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}
