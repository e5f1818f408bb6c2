package socketio

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// compressionThreshold is the number of bytes from which engine.io compresses a
// polling response.
const compressionThreshold = 1024

// compress encodes a response as the client prefers; encoding is "" if it stays
// unchanged.
func compress(answer, acceptEncoding string) (compressed, encoding string) {
	if len(answer) < compressionThreshold {
		return answer, ""
	}
	var out bytes.Buffer
	var z io.WriteCloser
	switch encoding = bestEncoding(acceptEncoding); encoding {
	case "gzip":
		z = gzip.NewWriter(&out)
	case "deflate":
		z = zlib.NewWriter(&out)
	default:
		return answer, ""
	}
	_, _ = io.WriteString(z, answer)
	_ = z.Close()
	return out.String(), encoding
}

// bestEncoding returns the choice of the "accepts" package between gzip and
// deflate: the one with the higher q; of equals, one that is named before one
// that "*" matches; then the one named first.
func bestEncoding(accept string) string {
	best, highest, others := "", 0.0, 0.0
	named := map[string]bool{}
	for part := range strings.SplitSeq(strings.ToLower(accept), ",") {
		name, parameters, _ := strings.Cut(part, ";")
		weight := 1.0
		if _, number, ok := strings.Cut(parameters, "q="); ok {
			weight = js.ToNumber(number)
		}
		switch name = strings.TrimSpace(name); name {
		case "*":
			others = weight
		case "gzip", "deflate":
			named[name] = true
			if weight > highest {
				best, highest = name, weight
			}
		}
	}
	for _, name := range []string{"gzip", "deflate"} {
		if !named[name] && others > highest {
			best, highest = name, others
		}
	}
	return best
}
