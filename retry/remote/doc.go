// Package remote is an engine's interface over a Unix socket, so that many screens and commands share one
// engine: [Serve] offers it, a [Client] is the engine elsewhere.
//
// A connection carries one conversation, in lines of JSON. The client's first line says what it wants. To
// watch, it then writes an empty line for every update that it is ready for, so a slow screen holds up
// nobody and nothing piles up. A command is answered with one line once it has ended; an empty line before
// that cancels it, and hanging up does not: the engine goes on when the line drops.
package remote
