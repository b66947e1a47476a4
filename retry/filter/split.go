package filter

// Span is where a word stands in a text, in bytes.
type Span struct{ From, To int }

// Split finds the words of a line in which a filter stands among other words: each as [Parse] would read it, with its
// minus and its quotes, whether it makes sense yet or not. A quote that is not closed reaches to the end.
func Split(text string) []Span {
	s := &scanner{text: text}
	var spans []Span
	for s.skipBlanks(); s.at < len(text); s.skipBlanks() {
		from := s.at
		if _, err := s.word(); err != nil && s.at < len(text) && (text[s.at] == '"' || text[s.at] == '\'') {
			s.at = len(text)
		}
		spans = append(spans, Span{from, s.at})
	}
	return spans
}
