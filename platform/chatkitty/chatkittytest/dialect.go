package chatkittytest

// A dialect is how a response spells names and links: the one of the documentation
// below /v1 or, if true, the second one, which the newer client speaks without /v1.
type dialect bool

// snakeNames are the names that differ in the second dialect; isGuest does not.
var snakeNames = map[string]string{
	"displayName": "display_name", "displayPictureUrl": "display_picture_url", "callStatus": "call_status", "createdTime": "created_time",
	"endTime": "end_time", "userAgent": "user_agent", "totalElements": "total_elements", "totalPages": "total_pages",
}

func (d dialect) key(name string) string {
	if snake, ok := snakeNames[name]; ok && bool(d) {
		return snake
	}
	return name
}

// links takes relations and addresses alternately.
func (d dialect) links(pairs ...string) any {
	if d {
		list := make([]object, 0, len(pairs)/2)
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, object{"rel": pairs[i], "href": pairs[i+1]})
		}
		return list
	}
	byName := object{}
	for i := 0; i < len(pairs); i += 2 {
		byName[pairs[i]] = object{"href": pairs[i+1]}
	}
	return byName
}
