package messembed

import "unicode/utf8"

// requireID refuses an id that cannot name anything.
func (call *Caller) requireID(name, id string) error {
	if problem := idProblem(name, id); problem != "" {
		return call.Invalid(problem)
	}
	return nil
}

func idProblem(name, id string) string {
	switch {
	case id == "":
		return name + ": must not be empty"
	case !utf8.ValidString(id):
		return name + ": must be valid UTF-8"
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
