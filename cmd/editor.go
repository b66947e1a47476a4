package cmd

import "os/exec"

// editor is the operator's, as other programs find it; "": there is none.
func (a *app) editor() string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if command, ok := a.lookup(name); ok && command != "" {
			return command
		}
	}
	if _, err := exec.LookPath("vi"); err != nil {
		return ""
	}
	return "vi"
}
