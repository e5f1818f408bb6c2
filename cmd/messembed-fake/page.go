package main

import (
	"embed"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/messembed/messembed-go/messembedtest"
)

// pagePath is the path of the page, at the root of the listener whatever the
// service's base path is.
const pagePath = "/_fake/"

//go:embed page
var pageFiles embed.FS

// A page shows the contents of the fake and has buttons to change them.
type page struct {
	fake  *messembedtest.Server
	in    messembedtest.Inspector
	files fs.FS

	subjects subjects
}

// mountPage adds the page to the fake's listener. It returns false if the
// service itself is at the page's path.
func mountPage(fake *messembedtest.Server) bool {
	in := fake.Inspect()
	if basePath := in.BasePath(); basePath == strings.TrimSuffix(pagePath, "/") || strings.HasPrefix(basePath, pagePath) {
		return false
	}
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is embedded
	}
	p := &page{fake: fake, in: in, files: files}
	p.in.Mount(pagePath, p.handler())
	return true
}

func (p *page) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+pagePath, http.StripPrefix(pagePath, http.FileServerFS(p.files)))
	p.addAPI(mux)
	return guarded(mux)
}

// guarded keeps other sites from using the page. The fake accepts every origin,
// as the real server does, but the page can clear all data.
func guarded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; "+
			"style-src 'self'; img-src 'self'; connect-src 'self'; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-cache")
		switch {
		case !isNear(r.Host):
			http.Error(w, "messembed-fake: the page is served only under an IP address, localhost, a name "+
				"without a dot, or one that ends in .localhost, .local, .internal or .test; any "+
				"other name may belong to another site", http.StatusForbidden)
		case strings.HasPrefix(r.URL.Path, apiPath) && isCrossOrigin(r):
			http.Error(w, "messembed-fake: cross-origin requests are not allowed", http.StatusForbidden)
		default:
			h.ServeHTTP(w, r)
		}
	})
}

// isNear reports whether a Host header names a machine, rather than a site
// whose name resolves to this one (DNS rebinding): for the browser, such a site
// and the page are the same origin.
func isNear(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if !strings.Contains(host, ".") || net.ParseIP(host) != nil {
		return true
	}
	for _, ending := range []string{".localhost", ".local", ".internal", ".test"} {
		if strings.HasSuffix(host, ending) {
			return true
		}
	}
	return false
}

// isCrossOrigin reports whether a browser sent the request on behalf of another
// site. Programs other than browsers do not.
func isCrossOrigin(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return true
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || u.Host != r.Host
}
