package messembed

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// The kinds of errors, for use with [errors.Is]. Every error returned by a
// [Client]'s methods is an [*Error] of exactly one kind. The only exceptions
// are your own errors, which are returned unchanged: those of the function
// given to [Client.ModifyUser] and of the sequence given to
// [Client.ImportUsers].
var (
	// ErrInvalidArgument means that the parameters are at fault, so that
	// retrying does not help. If StatusCode is 0, the SDK rejected them and
	// nothing was sent.
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrUnauthenticated means that the service, or the token endpoint,
	// rejected the client's credentials.
	ErrUnauthenticated = errors.New("unauthenticated")
	// ErrPermissionDenied means that the credentials are valid but do not
	// permit this operation.
	ErrPermissionDenied = errors.New("permission denied")
	// ErrNotFound means that the user, chat or message does not exist or is
	// deleted.
	ErrNotFound = errors.New("not found")
	// ErrAlreadyExists means that the id, another unique field such as an
	// e-mail address, or the pair of companions is taken.
	ErrAlreadyExists = errors.New("already exists")
	// ErrUserBlocked means that the user's block status does not permit the
	// operation.
	ErrUserBlocked = errors.New("user blocked")
	// ErrChatInactive means that the chat is blocked and accepts no messages.
	ErrChatInactive = errors.New("chat inactive")
	// ErrRateLimited means that the service asked for a pause. RetryAfter is
	// its length, if the service gave one.
	ErrRateLimited = errors.New("rate limited")
	// ErrUnavailable means that no response arrived, that it arrived late or
	// incomplete, or that its status was 5xx, 408, 425 or, from a proxy that wants
	// credentials of its own, 407. A cancelled or expired context is
	// this kind too, and the error then also matches [context.Canceled] or
	// [context.DeadlineExceeded]; only a call that was waiting to retry after a
	// 429 stays ErrRateLimited. A call that exceeded [WithTimeout] or
	// [WithAttemptTimeout] matches context.DeadlineExceeded as well.
	ErrUnavailable = errors.New("unavailable")
	// ErrTooLarge means that the request exceeds what the service accepts, or
	// the response exceeds [WithMaxResponseBytes].
	ErrTooLarge = errors.New("too large")
	// ErrInvalidResponse means that the response did not come from the chat
	// service or could not be understood: a redirect, an HTML page, unexpected
	// JSON.
	ErrInvalidResponse = errors.New("invalid response")
	// ErrTooManyFailures means that [Client.ImportUsers] reached MaxFailures
	// failed rows.
	ErrTooManyFailures = errors.New("too many failures")
	// ErrTooManyVanished means that more users than MaxVanished are missing from
	// the input of [Client.SyncUsers], or that it has no rows, or rows that name
	// no user. None of the missing users was changed.
	ErrTooManyVanished = errors.New("too many vanished users")
	// ErrUnsupported means one of two things. If StatusCode is 404, nothing at
	// the base URL has the operation's route: check the base URL first, including
	// its path. If StatusCode is 0, the service is known not to have the
	// operation, and nothing was sent; see [Client.Supports]. It also matches
	// [errors.ErrUnsupported].
	ErrUnsupported = fmt.Errorf("%w by this service", errors.ErrUnsupported)
)

// Error is the error returned by the methods of [Client]. Use [errors.Is] with
// the package's sentinels to tell the kinds apart, and [errors.As] for the
// details.
//
// It is safe to print and to log in every way: it contains no credential,
// token, URL, query or body. encoding/json does not write Kind: to pass an error
// on as JSON, send Error's text, or fields of your own choice.
//
// A stub may return one of its own, with as few fields as the test needs:
//
//	return nil, &messembed.Error{Kind: messembed.ErrNotFound}
type Error struct {
	Kind         error         // one of the sentinels, such as ErrNotFound
	Op           string        // the method, such as "CreateUser"
	StatusCode   int           // HTTP status of the last response; 0 if none arrived
	Code         string        // the service's error code, such as "USER_ID_IS_NOT_UNIQUE"
	Message      string        // the service's message or the SDK's
	Details      []string      // one entry for each problem that validation found
	RequestID    string        // sent as X-Request-Id, which Messembed writes to its log
	RetryAfter   time.Duration // the pause that the service asked for; 0 if none
	Attempts     int           // how many times the operation was sent
	MaybeApplied bool          // the service may have carried out the operation although the call failed
	Err          error         // the cause, without URLs; may be nil

	final bool // see Refusal
}

