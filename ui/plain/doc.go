// Package plain makes text from outside safe for a terminal: payloads, headers, error texts, names.
//
// A terminal obeys what it is sent. Escape sequences move the cursor, open links and write to the
// clipboard; bidirectional overrides show a name backwards; zero-width characters hide; a flood of
// combining marks paints over its neighbours. Everything of that kind becomes a visible mark: a control
// picture (␛) for the C0 controls, the code point in angle quotes (‹202E›) for the rest, and the byte
// (‹FF›) where the text is not UTF-8. So does what follows in a character that terminals do not agree
// on the width of, some counting code points and some graphemes. What is left has one width everywhere.
//
// Clean first, then measure, then style: [Width], [Truncate] and [PadLeft] expect text that [Line] or [Lines]
// has cleaned.
package plain
