package ui

// Binding is a row of the key map, for tests.
type Binding struct {
	Is         string // where it works, its first key and its name
	Name       string
	Keys       []string
	Pane       string // the digit that goes to the first pane where it works
	Acts, Offs bool   // it changes something; there are states in which it cannot work
}

// KeyMap is every key of the screen.
func KeyMap() []Binding {
	var all []Binding
	for _, b := range keyMap(false) {
		pane := messagesPane
		if len(b.panes) > 0 {
			pane = b.panes[0]
		}
		all = append(all, Binding{
			Is: b.where() + ": " + b.keys[0] + " " + b.name, Name: b.name, Keys: b.keys, Pane: string('1' + rune(pane)), Acts: b.acts, Offs: b.off != nil,
		})
	}
	return all
}
