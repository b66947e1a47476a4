package retry

// Command is what an operator asks of the engine. Every command says who asks; those over letters carry
// the ids, frozen at the moment of asking.
//
//sumtype:decl
type Command interface{ isCommand() }

// The commands.
type (
	// Redrive attempts letters now, whatever their backoff or breaker says.
	Redrive struct {
		IDs []string
		By  string
	}
	// Park moves letters to the parked queue.
	Park struct {
		IDs []string
		By  string
	}
	// Release brings parked letters back, with their retry count at zero.
	Release struct {
		IDs []string
		By  string
	}
	// Hold keeps letters from being attempted until they are let go; a held letter is let go by the same command.
	Hold struct {
		IDs []string
		By  string
	}
	// Pause stops attempts; what is in flight ends. Leases are kept.
	Pause struct{ By string }
	// Resume starts attempts again.
	Resume struct{ By string }
)

func (Redrive) isCommand() {}
func (Park) isCommand()    {}
func (Release) isCommand() {}
func (Hold) isCommand()    {}
func (Pause) isCommand()   {}
func (Resume) isCommand()  {}

// Result is what really happened to one letter of a command.
type Result struct {
	ID   string
	Did  Did
	Note string // why, in words: the status, or what kept it from happening
}

// Did is the end of a command for one letter.
type Did string

// What a command can come to.
const (
	DidDeliver Did = "delivered"
	DidFail    Did = "failed" // attempted and refused; the letter waits again or is parked
	DidPark    Did = "parked"
	DidRelease Did = "released"
	DidHold    Did = "held"
	DidLetGo   Did = "let go"
	DidSkip    Did = "skipped" // left as it was
)
