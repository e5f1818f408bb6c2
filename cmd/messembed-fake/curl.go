package main

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/messembed/messembed-go/messembedtest"
)

// omittedHeaders are the headers that curl sets itself, the id that would make
// the request another attempt of the same call, and what a browser adds.
var omittedHeaders = []string{
	"Accept-Encoding", "Connection", "Content-Length", "User-Agent", "X-Request-Id",
	"Accept-Language", "Cache-Control", "Dnt", "Pragma", "Priority", "Referer", "Upgrade-Insecure-Requests",
}

func isOmitted(name string) bool {
	return slices.Contains(omittedHeaders, name) || strings.HasPrefix(name, "Sec-")
}

// curl returns a command that sends a request again. Credentials, which the log
// does not hold, are shell variables: MESSEMBED_PASSWORD, ACCESS_TOKEN for a
// user's, and for a header that may hold a secret one of the header's name. An
// upgrade to a websocket has no command.
func curl(origin, basePath string, e *messembedtest.LoggedRequest) string {
	if e.Header.Get("Upgrade") != "" {
		return ""
	}
	command := []string{"curl -i " + quotedURL(origin+target(e))}
	add := func(part string) { command = append(command, part) }
	switch {
	case e.Method == http.MethodHead:
		add("--head")
	case e.Method != http.MethodGet || len(e.Body) > 0:
		add("-X " + quoted(e.Method))
	}
	switch path := strings.TrimPrefix(e.Path, basePath) + "/"; {
	case strings.HasPrefix(path, "/admin-api/"):
		add(`-u "admin:$MESSEMBED_PASSWORD"`)
	case strings.HasPrefix(path, "/user/"), strings.HasPrefix(path, "/chats/"), strings.HasPrefix(path, "/updates/"):
		add(`-H "Authorization: Bearer $ACCESS_TOKEN"`)
	}
	shown, hidden := splitHeader(e.Header)
	for _, field := range shown {
		if !isOmitted(field[0]) {
			add("-H " + quoted(field[0]+": "+field[1]))
		}
	}
	for _, name := range hidden {
		if !isOmitted(name) {
			add(`-H "` + name + `: $` + variable(name) + `"`)
		}
	}
	switch text := string(e.Body); {
	case text == "":
	case !utf8.ValidString(text) || strings.Contains(text, "\x00"):
		add("--data-binary @body # which is not text")
	default:
		add("--data-binary " + quoted(text))
	}
	return strings.Join(command, " \\\n  ")
}

// quoted quotes a text for a POSIX shell.
func quoted(s string) string { return "'" + escaped(s) + "'" }

// escaped returns a text for within quotes.
func escaped(s string) string { return strings.ReplaceAll(s, "'", `'\''`) }

// queryCredentials are the values of the query's parameters that the log leaves
// empty.
var queryCredentials = map[string]string{"username": "admin", "password": "$MESSEMBED_PASSWORD", "token": "$ACCESS_TOKEN"}

func quotedURL(url string) string {
	path, query, found := strings.Cut(url, "?")
	if !found {
		return quoted(url)
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		pairs[i] = escaped(pair)
		if credential := queryCredentials[name]; credential != "" && value == "" {
			pairs[i] += `'"` + credential + `"'`
		}
	}
	return "'" + escaped(path) + "?" + strings.Join(pairs, "&") + "'"
}

// variable returns the shell variable for a header: X_GATEWAY_KEY for
// X-Gateway-Key.
func variable(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, strings.ToUpper(name))
}
