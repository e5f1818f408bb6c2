package page_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// With 10,000 users and 100,000 requests, all can be reached, the browser holds a
// page of each, and an answer to a key press is not waited for.
func TestPage_large(t *testing.T) {
	const users, requests = 10_000, 100_000
	var csv strings.Builder
	csv.WriteString("id,name,city\n")
	for i := range users {
		fmt.Fprintf(&csv, "user-%05d,Person %d,Town %d\n", i, i, i%100)
	}
	seed := filepath.Join(t.TempDir(), "users.csv")
	require.NoError(t, os.WriteFile(seed, []byte(csv.String()), 0o600))
	b := openBrowser(t)
	url := startFake(t, "-seed", seed)
	sendMany(t, url, requests)

	b.show(1280, "light")
	b.do(chromedp.Navigate(url + pagePath))
	b.waitText("#users-pages", "1–100 of 10,000")
	b.waitText("#requests-pages", "1–100 of 100,000")
	assert.Equal(t, 100, b.count("#users-list li"))
	assert.Equal(t, 100, b.count("#requests-list li"))

	steps := map[string]time.Duration{}
	timed := func(what string, do, until func()) {
		began := time.Now()
		do()
		until()
		steps[what] = time.Since(began)
	}
	timed("search users", func() { b.search("#users-search", "user-00007") }, func() { b.waitFor("one user", func() bool { return b.count("#users-list li") == 1 }) })
	b.search("#users-search", "")
	b.waitText("#users-pages", "of 10,000")
	timed("last users", func() { b.do(chromedp.Click(`#users-pages [aria-label="Oldest"]`)) }, func() { b.waitText("#users-list", "user-00000") })
	b.waitText("#users-pages", "9,901–10,000 of 10,000")
	timed("search requests", func() { b.search("#requests-search", "n=54321") }, func() { b.waitText("#requests-list", "/ping?n=54321") })
	assert.Equal(t, 1, b.count("#requests-list li"))
	b.search("#requests-search", "")
	b.waitText("#requests-pages", "of 100,000")
	timed("last requests", func() { b.do(chromedp.Click(`#requests-pages [aria-label="Oldest"]`)) }, func() { b.waitText("#requests-list", "/ping?n=0") })
	b.waitText("#requests-pages", "99,901–100,000 of 100,000")

	// An older page stands still while requests come in.
	timed("an older page", func() {
		b.do(chromedp.Click(`#requests-pages [aria-label="Newest"]`))
		b.waitText("#requests-list", "n=99999")
		b.do(chromedp.Click(`#requests-pages [aria-label="Older"]`))
	}, func() { b.waitText("#requests-list li:first-child", "n=99899") })
	sendMany(t, url, 3)
	b.waitText("#requests-pages", "101–200 of 99,997, 3 newer") // the fake keeps 100,000
	b.waitText("#requests-list li:first-child", "n=99899")
	b.shootAll("large", "#/requests", "#requests-list li")
	b.shootAll("large-users", "#/users", "#users-list li")
	for what, took := range steps {
		t.Logf("%s: %d ms", what, took.Milliseconds())
		assert.Less(t, took, patience/2, what) // on a busy machine; alone, a few tenths of a second
	}
	assert.Empty(t, b.complaints.all(), "the browser complains")
}

// sendMany sends requests over one connection, without waiting for the responses
// in between.
func sendMany(t *testing.T, url string, n int) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	go func() {
		w := bufio.NewWriter(conn)
		for i := range n {
			fmt.Fprintf(w, "GET /ping?n=%d HTTP/1.1\r\nHost: fake.test\r\nX-Request-Id: %d\r\nUser-Agent: many\r\nAccept: application/json\r\n\r\n", i, i)
		}
		_ = w.Flush() // a failure shows as a missing response
	}()
	r := bufio.NewReader(conn)
	for range n {
		resp, err := http.ReadResponse(r, nil)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	}
}
