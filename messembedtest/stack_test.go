package messembedtest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/messembed/messembed-go/messembedtest"
)

// The service's recordings cannot cover everything that its libraries do with
// odd requests. These exchanges were recorded from a server built from the same
// libraries (NestJS 7.6, express 4.17.1, body-parser 1.19.0, qs 6.7.0,
// class-validator 0.12.2, class-transformer 0.2.3, mongoose 5.11.20 over a
// store in memory, passport-http 0.3.0 and passport-jwt 4.0.0, on Node 14.21.3)
// with the service's routes and schemas. They do not cover its database, except
// for the rules of the driver.
func TestLibraries(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithCredentials("svc", "password"), messembedtest.WithClock(steppingClock()))
	p := &replayer{transport: fake, base: fake.BaseURL(), learned: map[string]string{}}
	for i, x := range readRecordings(t, "testdata/stack-exchanges.jsonl", 1952) {
		t.Run(fmt.Sprintf("%s %04d", x.Section, i+1), func(t *testing.T) {
			status, header, body := p.send(t, x)
			assert.Equal(t, x.Status, status)
			assert.Equal(t, x.AnswerType, header.Get("Content-Type"))
			p.compare(t, x.Answer, body)
			if x.ETag != "" && !made.MatchString(x.Answer) && x.Method != http.MethodHead {
				assert.Equal(t, x.ETag, header.Get("ETag"))
			}
			if t.Failed() {
				t.Logf("%s %s %s", x.Method, x.Path, x.requestText())
			}
		})
	}
}

func (x exchange) requestText() string {
	if x.Request != nil {
		return *x.Request
	}
	return string(x.RequestBase64)
}
