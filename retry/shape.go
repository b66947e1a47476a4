package retry

import (
	"bytes"
	"encoding/json"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	shapeReads = 1024 // bytes of a text that its shape is made of
	shapeMost  = 100  // bytes of a shape
	quoteReach = 256  // bytes within which a quotation ends
	taken      = "#"  // stands where a number, a date or an id was
	quoted     = `"…"`
)

// Shape is what answers to one problem have in common, in few words that are safe to show: an answer without its ids,
// numbers, dates and quoted values; HTML by its title; JSON by its error code, else its message, else its keys. Numbers
// that are the answer's status stay. The text may be cut anywhere, and as hostile as its sender.
func Shape(status int, text string) string {
	text = strings.TrimSpace(text[:min(len(text), shapeReads)])
	if text == "" {
		return ""
	}
	switch text[0] {
	case '{', '[':
		if s := shapeOfJSON(status, text); s != "" {
			return s
		}
	case '<':
		text = wordsOfHTML(text)
	}
	return shapeOfWords(status, withoutStack(text))
}

// withoutStack cuts a stack trace's frames off, as Java and JavaScript write them.
func withoutStack(text string) string {
	for at := 0; ; {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			return text
		}
		at += n + 1
		if strings.HasPrefix(strings.TrimLeft(text[at:], " \t"), "at ") {
			return text[:at]
		}
	}
}

// wordsOfHTML is the title of a page, else what it says between its tags. XML is read so too.
func wordsOfHTML(text string) string {
	if _, rest, ok := cutTag(text, "title"); ok {
		if title, _, _ := strings.Cut(rest, "<"); strings.TrimSpace(title) != "" {
			return html.UnescapeString(title)
		}
	}
	var b strings.Builder
	for text != "" {
		before, rest, _ := strings.Cut(text, "<")
		b.WriteString(before)
		b.WriteByte(' ')
		text = afterTag(rest)
	}
	return html.UnescapeString(b.String())
}

// afterTag is what follows a tag that has just been opened, and what belongs to it and is no text.
func afterTag(rest string) string {
	for _, hidden := range [...]struct{ begin, end string }{{"!--", "--"}, {"script", "</script"}, {"style", "</style"}} {
		if len(rest) >= len(hidden.begin) && strings.EqualFold(rest[:len(hidden.begin)], hidden.begin) {
			_, rest, _ = cutFold(rest[len(hidden.begin):], hidden.end)
			break
		}
	}
	_, rest, _ = strings.Cut(rest, ">")
	return rest
}

// cutTag cuts a text around the first tag of a name.
func cutTag(text, name string) (before, after string, found bool) {
	before, rest, found := cutFold(text, "<"+name)
	if !found {
		return text, "", false
	}
	_, after, found = strings.Cut(rest, ">")
	return before, after, found
}

// cutFold is [strings.Cut] that takes ASCII letters of either case.
func cutFold(text, sep string) (before, after string, found bool) {
	for i := 0; i+len(sep) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(sep)], sep) {
			return text[:i], text[i+len(sep):], true
		}
	}
	return text, "", false
}

// telling are the members of JSON errors that say what is wrong: codes, and what is taken where there is no code.
var telling = map[string]bool{
	"code": true, "errorcode": true, "error": true, "errortype": true, "type": true, "exception": true, "reason": true,
	"title": true, "fault": true, "faultcode": true, "errorkey": true,
	"message": false, "msg": false, "errormessage": false, "errormsg": false, "detail": false, "description": false,
	"errordescription": false,
}

// shapeOfJSON is "" for text that names no members.
func shapeOfJSON(status int, text string) string {
	var codes, messages, keys []string
	for key, value := range members(text) {
		key = shapeOfWords(0, key)
		if isCode, tells := telling[strings.ReplaceAll(strings.ToLower(strings.Trim(key, "_")), "_", "")]; tells && value != "" {
			said := key + "=" + valueShape(status, value, isCode)
			if isCode {
				codes = append(codes, said)
			} else {
				messages = append(messages, said)
			}
		}
		keys = append(keys, key)
	}
	switch {
	case len(codes) > 0 && slices.ContainsFunc(codes, func(s string) bool { return !strings.Contains(s, " ") }), len(messages) == 0 && len(codes) > 0:
		return clipShape(strings.Join(distinct(codes), " "))
	case len(messages) > 0:
		return clipShape(strings.Join(distinct(append(codes, messages[0])), " "))
	case len(keys) > 0:
		return clipShape("{" + strings.Join(distinct(keys), ", ") + "}")
	default:
		return ""
	}
}

// distinct are a few of the texts, each once, in an order that does not depend on their writer's.
func distinct(all []string) []string {
	all = slices.Compact(slices.Sorted(slices.Values(all)))
	return all[:min(len(all), 8)]
}

// valueShape keeps a code as it is: it is what tells problems apart.
func valueShape(status int, value string, isCode bool) string {
	if !isCode || len(value) > 48 || strings.ContainsFunc(value, func(r rune) bool {
		return r != '.' && r != '_' && r != '-' && r != ':' && r != '/' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	}) || digitsIn(value) > 6 {
		return shapeOfWords(status, withoutStack(value))
	}
	return value
}

