package cmd

import "runtime/debug"

// version is what the Go command stamped into the program: the tag or commit that it was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
