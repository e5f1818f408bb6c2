package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	expjson "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/bench/internal/byhand"
	"github.com/messembed/messembed-go/bench/internal/sample"
)

const inList = 20_000

var inMemory = func() []byte {
	var b bytes.Buffer
	_ = sample.WriteList(&b, inList)
	return b.Bytes()
}()

type memory struct{}

func (memory) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(inMemory)), ContentLength: -1, Request: r,
	}, nil
}

func BenchmarkList_sdk(b *testing.B) {
	client, err := messembed.New("https://memory.test", messembed.WithTransport(memory{}))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(inMemory)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range client.Users(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != inList {
			b.Fatal(n)
		}
	}
}

func BenchmarkList_tokenDecodeNoRaw(b *testing.B) {
	b.SetBytes(int64(len(inMemory)))
	b.ReportAllocs()
	for b.Loop() {
		if err := byhand.EachByTokens(bytes.NewReader(inMemory), func(*messembed.User) {}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkList_tokenDecode keeps Raw, as the SDK does, by a second pass.
func BenchmarkList_tokenDecode(b *testing.B) {
	b.SetBytes(int64(len(inMemory)))
	b.ReportAllocs()
	for b.Loop() {
		dec := json.NewDecoder(bytes.NewReader(inMemory))
		for range 5 {
			if _, err := dec.Token(); err != nil {
				b.Fatal(err)
			}
		}
		for dec.More() {
			var raw json.RawMessage
			if err := dec.Decode(&raw); err != nil {
				b.Fatal(err)
			}
			var w byhand.User
			if err := json.Unmarshal(raw, &w); err != nil {
				b.Fatal(err)
			}
			u := w.SDK()
			u.Raw = raw
		}
	}
}

func BenchmarkList_goJSONExperiment(b *testing.B) {
	b.SetBytes(int64(len(inMemory)))
	b.ReportAllocs()
	for b.Loop() {
		dec := jsontext.NewDecoder(bytes.NewReader(inMemory))
		for range 5 {
			if _, err := dec.ReadToken(); err != nil {
				b.Fatal(err)
			}
		}
		for dec.PeekKind() != ']' {
			raw, err := dec.ReadValue()
			if err != nil {
				b.Fatal(err)
			}
			raw = raw.Clone()
			var u byhand.User
			if err := expjson.Unmarshal(raw, &u); err != nil {
				b.Fatal(err)
			}
			_ = u.SDK()
		}
	}
}

func BenchmarkList_goJSONExperimentNoRaw(b *testing.B) {
	b.SetBytes(int64(len(inMemory)))
	b.ReportAllocs()
	for b.Loop() {
		dec := jsontext.NewDecoder(bytes.NewReader(inMemory))
		for range 5 {
			if _, err := dec.ReadToken(); err != nil {
				b.Fatal(err)
			}
		}
		for dec.PeekKind() != ']' {
			var u byhand.User
			if err := expjson.UnmarshalDecode(dec, &u); err != nil {
				b.Fatal(err)
			}
			_ = u.SDK()
		}
	}
}
