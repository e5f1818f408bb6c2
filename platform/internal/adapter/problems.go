package adapter

import (
	"strconv"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
)

// Problems lists what is wrong with parameters, for [messembed.Call.Invalid].
// Each begins with the field's name and a colon.
type Problems []string

// Add adds the problem if wrong is true.
func (p *Problems) Add(wrong bool, problem string) {
	if wrong {
		*p = append(*p, problem)
	}
}

// Text rejects a text that JSON would alter.
func (p *Problems) Text(field, value string) {
	p.Add(!utf8.ValidString(value), field+": must be valid UTF-8")
}

// Required also rejects an empty text.
func (p *Problems) Required(field, value string) {
	p.Add(value == "", field+": must not be empty")
	p.Text(field, value)
}

// TextIfGiven is Text for an update; nil means unchanged.
func (p *Problems) TextIfGiven(field string, value *string) {
	if value != nil {
		p.Text(field, *value)
	}
}

// RequiredIfGiven is Required for an update; nil means unchanged.
func (p *Problems) RequiredIfGiven(field string, value *string) {
	if value != nil {
		p.Required(field, *value)
	}
}

// Metadata adds the first problem of ExternalMetadata, including keys for which
// rule, if not nil, returns a problem.
func (p *Problems) Metadata(m messembed.Metadata, rule func(key string) string) {
	if rule == nil {
		rule = func(string) string { return "" }
	}
	problem := messembed.MetadataProblem("externalMetadata", m, rule)
	p.Add(problem != "", problem)
}

// DeactivatedOnly is for services whose only block status is that the user
// cannot log in.
func (p *Problems) DeactivatedOnly(service string, s messembed.BlockStatus) {
	p.Add(s != "" && s != messembed.BlockDeactivated, "BlockStatus: "+service+" knows "+string(messembed.BlockDeactivated)+" only")
}

// Offset parses the Cursor of a list that pages by offset.
func Offset(call *messembed.Call, cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	offset, err := strconv.ParseUint(cursor, 10, 31)
	if err != nil {
		return 0, call.Invalid("Cursor: not a NextCursor of this list")
	}
	return int(offset), nil
}
