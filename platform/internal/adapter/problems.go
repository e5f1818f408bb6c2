package adapter

import (
	"strconv"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
)

// Problems are what is wrong with parameters, for [messembed.Caller.Invalid]. Each begins with the
// field's name and a colon.
type Problems []string

// Add adds the problem if there is one.
func (p *Problems) Add(wrong bool, problem string) {
	if wrong {
		*p = append(*p, problem)
	}
}

// Text refuses a text that JSON would change.
func (p *Problems) Text(field, value string) {
	p.Add(!utf8.ValidString(value), field+": must be valid UTF-8")
}

// Required refuses a text that is empty, too.
func (p *Problems) Required(field, value string) {
	p.Add(value == "", field+": must not be empty")
	p.Text(field, value)
}

// TextIfGiven is Text for what an update changes; nil stays as it is.
func (p *Problems) TextIfGiven(field string, value *string) {
	if value != nil {
		p.Text(field, *value)
	}
}

// RequiredIfGiven is Required for what an update changes; nil stays as it is.
func (p *Problems) RequiredIfGiven(field string, value *string) {
	if value != nil {
		p.Required(field, *value)
	}
}

// Metadata names the first thing of ExternalMetadata that cannot be sent, and the first key of which
// rule, if there is one, says what is wrong with it.
func (p *Problems) Metadata(m messembed.Metadata, rule func(key string) string) {
	if rule == nil {
		rule = func(string) string { return "" }
	}
	problem := messembed.MetadataProblem("externalMetadata", m, rule)
	p.Add(problem != "", problem)
}

// DeactivatedOnly is for services whose users can be kept from logging in, and no more.
func (p *Problems) DeactivatedOnly(service string, s messembed.BlockStatus) {
	p.Add(s != "" && s != messembed.BlockDeactivated, "BlockStatus: "+service+" knows "+string(messembed.BlockDeactivated)+" only")
}

// Offset reads the Cursor of a list that pages by offset.
func Offset(call *messembed.Caller, cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	offset, err := strconv.ParseUint(cursor, 10, 31)
	if err != nil {
		return 0, call.Invalid("Cursor: not a NextCursor of this list")
	}
	return int(offset), nil
}
