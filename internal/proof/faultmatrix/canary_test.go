package faultmatrix_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// The canaries: secrets and user data in the tests. None of them may appear in
// an error or a log.
const (
	canaryPassword = "canary-password-7d1f"
	canarySecret   = "canary-secret-93ab"
	canaryToken    = "gateway-token-" // the prefix of all tokens from the fake's token endpoint
	canaryJWT      = "canary-jwt-secret-e07c"
	canaryMetadata = "canary-metadata-51c2"
	canaryNumber   = 2111222233
)

// canaryTime appears in queries.
var canaryTime = time.Date(2077, 7, 7, 7, 7, 7, 0, time.UTC)

var canaries = []string{
	canaryPassword, canarySecret, canaryToken, canaryJWT, canaryMetadata, strconv.Itoa(canaryNumber), "2077-07-07", "eyJ",
	base64.StdEncoding.EncodeToString([]byte("admin:" + canaryPassword)),
	base64.StdEncoding.EncodeToString([]byte("client:" + canarySecret)),
}

// canaryIn returns the first canary in the text, or "".
func canaryIn(text string) string {
	for _, canary := range canaries {
		if strings.Contains(text, canary) {
			return canary
		}
	}
	return ""
}

// showings formats an error, and each error that it wraps, in every way.
func showings(err error) string {
	var b strings.Builder
	logged := slog.New(slog.NewJSONHandler(&b, nil))
	for _, e := range chain(err) {
		fmt.Fprintf(&b, "%s\n%v\n%+v\n%#v\n%s\n%q\n", e.Error(), e, e, e, e, e)
		logged.Error("failed", "err", e)
		if data, failed := json.Marshal(e); failed == nil {
			b.Write(data)
		}
		if own, ok := e.(*messembed.Error); ok { //nolint:errorlint // the chain is walked here
			fmt.Fprintf(&b, "%v\n%+v\n%#v\n%v\n%v\n", *own, *own, *own, own.LogValue(), own.Details)
			fmt.Fprintf(&b, "%v %+v %#v\n", struct{ E error }{own}, struct{ E *messembed.Error }{own}, struct{ E error }{own})
		}
	}
	return b.String()
}

// chain returns the error and all errors that it wraps.
func chain(err error) []error {
	if err == nil {
		return nil
	}
	errs := []error{err}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			errs = append(errs, chain(e)...)
		}
		return errs
	}
	return append(errs, chain(errors.Unwrap(err))...)
}

// debugLog returns a logger that logs everything, and its output.
func debugLog() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug - 4, AddSource: true})), &b
}
