package messembed

import (
	"net/url"
	"strconv"
	"unicode/utf8"
)

// requireID refuses an id that cannot name anything.
func (call *Caller) requireID(name, id string) error {
	if problem := idProblem(name, id); problem != "" {
		return call.Invalid(problem)
	}
	return nil
}

// maxIDBytes is how long an id may be in a URL: a Node server takes 16 KiB of
// request line and headers. One that is longer could be created, in a body, and
// never be read, blocked or deleted.
const maxIDBytes = 15 << 10

func idProblem(name, id string) string {
	switch {
	case id == "":
		return name + ": must not be empty"
	case !utf8.ValidString(id):
		return name + ": must be valid UTF-8"
	case len(id) > maxIDBytes/3 && len(url.PathEscape(id)) > maxIDBytes:
		return name + ": must not be longer than " + strconv.Itoa(maxIDBytes) + " bytes in a URL"
	}
	return ""
}

// problems collects what is wrong with parameters.
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
