// Command readlist reads a list of users and prints what that cost: with the SDK
// (sdk), with encoding/json's Token and Decode (tokens) or as a whole (whole).
//
//	readlist sdk|tokens|whole URL
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/bench/internal/byhand"
)

func main() {
	if err := readList(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "readlist:", err)
		os.Exit(1)
	}
}

// listed is the output that bench reads.
type listed struct {
	Users                     int
	Bytes                     int64
	Seconds, First, FirstTime float64
	PeakKiB                   float64
}

// countingTransport counts the bytes of the responses.
type countingTransport struct {
	http.RoundTripper
	read int64
}

func (t *countingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = &countingBody{resp.Body, t}
	}
	return resp, err
}

type countingBody struct {
	io.ReadCloser
	t *countingTransport
}

func (b *countingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.t.read += int64(n)
	return n, err
}

func readList(kind, url string) error {
	transport := &countingTransport{RoundTripper: &http.Transport{}}
	var l listed
	began := time.Now()
	var firstBytes int64
	each := func(*messembed.User) {
		if l.Users++; l.Users == 1 {
			firstBytes, l.FirstTime = transport.read, time.Since(began).Seconds()
		}
	}
	var err error
	if kind == "sdk" {
		err = usersBySDK(transport, url, each)
	} else {
		err = usersByHand(transport, url, kind, each)
	}
	if err != nil {
		return err
	}
	l.Seconds, l.Bytes = time.Since(began).Seconds(), transport.read
	l.First = float64(firstBytes) / float64(l.Bytes)
	if l.PeakKiB, err = peakMemory(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(l)
}

func usersBySDK(transport http.RoundTripper, url string, each func(*messembed.User)) error {
	client, err := messembed.New(url, messembed.WithBasicAuth("admin", "pw"), messembed.WithTransport(transport))
	if err != nil {
		return err
	}
	for u, err := range client.Users(context.Background()) {
		if err != nil {
			return err
		}
		each(u)
	}
	return nil
}

func usersByHand(transport http.RoundTripper, url, kind string, each func(*messembed.User)) error {
	resp, err := (&http.Client{Transport: transport}).Get(url + "/admin-api/users")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if kind == "tokens" {
		return byhand.EachByTokens(resp.Body, each)
	}
	return byhand.EachOfWhole(resp.Body, each)
}

// peakMemory returns the peak resident size of this process in KiB.
func peakMemory() (float64, error) {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	m := regexp.MustCompile(`VmHWM:\s*(\d+) kB`).FindSubmatch(data)
	if m == nil {
		return 0, errors.New("no VmHWM in /proc/self/status")
	}
	return strconv.ParseFloat(string(m[1]), 64)
}
