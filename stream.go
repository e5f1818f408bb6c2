package messembed

import (
	"context"
	"io"
	"iter"

	"github.com/messembed/messembed-go/internal/httpcall"
	"github.com/messembed/messembed-go/internal/jsonstream"
)

// streamed makes a sequence of a walk that reports its failure at the end.
func streamed[T any](ctx context.Context, c *Client, op string, opts []RequestOption, walk func(*Caller, func(*T) bool) error) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		call, err := c.begin(ctx, op, opts)
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

// stream sends the operation and reads its answer as it comes.
func (call *Caller) stream(ctx context.Context, op Operation, r Request, read func(*httpcall.Stream) error) error {
	answer, err := call.do(ctx, op, r, true)
	if err != nil {
		return err
	}
	stream := answer.Stream
	defer func() { _ = stream.Close() }() // it has been read, or is not wanted
	err = read(stream)
	if failed := stream.Failure(); failed != nil {
		failed.StatusCode = answer.StatusCode
		return call.failed(failed, Refusal{})
	}
	if err != nil {
		return call.Unreadable(op, Answer{StatusCode: answer.StatusCode, Attempts: answer.Attempts}, err)
	}
	return nil
}

// eachParsed sends the operation and calls item for each element of the array
// that its answer holds under key, or is, when key is "". It decodes where the
// answer lies, before it is known to have come whole, which saves looking at it
// twice. What follows the array is read too, so that an answer which was cut short
// there is noticed and its connection can be used again. item says false to stop.
func eachParsed[T any](ctx context.Context, call *Caller, op Operation, r Request, key string, read func(*jsonstream.Parser) (*T, error), item func(*T) bool) error {
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

// streamError names what is wrong with a list. One that was cut short on its way
// is the stream's own failure.
func streamError(key string, err error) error {
	switch err {
	case io.ErrUnexpectedEOF:
		return BadField("the answer", "ends too early")
	case jsonstream.ErrNoKey:
		return BadField(key, err.Error())
	case jsonstream.ErrShape, jsonstream.ErrTrailing:
		return BadField("the answer", err.Error())
	}
	return err
}
