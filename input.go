package messembed

import (
	"strconv"
	"unicode/utf8"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// requireID rejects an id that cannot identify anything.
func (call *Call) requireID(name, id string) error {
	if problem := idProblem(name, id); problem != "" {
		return call.Invalid(problem)
	}
	return nil
}

// maxIDBytes is the largest size of an id in a URL: a Node server accepts 16
// KiB of request line and headers. A user with a longer id could be created,
// since it is then in the body, but never be read, blocked or deleted.
const maxIDBytes = 15 << 10

func idProblem(name, id string) string {
	switch {
	case id == "":
		return name + ": must not be empty"
	case !utf8.ValidString(id):
		return name + ": must be valid UTF-8"
	case len(id) > maxIDBytes/3 && httpcall.EscapedLen(id) > maxIDBytes:
		return name + ": must not exceed " + strconv.Itoa(maxIDBytes) + " bytes in a URL"
	}
	return ""
}

// problems collects what is wrong with the parameters.
type problems []string

func (p *problems) add(problem string) {
	if problem != "" {
		*p = append(*p, problem)
	}
}

func (p *problems) addMetadata(external, private Metadata, rule metadataRule) {
	p.add(MetadataProblem("externalMetadata", external, rule))
	p.add(MetadataProblem("privateExternalMetadata", private, rule))
}
