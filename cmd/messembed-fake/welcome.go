package main

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
)

// welcome prints where the fake listens, what to open in a browser, and what to
// copy into the shell of a client. Programs read the first line.
func welcome(stdout, stderr io.Writer, serviceURL, basePath, password string, hasPage bool) {
	var b strings.Builder
	fmt.Fprintf(&b, "messembed-fake: listening on %s\n", serviceURL)
	host, reachable := hostOf(serviceURL)
	origin := "http://" + host
	if hasPage {
		fmt.Fprintf(&b, "page: %s\n", origin+pagePath)
	}
	fmt.Fprintf(&b, "\nexport MESSEMBED_URL=%s\nexport MESSEMBED_PASSWORD=%s\n", plain(origin+basePath), plain(password))
	_, _ = io.WriteString(stdout, b.String())
	if reachable && password == defaultPassword {
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