func digitsIn(s string) (n int) {
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// members walks the members of JSON text at any depth, with the values of those that are plain. Text that is cut or
// is no JSON ends the walk.
func members(text string) func(yield func(key, value string) bool) {
	return func(yield func(key, value string) bool) {
		for {
			i := strings.IndexByte(text, '"')
			if i < 0 {
				return
			}
			key, rest, whole := jsonString(text[i:])
			if !whole {
				return
			}
			text = strings.TrimLeft(rest, " \t\r\n")
			if !strings.HasPrefix(text, ":") {
				continue // an element of an array
			}
			text = strings.TrimLeft(text[1:], " \t\r\n")
			var value string
			if strings.HasPrefix(text, `"`) {
				value, text, _ = jsonString(text)
			} else if n := strings.IndexAny(text, ",}] \t\r\n"); n > 0 && text[0] != '{' && text[0] != '[' && text[0] != 'n' {
				value, text = text[:n], text[n:]
			}
			if !yield(key, value) {
				return
			}
		}
	}
}

// jsonString reads the string that a text begins with, and says whether it ends.
func jsonString(text string) (s, rest string, whole bool) {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			raw := text[1:i]
			if strings.IndexByte(raw, '\\') >= 0 && json.Unmarshal([]byte(text[:i+1]), &s) == nil {
				return s, text[i+1:], true
			}
			return raw, text[i+1:], true
		}
	}
	return text[1:], "", false
}

// shapeOfWords takes out of a text what differs from one time to the next.
func shapeOfWords(status int, text string) string {
	w := words{}
	var before rune
	for text != "" && w.b.Len() <= shapeMost {
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case inWord(r):
			n = strings.IndexFunc(text, func(r rune) bool { return !inWord(r) })
			if n < 0 {
				n = len(text)
			}
			if varies(text[:n], status) {
				w.take()
			} else {
				w.say(text[:n])
			}
		case closing(r) != 0:
			if end := quotation(text, before); end > 0 {
				n = end
				w.say(quoted)
			} else {
				w.mark(r)
			}
		case unicode.IsSpace(r) || !unicode.IsPrint(r) || r == utf8.RuneError:
			w.mark(' ')
		default:
			w.mark(r)
		}
		before, _ = utf8.DecodeLastRuneInString(text[:n])
		text = text[n:]
	}
	return clipShape(strings.TrimSpace(w.b.String()))
}

func inWord(r rune) bool {
	return r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// varies reports whether a word is a number, an id or of a date.
func varies(word string, status int) bool {
	hex := true
	for _, r := range word {
		if unicode.IsDigit(r) {
			return status == 0 || word != strconv.Itoa(status)
		}
		hex = hex && (r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F' || r == '-')
	}
	if hex && len(word) >= 8 && strings.Trim(word, "-") != "" {
		return true
	}
	switch word {
	case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec":
		return true
	}
	return false
}

// closing is the mark that ends what another begins; 0: it begins nothing.
func closing(r rune) rune {
	switch r {
	case '"', '\'', '`':
		return r
	case '“':
		return '”'
	case '‘':
		return '’'
	}
	return 0
}

// quotation is where the quotation ends that a text begins with; 0: it begins none. One that is cut ends with the text,
// but an apostrophe begins none without its end.
func quotation(text string, before rune) int {
	r, n := utf8.DecodeRuneInString(text)
	if r == '\'' && inWord(before) {
		return 0
	}
	within := text[n:min(len(text), quoteReach)]
	if i := strings.IndexRune(within, closing(r)); i >= 0 {
		return n + i + utf8.RuneLen(closing(r))
	}
	if r == '"' {
		return len(text)
	}
	return 0
}

// words gathers a shape. What stands between two things that were taken out goes with them, if it is little: a date, an
// address or a list of ids is one.
type words struct {
	b    strings.Builder
	took bool   // the last word was taken out
	gap  []byte // marks since the last word
}

func (w *words) take() {
	if w.took && len(w.gap) <= 3 && len(bytes.Trim(w.gap, " -.:/,+")) == 0 {
		w.gap = w.gap[:0]
		return
	}
	w.say(taken)
	w.took = true
}

func (w *words) say(s string) {
	w.b.Write(w.gap)
	w.b.WriteString(s)
	w.gap, w.took = w.gap[:0], false
}

// mark adds what is no word; the same again adds nothing.
func (w *words) mark(r rune) {
	last, _ := utf8.DecodeLastRune(w.gap)
	if len(w.gap) > 2*utf8.UTFMax || len(w.gap) > 0 && last == r || len(w.gap) == 0 && w.b.Len() == 0 && r == ' ' {
		return
	}
	w.gap = utf8.AppendRune(w.gap, r)
}

func clipShape(s string) string {
	if len(s) <= shapeMost {
		return s
	}
	end := shapeMost - len("…")
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimSpace(s[:end]) + "…"
}
