package messembedtest

import (
	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

// The bodies and queries that the server validates, with their properties in
// the order of its complaints.
var (
	chatToCreate = []node.Property{
		{Name: "externalMetadata", Optional: true, Check: node.IsObject},
		{Name: "privateExternalMetadata", Optional: true, Check: node.IsObject},
		{Name: "firstCompanionId", Check: node.IsString},
		{Name: "secondCompanionId", Check: node.IsString},
	}
	chatToUpdate = []node.Property{
		{Name: "active", Optional: true, Check: node.IsBoolean},
		{Name: "externalMetadata", Optional: true, Check: node.IsObject},
		{Name: "privateExternalMetadata", Optional: true, Check: node.IsObject},
	}
	messageToCreate = []node.Property{
		{Name: "userId", Check: node.IsString},
		{Name: "content", Check: node.IsString},
		{Name: "externalMetadata", Optional: true, Check: node.IsObject},
		{Name: "privateExternalMetadata", Optional: true, Check: node.IsObject},
		{Name: "attachments", Optional: true, Check: node.IsArrayOfObjects},
	}
	messagesToList = []node.Property{
		{Name: "after", Optional: true, Convert: node.ToDate, Check: node.IsDate},
		{Name: "before", Optional: true, Convert: node.ToDate, Check: node.IsDate},
		{Name: "offset", Optional: true, Convert: node.ToInt, Check: node.IsInt},
		{Name: "limit", Optional: true, Convert: node.ToInt, Check: node.IsInt},
		{Name: "read", Optional: true, Convert: node.ToBoolean, Check: node.IsBoolean},
	}
)

// validated returns a body or query as the service receives it, or the list of
// its problems.
func validated(given js.Value, properties []node.Property) (*js.Object, *failure) {
	known, problems, err := node.Validate(given, properties)
	switch {
	case err != nil:
		return nil, internalError()
	case problems != nil:
		list := &js.Array{}
		for _, problem := range problems {
			list.Items = append(list.Items, js.String(problem))
		}
		return nil, badRequest(list)
	}
	return known, nil
}