// Error returns the operation, the kind, the message and the cause, followed in
// parentheses by the status, the code, the number of attempts, RetryAfter and
// MaybeApplied, as far as they are set.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("messembed: ")
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	b.WriteString(e.kindText())
	if e.Message != "" {
		b.WriteString(": ")
		b.WriteString(e.Message)
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(safeCauseText(e.Err))
	}
	var notes []string
	if e.StatusCode != 0 {
		notes = append(notes, "status "+strconv.Itoa(e.StatusCode))
	}
	if e.Code != "" {
		notes = append(notes, "code "+e.Code)
	}
	if e.Attempts > 1 {
		notes = append(notes, strconv.Itoa(e.Attempts)+" attempts")
	}
	if e.RetryAfter > 0 {
		notes = append(notes, "retry after "+e.RetryAfter.String())
	}
	if e.MaybeApplied {
		notes = append(notes, "it may have been carried out")
	}
	if len(notes) > 0 {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	return b.String()
}

// kindText is the kind in words. Of ErrUnsupported there are two: what the service
// is known not to have, and a 404, which is mostly the fault of the base URL.
func (e *Error) kindText() string {
	switch {
	case e.Kind == nil:
		return "failed"
	case e.Kind == ErrUnsupported && e.StatusCode == http.StatusNotFound:
		return "no such route"
	}
	return e.Kind.Error()
}

// GoString makes %#v as safe as Error.
func (e *Error) GoString() string { return "&messembed.Error{" + strconv.Quote(e.Error()) + "}" }

// Is reports whether target is the kind of e.
func (e *Error) Is(target error) bool {
	return target != nil && (target == e.Kind || e.Kind == ErrUnsupported && target == errors.ErrUnsupported)
}

// Unwrap returns the cause, such as [context.Canceled] or
// [syscall.ECONNREFUSED].
func (e *Error) Unwrap() error { return e.Err }

// LogValue returns the fields as a group, for slog.
func (e *Error) LogValue() slog.Value {
	var attrs []slog.Attr
	if e.Op != "" {
		attrs = append(attrs, slog.String("op", e.Op))
	}
	if e.Kind != nil {
		attrs = append(attrs, slog.String("kind", e.kindText()))
	}
	if e.StatusCode != 0 {
		attrs = append(attrs, slog.Int("status", e.StatusCode))
	}
	if e.Code != "" {
		attrs = append(attrs, slog.String("code", e.Code))
	}
	if e.Message != "" {
		attrs = append(attrs, slog.String("message", e.Message))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("cause", safeCauseText(e.Err)))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	attrs = append(attrs, slog.Int("attempts", e.Attempts), slog.Bool("maybe_applied", e.MaybeApplied))
	if e.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", e.RetryAfter))
	}
	return slog.GroupValue(attrs...)
}

// kindOfStatus returns the kind of an HTTP error status, for a service that
// says nothing more precise.
func kindOfStatus(status int, code string) error {
	switch status {
	case http.StatusUnauthorized:
		return ErrUnauthenticated
	case http.StatusProxyAuthRequired, http.StatusRequestTimeout, http.StatusTooEarly:
		return ErrUnavailable // the service has not dealt with the request
	case http.StatusForbidden:
		return ErrPermissionDenied
	case http.StatusNotFound:
		if code == "" {
			return ErrUnsupported
		}
		return ErrNotFound
	case http.StatusConflict:
		return ErrAlreadyExists
	case http.StatusRequestEntityTooLarge:
		return ErrTooLarge
	case http.StatusTooManyRequests:
		return ErrRateLimited
	}
	if status/100 == 4 {
		return ErrInvalidArgument
	}
	return ErrUnavailable
}

const maxServiceText = 300

// quotedJSON matches where a message starts to repeat a body, escaped or not.
var quotedJSON = regexp.MustCompile(`\{\s*\\*"`)

// serviceText sanitizes a service's message for use in an error: one line, of
// limited length, cut where it starts to repeat the request's query or body.
func serviceText(s string) string {
	s, _, _ = strings.Cut(s, "?")
	if at := quotedJSON.FindStringIndex(s); at != nil {
		s = s[:at[0]] + "[…]"
	}
	return shortened(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s))
}

func shortened(s string) string {
	if len(s) > maxServiceText {
		s = strings.ToValidUTF8(s[:maxServiceText], "") + "…"
	}
	return s
}

// codeText sanitizes a service's error code for use in an error.
func codeText(code string) string {
	if len(code) > 100 {
		code = code[:100]
	}
	return serviceText(code)
}

// safeCauseText returns the text of a cause made by the SDK, and only the type
// of any other.
func safeCauseText(err error) string {
	if cause, ok := err.(*httpcall.Cause); ok { //nolint:errorlint // only the outermost is the SDK's own making
		return cause.Error()
	}
	return fmt.Sprintf("%T", err)
}
