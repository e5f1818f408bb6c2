package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// connect returns a client for the service that the environment names, or for the
// embedded fake. The fake must be asked for: a nightly job whose environment lacks
// the service would otherwise succeed and do nothing.
func connect(fake bool, opts ...messembed.Option) (client *messembed.Client, where string, err error) {
	if fake {
		embedded := messembedtest.New(messembedtest.Program{}, messembedtest.WithRequestLog(-1))
		return embedded.Client(messembedtest.Program{}, opts...), "the embedded fake", nil
	}
	client, err = messembed.FromEnv(opts...)
	switch unknown := unknownVariables(); {
	case err == nil:
		return client, os.Getenv("MESSEMBED_URL"), nil
	case len(unknown) > 0:
		return nil, "", fmt.Errorf("%w; unknown: %s (-help lists the variables)", err, strings.Join(unknown, ", "))
	case !inEnv("MESSEMBED_"):
		return nil, "", fmt.Errorf("%w; set them for a real service, or try the embedded one with -fake", err)
	}
	return nil, "", err
}

// unknownVariables returns the variables that are named like those of FromEnv but
// that it does not read, such as MESSEMBED_ULR.
func unknownVariables() (names []string) {
	known := regexp.MustCompile(`MESSEMBED_[A-Z_]+`).FindAllString(environmentHelp, -1)
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "MESSEMBED_") && !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
