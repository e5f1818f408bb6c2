package messembed

import (
	"encoding/json"
	"errors"
	"io"
	"iter"

	"github.com/messembed/messembed-go/internal/httpcall"
	"github.com/messembed/messembed-go/internal/jsonstream"
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
// array that r holds when key is "", and hands its elements on one by one. What
// follows the array is read too, so that an answer which was cut short there is
// noticed and its connection can be used again.
func eachElement(r *httpcall.Stream, key string, item func(json.RawMessage) (bool, error)) error {
	elements := jsonstream.NewElements(r, r.NextItem)
	if err := elements.Seek(key); err != nil {
		return streamError(key, err)
	}
	for {
		raw, err := elements.Next()
		if err != nil {
			return streamError(key, err)
		}
		if err := r.NextItem(len(raw)); err != nil {
			return err
		}
		if raw == nil {
			return streamError(key, elements.Finish())
		}
		if more, err := item(raw); err != nil || !more {
			return err
		}
	}
}

// streamError names what is wrong with a list, and tells one that was cut short
// from one that is wrong.
func streamError(key string, err error) error {
	switch err {
	case io.ErrUnexpectedEOF:
		return errTruncated
	case jsonstream.ErrNoKey:
		return BadField(key, err.Error())
	case jsonstream.ErrShape, jsonstream.ErrTrailing:
		return BadField("the answer", err.Error())
	}
	return err
}
