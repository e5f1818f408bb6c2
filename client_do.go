package messembed

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Do sends a request that the client has no method for, with the client's
// credentials, retries, limits and errors, and returns the whole 2xx response:
//
//	op := messembed.Operation{Name: "ServerVersion", Method: http.MethodGet, Route: "version", Repeatable: true}
//	answer, err := client.Do(ctx, op, messembed.Request{})
//
// The route is below the base URL and has no leading slash; r.Args has one entry
// for each of its {placeholders}, each sent as one segment whatever it contains.
// op.Write and op.Repeatable decide what is sent again and when
// [Error].MaybeApplied is set; see [Operation]. Error.Op is op.Name. A mistake in
// op or r is ErrInvalidArgument, and nothing is sent.
func (c *Client) Do(ctx context.Context, op Operation, r Request, opts ...RequestOption) (Answer, error) {
	if op.Name == "" {
		return Answer{}, newInvalid("Do", "op.Name: must not be empty")
	}
	call, err := c.begin(ctx, op.Name, opts)
	if err != nil {
		return Answer{}, err
	}
	if err := call.Invalid(append(op.problems(len(r.Args)), r.problems()...)...); err != nil {
		return Answer{}, err
	}
	return call.Send(ctx, op, r)
}

var (
	methodPattern = regexp.MustCompile(`^[A-Z]+$`)
	routePattern  = regexp.MustCompile(`^([A-Za-z0-9._~!$&'()*+,;=:@/-]|\{[A-Za-z0-9_]+\})*$`)
)

func (op Operation) problems(args int) (found problems) {
	switch {
	case op.Method == "":
		found.add("op.Method: must not be empty")
	case !methodPattern.MatchString(op.Method), op.Method == http.MethodConnect:
		found.add("op.Method: must be a method of HTTP in capital letters, not CONNECT")
	}
	switch placeholders := strings.Count(op.Route, "{"); {
	case strings.HasPrefix(op.Route, "/"):
		found.add("op.Route: must not begin with a slash; it is below the base URL")
	case strings.ContainsAny(op.Route, "?#"):
		found.add("op.Route: must not have a query or a fragment; see Request.Query")
	case !routePattern.MatchString(op.Route) || slices.ContainsFunc(strings.Split(op.Route, "/"), isDots):
		found.add("op.Route: must be a path with placeholders in braces; what needs escaping goes into Request.Args")
	case placeholders != args:
		found.add(fmt.Sprintf("r.Args: has %d entries, the route has %d placeholders", args, placeholders))
	}
	return found
}

func isDots(segment string) bool { return segment == "." || segment == ".." }

func (r Request) problems() (found problems) {
	for i, arg := range r.Args {
		found.add(idProblem(fmt.Sprintf("r.Args[%d]", i), arg))
	}
	if strings.ContainsFunc(r.Query, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '#' }) {
		found.add("r.Query: must be encoded, as url.Values.Encode does it")
	}
	for name, values := range r.Header {
		for _, value := range values {
			if err := checkCallHeader(name, value); err != nil {
				found.add("r.Header: " + err.Error())
			}
		}
	}
	if r.Type != "" {
		if err := checkHeader("Content-Type", r.Type); err != nil {
			found.add("r.Type: " + err.Error())
		}
	}
	return found
}
