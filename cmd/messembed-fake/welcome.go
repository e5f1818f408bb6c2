package main

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
)

// An introduction is what the fake says of itself when it accepts requests.
type introduction struct {
	url, basePath, password string
	hasPage                 bool
	seed                    string // the file with the users, if one was given
	users                   int    // how many it had
}

// print prints where the fake listens, what to open in a browser, and what to
// copy into the shell of a client. Programs read the first line.
func (in introduction) print(stdout, stderr io.Writer) {
	var b strings.Builder
	fmt.Fprintf(&b, "messembed-fake: listening on %s\n", in.url)
	host, reachable := hostOf(in.url)
	origin := "http://" + host
	if in.hasPage {
		fmt.Fprintf(&b, "page: %s\n", origin+pagePath)
	}
	if in.users > 0 {
		fmt.Fprintf(&b, "users: %d from %s\n", in.users, in.seed)
	}
	fmt.Fprintf(&b, "\nexport MESSEMBED_URL=%s\nexport MESSEMBED_PASSWORD=%s\n", plain(origin+in.basePath), plain(in.password))
	_, _ = io.WriteString(stdout, b.String())
	if in.seed != "" && in.users == 0 {
		fmt.Fprintf(stderr, "messembed-fake: warning: -seed: %s has no users\n", in.seed)
	}
	if reachable && in.password == defaultPassword {
		fmt.Fprintln(stderr, "messembed-fake: warning: other machines can connect, and the password is the default one; set another with -password")
	}
}

// hostOf returns the host and port under which this machine reaches the fake, and
// whether others may too.
func hostOf(serviceURL string) (host string, reachable bool) {
	u, err := url.Parse(serviceURL)
	if err != nil {
		return serviceURL, true
	}
	ip := net.ParseIP(u.Hostname())
	if ip.IsUnspecified() {
		return "localhost:" + u.Port(), true
	}
	return u.Host, !ip.IsLoopback()
}

// plain quotes a word for a POSIX shell if it needs it.
func plain(word string) string {
	if strings.ContainsFunc(word, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.:/%@", c))
	}) {
		return quoted(word)
	}
	return word
}
