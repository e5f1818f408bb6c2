package messembedtest

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
)

// compressionThreshold is from how many bytes on engine.io compresses a polled answer.
const compressionThreshold = 1024

// compress gives an answer the encoding that the client likes best; "" where that is none.
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

// bestEncoding is what "accepts" chooses of gzip and deflate: the one with the higher q, one that is named before one that "*" stands for,
// and then the one that is named first.
func bestEncoding(accept string) string {
	best, highest, others := "", 0.0, 0.0
	named := map[string]bool{}
	for part := range strings.SplitSeq(strings.ToLower(accept), ",") {
		name, parameters, _ := strings.Cut(part, ";")
		weight := 1.0
		if _, number, ok := strings.Cut(parameters, "q="); ok {
			weight = toNumber(number)
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
