// Package ui is the screen: the Bubble Tea program through which an operator watches the engine and acts.
//
//	engine ──feed──▶ Update ──▶ state ──▶ View ──▶ terminal
//	   ▲                │
//	   └───commands─────┘   each in a tea.Cmd, with its outcome coming back as a message
//
// What it promises:
//   - A frame is drawn from state that is already here. No key waits for the engine, the queue or Genesys;
//     what waits says so in its own place, and so does what failed.
//   - View is a function of the state: no I/O and no clock. Only the rows that are seen are built.
//   - A letter is known by its id. What arrives above it moves neither the cursor nor a mark.
//   - What came from outside is cleaned by package plain before it is measured or styled, and secrets are
//     masked until they are asked for.
//   - The line is precious: whole seconds, one tick a second at most and none while nothing counts down, and
//     the engine's changes merged into at most ten frames a second, fewer when much happens.
//   - Whatever ends it, a key, a signal, a bug or the loss of the terminal, leaves the terminal as it was, and soon.
//
// Where things are: keys.go has every key, layout.go every box, styles.go every colour. A pane is a file of
// its own with a title and lines; frame.go draws the borders between them.
package ui
