package messembed

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/messembed/messembed-go/internal/httpcall"
	"github.com/messembed/messembed-go/internal/jsonstream"
)

// stored is an object that the service keeps under an id.
type stored interface {
	storedID() string
	is(subject) bool
}

func (u *User) storedID() string    { return u.ID }
func (ch *Chat) storedID() string   { return ch.ID }
func (m *Message) storedID() string { return m.ID }

// subject is what an operation is about: an id, the two companions of a chat, or
// the chat and the user of a message.
type subject struct{ id, first, second, chat, user string }

func (u *User) is(s subject) bool { return u.ID == s.id }

// is allows for an id in capitals, which the service takes too, and for a
// companion of whom it knows nothing any more.
func (ch *Chat) is(s subject) bool {
	if s.id != "" {
		return strings.EqualFold(ch.ID, s.id)
	}
	return ch.FirstCompanion == nil || ch.SecondCompanion == nil || ch.isOf(s.first, s.second)
}

func (m *Message) is(s subject) bool {
	return strings.EqualFold(m.ChatID, s.chat) && m.UserID == s.user
}

// sendForOne sends an operation whose response is one stored object, which must
// be the one that the operation is about. Its id must be a string, since later calls depend
// on it; lists are more lenient.
func sendForOne[T stored](ctx context.Context, call *Call, op Operation, r Request, read func(*jsonstream.Parser) (T, error), about subject) (T, error) {
	var none T
	answer, err := call.Send(ctx, op, r)
	if err != nil {
		return none, err
	}
	one, err := decodeWhole(answer.Body, read)
	if err == nil && one.storedID() == "" {
		err = BadField("_id", "not a string, or empty")
	}
	if err == nil && !one.is(about) {
		err = errSomethingElse
	}
	if err != nil {
		return none, call.Unreadable(op, answer, err)
	}
	return one, nil
}

var errSomethingElse = BadField("response", "is about something else than the request")

// eachParsed sends the operation and calls item for each element of the array
// under key in its response, or of the response itself if key is "". It decodes
// elements in the read buffer, before it is known whether they have arrived
// completely, which saves a second pass. What follows the array is read too, so
// that a truncated response is detected and the connection can be reused. item
// returns false to stop.
func eachParsed[T any](ctx context.Context, call *Call, op Operation, r Request, key string, read func(*jsonstream.Parser) (*T, error), item func(*T) bool) error {
	p := jsonstream.NewListParser()
	p.CopyRaw = true
	var value *T
	readOne := func() (err error) {
		value, err = read(p)
		return err
	}
	return call.stream(ctx, op, r, func(stream *httpcall.Stream) error {
		elements := jsonstream.NewElements(stream, stream.NextItem)
		if err := elements.Seek(key); err != nil {
			return streamError(key, err)
		}
		for {
			size, err := elements.Parse(p, readOne)
			if err != nil {
				return streamError(key, err)
			}
			if err := stream.NextItem(size); err != nil {
				return err
			}
			if size == 0 {
				return streamError(key, elements.Finish())
			}
			if !item(value) {
				return nil
			}
		}
	})
}

// streamError says what is wrong with a list. A truncated one is the failure of
// the stream itself.
func streamError(key string, err error) error {
	switch err {
	case io.ErrUnexpectedEOF:
		return BadField("response", "ends unexpectedly")
	case jsonstream.ErrNoKey:
		return BadField(key, err.Error())
	case jsonstream.ErrShape, jsonstream.ErrTrailing:
		return BadField("response", err.Error())
	}
	return err
}

// decodeWhole reads a document that consists of one value.
func decodeWhole[T any](raw []byte, read func(*jsonstream.Parser) (T, error)) (T, error) {
	return readWhole(jsonstream.NewParser(raw), read)
}

// readWhole reads the one value of p's document.
func readWhole[T any](p *jsonstream.Parser, read func(*jsonstream.Parser) (T, error)) (T, error) {
	value, err := read(p)
	if err == nil {
		err = p.End()
	}
	return value, err
}

// readList reads an array whose elements are read by read; null becomes nil.
func readList[T any](p *jsonstream.Parser, field string, to *[]T, read func(*jsonstream.Parser) (T, error)) error {
	if p.IsArray() {
		*to = []T{}
	}
	return ofField(field, p.Array(func() error {
		value, err := read(p)
		*to = append(*to, value)
		return err
	}))
}

