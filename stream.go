package messembed

import (
	"context"
	"io"
	"iter"

	"github.com/messembed/messembed-go/internal/httpcall"
	"github.com/messembed/messembed-go/internal/jsonstream"
)

// streamed turns a walk into a sequence that yields its error last.
func streamed[T any](ctx context.Context, c *Client, op string, opts []RequestOption, walk func(*Call, func(*T) bool) error) iter.Seq2[*T, error] {
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

// stream sends the operation and reads its response as it arrives.
func (call *Call) stream(ctx context.Context, op Operation, r Request, read func(*httpcall.Stream) error) error {
	answer, err := call.do(ctx, op, r, true)
	if err != nil {
		return err
	}
	stream := answer.Stream
	defer func() { _ = stream.Close() }() // it was read, or is not wanted
	err = read(stream)
	if failed := stream.Failure(); failed != nil {
		return call.failed(failed)
	}
	if err != nil {
		return call.Unreadable(op, Answer{StatusCode: answer.StatusCode, Attempts: answer.Attempts}, err)
	}
	return nil
}

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
