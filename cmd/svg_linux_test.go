package cmd_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"io"
	"strings"
	"testing"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"
)

// theme is a terminal's own colours.
type theme struct{ text, ground color.RGBA }

var (
	onDark  = theme{color.RGBA{220, 223, 228, 255}, color.RGBA{22, 24, 29, 255}}
	onLight = theme{color.RGBA{36, 41, 47, 255}, color.RGBA{250, 250, 248, 255}}
)

// A cell, in tenths of a pixel: numbers of an SVG are short that way.
const (
	cellWidth  = 84
	cellHeight = 180
	baseline   = 134
	margin     = 100
)

// drawing is the picture of a terminal as it grows: grounds, then strokes and blocks, then text, each by its look.
type drawing struct {
	cells  *glass
	look   theme
	looks  map[string]string // a class of the style sheet for each look
	sheet  strings.Builder
	ground strings.Builder
	lines  map[string]*strings.Builder // paths, by their look
	order  []string                    // the looks of lines, as they came
	text   strings.Builder
}

// svg draws the screen. Text is text, borders and bars are drawn, so that rows meet whatever the font is.
func (s *onScreen) svg(title string) string {
	s.emulator.mu.Lock()
	defer s.emulator.mu.Unlock()
	d := &drawing{cells: s.emulator, look: s.look, looks: map[string]string{}, lines: map[string]*strings.Builder{}}
	for y := range s.height {
		d.row(y, s.width)
	}
	width, height := s.width*cellWidth+2*margin, s.height*cellHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n",
		width, height, width/10, height/10)
	fmt.Fprintf(&b, "<title>%s</title>\n<style>text{font:140px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"+
		"white-space:pre;fill:%s}path{fill:none;stroke:%[2]s;stroke-width:11}.h{stroke-width:26}.k{stroke:none}%s</style>\n",
		escaped(title), hex(d.look.text), d.sheet.String())
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="80" fill="%s"/><g transform="translate(%d %[4]d)">`+"\n", width, height, hex(d.look.ground), margin)
	b.WriteString(d.ground.String())
	for _, class := range d.order {
		fmt.Fprintf(&b, "<path class=\"%s\" d=\"%s\"/>\n", class, d.lines[class])
	}
	b.WriteString(d.text.String() + "</g></svg>\n")
	return b.String()
}

// row draws runs of cells that look the same.
func (d *drawing) row(y, width int) {
	for x := 0; x < width; {
		cell := d.at(x, y)
		end, run := x, ""
		for end < width {
			next := d.at(end, y)
			if !next.Style.Equal(&cell.Style) {
				break
			}
			run += next.Content
			end += max(1, next.Width)
		}
		d.run(x, y, end, run, cell.Style)
		x = end
	}
}

// at is a cell; one that was never written is a blank.
func (d *drawing) at(x, y int) uv.Cell {
	if cell := d.cells.CellAt(x, y); cell != nil && cell.Content != "" {
		return *cell
	}
	return uv.Cell{Content: " ", Width: 1}
}

// run draws a run: its ground, what of it is drawn, and its text in pieces that no gap of two blanks is in.
func (d *drawing) run(x, y, end int, run string, style uv.Style) {
	ink, behind := d.inks(style)
	if behind != d.look.ground {
		fmt.Fprintf(&d.ground, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", x*cellWidth, y*cellHeight, (end-x)*cellWidth, cellHeight, hex(behind))
	}
	piece, from, at := "", x, x
	flush := func() {
		if text := strings.TrimRight(piece, " "); text != "" {
			d.put(from, y, text, ink, style)
		}
		piece = ""
	}
	for _, r := range run {
		drawn := d.stroke(at, y, r, ink, style)
		if drawn || r > 0x2190 || r == ' ' && (piece == "" || strings.HasSuffix(piece, " ")) {
			flush()
		}
		if !drawn && (r != ' ' || piece != "") {
			if piece == "" {
				from = at
			}
			piece += string(r)
		}
		if r > 0x2190 { // a sign may be wider than a cell in the reader's font: the text after it has a place of its own
			flush()
		}
		at++
	}
	flush()
}

// put writes text; its length is said, for fonts whose cells are others.
func (d *drawing) put(x, y int, text string, ink color.RGBA, style uv.Style) {
	class := d.class("fill", ink, style)
	if class != "" {
		class = ` class="` + class + `"`
	}
	cells := len([]rune(text))
	length := fmt.Sprintf(` textLength="%d"`, cells*cellWidth)
	if cells == 1 {
		length = ""
	}
	fmt.Fprintf(&d.text, `<text x="%d" y="%d"%s%s>%s</text>`+"\n", x*cellWidth, y*cellHeight+baseline, length, class, escaped(text))
}

// inks are the colours of a style: of what is written, and behind it.
func (d *drawing) inks(style uv.Style) (ink, behind color.RGBA) {
	ink, behind = d.look.text, d.look.ground
	if style.Fg != nil {
		ink = rgba(style.Fg)
	}
	if style.Bg != nil {
		behind = rgba(style.Bg)
	}
	if style.Attrs&uv.AttrReverse != 0 {
		return behind, ink
	}
	return ink, behind
}

// class names a look, and writes it into the style sheet when it is new. Plain text has none.
func (d *drawing) class(property string, ink color.RGBA, style uv.Style) string {
	rules := ""
	if ink != d.look.text {
		rules = property + ":" + hex(ink) + ";"
	}
	if style.Attrs&uv.AttrBold != 0 && property == "fill" {
		rules += "font-weight:bold;"
	}
	if style.Attrs&uv.AttrFaint != 0 {
		rules += "opacity:.5;"
	}
	if rules == "" {
		return ""
	}
	name, ok := d.looks[rules]
	if !ok {
		name = fmt.Sprintf("s%d", len(d.looks))
		d.looks[rules] = name
		fmt.Fprintf(&d.sheet, ".%s{%s}", name, rules)
	}
	return name
}

func rgba(c color.Color) color.RGBA { return color.RGBAModel.Convert(c).(color.RGBA) }

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // it cannot fail here
	return b.String()
}

// readXML reads a document to its end.
func readXML(text string) error {
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestAPictureIsTextAndNothingInItIsMarkup(t *testing.T) {
	s := &onScreen{t: t, emulator: &glass{Emulator: vt.NewEmulator(40, 3)}, width: 40, height: 3, look: onDark}
	_, _ = s.emulator.Write([]byte("\x1b[1;31m</text><script>alert('&')</script>\x1b[m ok\r\n╭─┬━╮▃█\r\n"))
	drawn := s.svg(`a "title" & <more>`)
	if err := readXML(drawn); err != nil {
		t.Fatalf("it is no XML: %v\n%s", err, drawn)
	}
	if strings.Contains(drawn, "<script") || !strings.Contains(drawn, "&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;</text>") {
		t.Errorf("the text is not as it was:\n%s", drawn)
	}
	if strings.ContainsAny(drawn, "╭─┬━╮▃█") || strings.Count(drawn, "<path") != 3 {
		t.Errorf("borders and bars are not drawn:\n%s", drawn)
	}
}