// decodeList reads the array under key of a document that is an object, and its
// totalCount unless total is nil.
func decodeList[T any](raw []byte, key string, read func(*jsonstream.Parser) (T, error), total *int) (list []T, err error) {
	p := jsonstream.NewListParser()
	p.CopyRaw = true
	p.Reset(raw)
	err = p.Object(func(name []byte) error {
		switch {
		case string(name) == key:
			return readList(p, key, &list, read)
		case total != nil && string(name) == "totalCount":
			return readInt(p, "totalCount", total)
		}
		return p.Skip()
	})
	if err == nil {
		err = p.End()
	}
	if err == nil && list == nil {
		err = BadField(key, "missing from the response")
	}
	return list, err
}

// readTime reads a date. The service stores whatever a script has put there, so
// that what is no date is the zero time.
func readTime(p *jsonstream.Parser, to *time.Time) error {
	if p.IsNull() {
		return nil
	}
	raw, err := p.Raw()
	if err != nil {
		return err
	}
	if raw[0] != '"' || to.UnmarshalText(raw[1:len(raw)-1]) != nil {
		*to = timeOf(raw)
	}
	return nil
}

// otherDates are written by tools beside the service, without a time zone in UTC.
var otherDates = []string{
	"2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05", time.DateOnly,
}

// timeOf reads a date that is not written as the service writes it: in another
// layout, in milliseconds, or as MongoDB's extended JSON does.
func timeOf(raw []byte) time.Time {
	var extended struct {
		Date json.RawMessage `json:"$date"`
		Long string          `json:"$numberLong"`
	}
	var text string
	var milliseconds int64
	switch {
	case raw[0] == '{' && json.Unmarshal(raw, &extended) == nil && extended.Date != nil && extended.Date[0] != '{':
		return timeOf(extended.Date)
	case extended.Date != nil && json.Unmarshal(extended.Date, &extended) == nil:
		milliseconds, _ = strconv.ParseInt(extended.Long, 10, 64)
	case json.Unmarshal(raw, &text) == nil:
		for _, layout := range otherDates {
			if at, err := time.Parse(layout, text); err == nil {
				return at
			}
		}
	default:
		_ = json.Unmarshal(raw, &milliseconds)
	}
	at := time.UnixMilli(milliseconds).UTC()
	if milliseconds == 0 || at.Year() > 9999 || at.Year() < 0 { // JSON has no such date
		return time.Time{}
	}
	return at
}

// readText reads a string; anything else that the server may hold is "".
func readText(p *jsonstream.Parser, to *string) (err error) {
	if !p.IsText() {
		return p.Skip()
	}
	*to, err = p.Text()
	return err
}

// readMetadata reads an object; anything else that the server may hold is nil.
func readMetadata(p *jsonstream.Parser, to *Metadata) error {
	if !p.IsObject() {
		return p.Skip()
	}
	m, err := p.Map()
	*to = m
	return err
}

// readBool reads true or false.
func readBool(p *jsonstream.Parser, field string, to *bool) (err error) {
	*to, err = p.Bool()
	return ofField(field, err)
}

// readInt reads an integer.
func readInt(p *jsonstream.Parser, field string, to *int) (err error) {
	*to, err = p.Int()
	return ofField(field, err)
}

// readNested reads an object inside another; null becomes nil.
func readNested[T any](p *jsonstream.Parser, field string, to **T, read func(*jsonstream.Parser) (*T, error)) (err error) {
	if p.IsNull() {
		return nil
	}
	*to, err = read(p)
	return within(field, err)
}

// rawOf returns the JSON of a stored object that was read from start on, with
// err as the outcome.
func rawOf(p *jsonstream.Parser, start int, hasID bool, err error) (json.RawMessage, error) {
	switch {
	case err != nil:
		return nil, err
	case !hasID:
		return nil, BadField("_id", "missing from the response")
	}
	return p.Since(start), nil
}

// ofField adds the name of the field to an error about a value of the wrong
// type.
func ofField(name string, err error) error {
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && kind.Field == "" {
		kind.Field = name
	}
	return err
}

// within prefixes a bad field with the name of the object around it.
func within(name string, err error) error {
	if bad, ok := errors.AsType[*shapeError](err); ok {
		return &shapeError{name + "." + bad.text}
	}
	return err
}
