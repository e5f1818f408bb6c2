package httpcall

import (
	"context"
	"io"
	"time"
)

// Stream is the body of a response that is read as it arrives. Reading fails if
// nothing arrives for AttemptTimeout, or if an item exceeds MaxResponseBytes.
type Stream struct {
	ctx    context.Context // of the attempt
	status int
	body   moving
	limit  int64
	left   int64
	ended  *Failure

	timer      *time.Timer // ends the attempt
	maxSilence time.Duration
	cancel     context.CancelCauseFunc
}

// NextItem reports that an item of this size, in bytes, was read completely:
// the next may be as large as the limit again. What is read ahead counts for
// the next.
func (s *Stream) NextItem(size int) error {
	if int64(size) > s.limit {
		return s.end(TooLarge, errTooLarge)
	}
	s.left = s.limit
	return nil
}

func (s *Stream) Read(p []byte) (int, error) {
	if s.ended != nil {
		return 0, s.ended.Err
	}
	if s.left <= 0 {
		return 0, s.end(TooLarge, errTooLarge)
	}
	if int64(len(p)) > s.left {
		p = p[:s.left]
	}
	s.timer.Reset(s.maxSilence)
	n, err := s.body.Read(p)
	for n == 0 && err == nil && len(p) > 0 && s.ctx.Err() == nil { // that is still silence
		n, err = s.body.Read(p)
	}
	s.timer.Stop()
	s.left -= int64(n)
	if err == nil {
		err = s.ctx.Err() // a transport's body need not know of it
	}
	if err != nil && err != io.EOF {
		reason := CutShort
		if s.ctx.Err() != nil {
			reason, err = NoAnswer, reasonOf(s.ctx, err)
		}
		if _, timedOut := err.(*timeoutError); timedOut { //nolint:errorlint // it is never wrapped
			err = errSilence
		}
		err = s.end(reason, err)
	}
	return n, err
}

func (s *Stream) end(reason Reason, err error) error {
	s.ended = progressOf(s.ctx).fail(reason, err)
	s.ended.StatusCode = s.status
	return s.ended.Err
}

// Failure returns why reading ended; nil if it did not fail.
func (s *Stream) Failure() *Failure { return s.ended }

// Close ends the response. If it was read to its end, the connection is reused;
// otherwise it is closed.
func (s *Stream) Close() error {
	err := s.body.Close()
	s.cancel(nil)
	return err
}
