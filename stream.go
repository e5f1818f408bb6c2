package messembed

import (
	"encoding/json"
	"errors"
	"io"
	"iter"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// streamed makes a sequence of a walk that reports its failure at the end.
func streamed[T any](c *Client, op string, opts []RequestOption, walk func(*Caller, func(*T) bool) error) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		call, err := c.begin(op, opts)
		if err != nil {
			yield(nil, err)
			return
		}
		stopped := false
		err = walk(call, func(item *T) bool {
			stopped = !yield(item, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

var errTruncated = errors.New("the answer ends too early")

// eachElement reads the array under key of the object that r holds, or the
// array that r holds when key is "", and hands its elements on one by one.
func eachElement(r *httpcall.Stream, key string, item func(json.RawMessage) (bool, error)) error {
	dec := json.NewDecoder(r)
	if key != "" {
		if err := seekKey(dec, r, key); err != nil {
			return endsTooEarly(err)
		}
	}
	if err := expectDelim(dec, '['); err != nil {
		return endsTooEarly(err)
	}
	for dec.More() {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return endsTooEarly(err)
		}
		r.NextItem()
		more, err := item(raw)
		if err != nil || !more {
			return err
		}
	}
	if err := expectDelim(dec, ']'); err != nil {
		return endsTooEarly(err)
	}
	return drain(dec, r, key != "")
}

// drain reads what follows the array, so that an answer which was cut short
// there is noticed and its connection can be used again.
func drain(dec *json.Decoder, r *httpcall.Stream, inObject bool) error {
	r.NextItem()
	if inObject {
		for dec.More() {
			var skipped json.RawMessage
			if err := dec.Decode(&skipped); err != nil {
				return endsTooEarly(err)
			}
			r.NextItem()
		}
		if err := expectDelim(dec, '}'); err != nil {
			return endsTooEarly(err)
		}
	}
	if _, err := dec.Token(); err != io.EOF {
		if err == nil {
			return BadField("the answer", "goes on after its end")
		}
		return endsTooEarly(err)
	}
	return nil
}

func seekKey(dec *json.Decoder, r *httpcall.Stream, key string) error {
	if err := expectDelim(dec, '{'); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		if name == key {
			return nil
		}
		var skipped json.RawMessage
		if err := dec.Decode(&skipped); err != nil {
			return err
		}
		r.NextItem()
	}
	return BadField(key, "the answer has none")
}

func expectDelim(dec *json.Decoder, want json.Delim) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	if token != want {
		return BadField("the answer", "is JSON of another shape")
	}
	return nil
}

// endsTooEarly tells an answer that was cut short from one that is wrong.
func endsTooEarly(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTruncated
	}
	return err
}
