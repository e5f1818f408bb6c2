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

// The kinds of failure, for [errors.Is]. Every error of a [Client]'s methods is
// an [*Error] of exactly one of them.
var (
	// ErrInvalidArgument: the parameters, not the moment, are at fault. With a
	// StatusCode of 0 the SDK found it and nothing was sent.
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrUnauthenticated: the service, or the token endpoint, refuses the
	// client's credentials.
	ErrUnauthenticated = errors.New("unauthenticated")
	// ErrPermissionDenied: the credentials are good, and not for this.
	ErrPermissionDenied = errors.New("permission denied")
	// ErrNotFound: there is no such user, chat or message, or it is deleted.
	ErrNotFound = errors.New("not found")
	// ErrAlreadyExists: the id, or the pair of companions, is taken.
	ErrAlreadyExists = errors.New("already exists")
	// ErrUserBlocked: the user's block status does not allow it.
	ErrUserBlocked = errors.New("user blocked")
	// ErrChatInactive: the chat is blocked and takes no messages.
	ErrChatInactive = errors.New("chat inactive")
	// ErrRateLimited: the service asks for a pause; RetryAfter says how long,
	// where the service does.
	ErrRateLimited = errors.New("rate limited")
	// ErrUnavailable: no answer came, not in time, not whole, or it was a 5xx.
	ErrUnavailable = errors.New("unavailable")
	// ErrTooLarge: the request is larger than the service takes, or the answer
	// larger than WithMaxResponseBytes.
	ErrTooLarge = errors.New("too large")
	// ErrInvalidResponse: the answer is none of this service's: a redirect, an
	// HTML page, JSON of another shape.
	ErrInvalidResponse = errors.New("invalid response")
	// ErrTooManyFailures: ImportUsers met MaxFailures failed rows.
	ErrTooManyFailures = errors.New("too many failures")
	// ErrUnsupported: the service has no such operation. It is also
	// [errors.ErrUnsupported].
	ErrUnsupported = fmt.Errorf("%w by this service", errors.ErrUnsupported)
)

// Error is how every method of [Client] fails. Use [errors.Is] with the
// package's sentinels to tell the kinds apart, and [errors.As] for the details.
//
// It is safe to print and to log in every way: it holds no credential, token,
// URL, query or body.
type Error struct {
	Op           string        // the method: "CreateUser"
	StatusCode   int           // the answer's HTTP status; 0: no answer arrived
	Code         string        // the service's own: "USER_ID_IS_NOT_UNIQUE"
	Message      string        // the service's own words or the SDK's
	Details      []string      // one entry for each thing that validation found
	RequestID    string        // sent as X-Request-Id, which the service writes to its log
	RetryAfter   time.Duration // 0: the service asked for no pause
	Attempts     int           // how often the operation was sent
	MaybeApplied bool          // the service may have carried the operation out although the call failed
	Err          error         // the cause, without URLs; may be nil

	kind error // one of the sentinels
}

// Error gives the operation, the kind, the service's words and how often it was
// tried.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("messembed: ")
	b.WriteString(e.Op)
	b.WriteString(": ")
	if e.kind != nil {
		b.WriteString(e.kind.Error())
	} else {
		b.WriteString("failed")
	}
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

// GoString keeps %#v as safe as Error.
func (e *Error) GoString() string { return "&messembed.Error{" + strconv.Quote(e.Error()) + "}" }

// Is tells whether target is the error's kind.
func (e *Error) Is(target error) bool {
	return target == e.kind || e.kind == ErrUnsupported && target == errors.ErrUnsupported
}

// Unwrap gives the cause: [context.Canceled], [syscall.ECONNREFUSED], ….
func (e *Error) Unwrap() error { return e.Err }

// LogValue gives the fields to a slog handler one by one.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("op", e.Op)}
	if e.kind != nil {
		attrs = append(attrs, slog.String("kind", e.kind.Error()))
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

// kindOfStatus is what an HTTP error status means where the service says
// nothing more precise.
func kindOfStatus(status int, code string) error {
	switch status {
	case http.StatusUnauthorized:
		return ErrUnauthenticated
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

// quotedJSON is where a text starts to repeat a body, in a text of its own too.
var quotedJSON = regexp.MustCompile(`[{\[]\s*\\*"`)

// serviceText is a service's words as an error may repeat them: one line, not
// long, and cut where they start to repeat the request's query or body.
func serviceText(s string) string {
	s, _, _ = strings.Cut(s, "?")
	if at := quotedJSON.FindStringIndex(s); at != nil {
		s = strings.TrimRight(s[:at[0]], " :")
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

// codeText is a service's code as an error may repeat it.
func codeText(code string) string {
	if len(code) > 100 {
		code = code[:100]
	}
	return serviceText(code)
}

// safeCauseText is a cause's text; of a cause that is not the SDK's own making
// only its type.
func safeCauseText(err error) string {
	if cause, ok := err.(*httpcall.Cause); ok { //nolint:errorlint // only the outermost is the SDK's own making
		return cause.Error()
	}
	return fmt.Sprintf("%T", err)
}
