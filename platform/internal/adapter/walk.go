package adapter

import messembed "github.com/messembed/messembed-go"

// Page is one page of a list of users.
type Page struct {
	Users  []*messembed.User
	Total  int  // of all pages; -1 if the service does not report it
	Last   bool // nothing follows
	Gap    bool // no users, although the service reports that there are some here
	Answer messembed.Answer
}

// ReadPage reads a page, and reads it again if it is a gap, since users may have
// been deleted meanwhile. A second gap is an error: ending there would leave out
// users in silence.
func ReadPage(call *messembed.Call, op messembed.Operation, read func() (Page, error)) (Page, error) {
	page, err := read()
	if err == nil && page.Gap {
		page, err = read()
	}
	if err == nil && page.Gap {
		err = call.Unreadable(op, page.Answer, messembed.BadField("users", "none, although the total reports more"))
	}
	return page, err
}

// Walk yields the users of all pages until yield returns false, and returns the
// last response. read reads the page after the given numbers of pages and users.
// A user that moves to the next page during the walk is not yielded twice; a
// page without new users ends the walk, with an error if the total says that there
// are more: ending there would leave them out in silence.
func Walk(
	call *messembed.Call, op messembed.Operation, read func(pages, users int) (Page, error), yield func(*messembed.User) bool,
) (messembed.Answer, error) {
	var before map[string]bool // the ids of the previous page
	for pages, users := 0, 0; ; pages++ {
		call.Renew()
		page, err := read(pages, users)
		if err != nil {
			return page.Answer, err
		}
		ids := make(map[string]bool, len(page.Users))
		progress := false
		for _, u := range page.Users {
			if u.ID != "" { // without an id it cannot be recognized
				if before[u.ID] || ids[u.ID] {
					ids[u.ID] = true
					continue
				}
				ids[u.ID], progress = true, true
			}
			if !yield(u) {
				return page.Answer, nil
			}
		}
		if page.Last {
			return page.Answer, nil
		}
		if !progress {
			if page.Total > users {
				err = call.Unreadable(op, page.Answer, messembed.BadField("users", "the same as before, although the total reports more"))
			}
			return page.Answer, err
		}
		before = ids
		users += len(page.Users)
	}
}
