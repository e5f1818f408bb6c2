package httpcall

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{
		"", "0", "1", "120", "-1", "+1", " 1", "1 ", "1.5", "1e3", "0x10", "soon", "31536000", "18446744073709551615", "18446744073709551616", "99999999999999999999999",
		"Fri, 31 Dec 1999 23:59:59 GMT", "Friday, 31-Dec-99 23:59:59 GMT", "Fri Dec 31 23:59:59 1999", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 0000 23:59:59 GMT", "007", "\u0661",
	} {
		f.Add(value)
	}
	now := time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		d, said := parseRetryAfter(value, now)
		if d < 0 || !said && d != 0 {
			t.Fatalf("%q: %v, %t", value, d, said)
		}
		digits := value != "" && strings.Trim(value, "0123456789") == ""
		at, err := http.ParseTime(value)
		switch {
		case digits:
			want := time.Duration(maxRetryAfterSeconds) * time.Second
			if n, err := strconv.ParseUint(value, 10, 64); err == nil && n < maxRetryAfterSeconds {
				want = time.Duration(n) * time.Second
			}
			if !said || d != want {
				t.Fatalf("%q: %v, %t, want %v", value, d, said, want)
			}
		case err == nil:
			if want := max(0, at.Sub(now)); !said || d != want {
				t.Fatalf("%q: %v, %t, want %v", value, d, said, want)
			}
		case said:
			t.Fatalf("%q: %v, and it is neither seconds nor a date", value, d)
		}
	})
}

// FuzzExpand shows that an argument is one segment of the path, in both forms that net/url keeps.
func FuzzExpand(f *testing.F) {
	for _, arg := range []string{"ada", ".", "..", "a/b", "%2f", "a b", "é", "\x00", "{id}", "}{"} {
		f.Add("", arg, "x")
		f.Add("api/messembed", "x", arg)
		f.Add("a%2Fb/%2e%2e", arg, arg)
	}
	f.Fuzz(func(t *testing.T, base, first, second string) {
		own, err := url.Parse("https://chat.example.com/" + strings.Trim(base, "/") + "/")
		if err != nil || own.Host != "chat.example.com" || own.RawQuery != "" || own.Fragment != "" {
			return
		}
		path, raw := newBase(own).expand("a/{id}/b/{id}", []string{first, second})
		if want := own.Path + "a/" + first + "/b/" + second; path != want {
			t.Fatalf("path %q, want %q", path, want)
		}
		u := &url.URL{Path: path, RawPath: raw}
		rest, ok := strings.CutPrefix(u.EscapedPath(), own.EscapedPath())
		segments := strings.Split(rest, "/")
		if !ok || len(segments) != 4 || segments[0] != "a" || segments[2] != "b" {
			t.Fatalf("%q and %q under %q went out as %q", first, second, base, u.EscapedPath())
		}
		for i, want := range []string{first, second} {
			segment := segments[1+2*i]
			if got, err := url.PathUnescape(segment); err != nil || got != want || segment == "." || segment == ".." {
				t.Fatalf("segment %q, want %q: %v", segment, want, err)
			}
		}
	})
}

// FuzzCause shows that the text of a transport error is one line and repeats no URL and nothing quoted.
func FuzzCause(f *testing.F) {
	for _, text := range []string{
		`Get "https://chat.example.com/users/ada?x=y": EOF`, "dial tcp 127.0.0.1:80: connect: connection refused", `malformed HTTP response "<secret>"`,
		"proxyconnect tcp: http://user:password@proxy:3128: refused", "://", `"`, "", "\n", "a\nb", "x https://", strings.Repeat("é", 300), "\xff", "GET wss://h/?password=x failed",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := safeText(text)
		if got == "" || strings.ContainsAny(got, "\"\n") || strings.Contains(got, "://") || len(got) > maxCauseText || utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Fatalf("%q: %q", text, got)
		}
	})
}
