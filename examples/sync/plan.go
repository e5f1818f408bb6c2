package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	messembed "github.com/messembed/messembed-go"
)

// plan is what a dry run found: the first users of each outcome, and how many more
// there are.
type plan struct {
	users map[messembed.SyncOutcome][]messembed.SyncRow
	more  map[messembed.SyncOutcome]int
}

// planned are the outcomes that a plan shows, with their marks.
var planned = []struct {
	outcome messembed.SyncOutcome
	mark    string
	what    string
}{
	{messembed.SyncCreated, "+", "to create"},
	{messembed.SyncUpdated, "~", "to update"},
	{messembed.SyncBlocked, "-", "to block"},
	{messembed.SyncDeleted, "-", "to delete"},
	{messembed.SyncVanished, "?", "not in the file, and left as they are"},
}

func (p *plan) add(r messembed.SyncRow, most int) {
	if p.users == nil {
		p.users, p.more = map[messembed.SyncOutcome][]messembed.SyncRow{}, map[messembed.SyncOutcome]int{}
	}
	if len(p.users[r.Outcome]) < most {
		p.users[r.Outcome] = append(p.users[r.Outcome], r)
	} else {
		p.more[r.Outcome]++
	}
}

// print writes the plan as a diff. For the users to update it reads what is stored.
func (p *plan) print(ctx context.Context, client *messembed.Client, out io.Writer) {
	for _, kind := range planned {
		for _, r := range p.users[kind.outcome] {
			text := ""
			switch kind.outcome {
			case messembed.SyncCreated:
				text = strings.Join(differences(&messembed.User{}, r.Params), ", ")
			case messembed.SyncUpdated:
				if stored, err := client.GetUser(ctx, r.ID); err == nil {
					text = strings.Join(differences(stored, r.Params), ", ")
					if text == "" && stored.Blocked() {
						text = "unblocked"
					}
				}
			}
			fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("%s %-12q %s", kind.mark, r.ID, text), " "))
		}
		if more := p.more[kind.outcome]; more > 0 {
			fmt.Fprintf(out, "%s … and %d more %s\n", kind.mark, more, kind.what)
		}
	}
}

// differences describes what the row gives and the user does not hold.
func differences(u *messembed.User, p messembed.CreateUserParams) []string {
	found := changed("", u.ExternalMetadata, p.ExternalMetadata)
	found = append(found, changed("private ", u.PrivateExternalMetadata, p.PrivateExternalMetadata)...)
	if p.BlockStatus != "" && p.BlockStatus != u.BlockStatus {
		found = append(found, "blocked")
	}
	return found
}

func changed(kind string, held, given messembed.Metadata) (found []string) {
	if given == nil {
		return nil
	}
	keys := maps.Clone(given)
	maps.Copy(keys, held)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		before, after := short(held, key), short(given, key)
		switch {
		case held[key] == nil && given[key] != nil:
			found = append(found, fmt.Sprintf("%s%s: %s", kind, key, after))
		case text(held[key]) != text(given[key]):
			found = append(found, fmt.Sprintf("%s%s: %s → %s", kind, key, before, after))
		}
	}
	return found
}

// short is a value's JSON, cut to what is readable.
func short(m messembed.Metadata, key string) string {
	if _, there := m[key]; !there {
		return "none"
	}
	const most = 40
	if r := []rune(text(m[key])); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text(m[key])
}

func text(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(data)
}
