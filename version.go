package messembed

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

const modulePath = "github.com/messembed/messembed-go"

// sdkUserAgent is the SDK's own part of User-Agent, with the SDK's version in
// the running program.
var sdkUserAgent = sync.OnceValue(func() string {
	return "messembed-go/" + version() + " (" + runtime.Version() + ")"
})

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	found := ""
	if info.Main.Path == modulePath {
		found = info.Main.Version
	}
	for _, dep := range info.Deps {
		if dep.Path == modulePath {
			found = dep.Version
			if dep.Replace != nil {
				found = dep.Replace.Version
			}
		}
	}
	return cmp.Or(strings.Trim(found, "()"), "devel")
}
