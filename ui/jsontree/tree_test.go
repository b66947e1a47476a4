package jsontree_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rehook/ui/jsontree"
)

const sample = `{"id":"4f1c","n":18014398509481985.00,"dup":1,"dup":2,"channel":{"to":{"id":"x"},"empty":{}},"tags":["a",null,true],"first name":"Anna","esc":"\u00e9\n"}`

// shown is the tree as text.
func shown(t *jsontree.Tree) string {
	var b strings.Builder
	for i := range t.Len() {
		for _, p := range t.Row(i, 120).Pieces {
			b.WriteString(p.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestScalarsAreShownAsTheyWereWritten(t *testing.T) {
	want := `▾ {
    "id": "4f1c",
    "n": 18014398509481985.00,
    "dup": 1,
    "dup": 2,
  ▾ "channel": {
    ▾ "to": {
        "id": "x"
      },
      "empty": {}
    },
  ▾ "tags": [
      "a",
      null,
      true
    ],
    "first name": "Anna",
    "esc": "\u00e9\n"
  }
`
	if got := shown(jsontree.New([]byte(sample))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFolding(t *testing.T) {
	tree := jsontree.New([]byte(sample))
	tree.Move(5)
	if !tree.Toggle() || tree.Cursor() != 5 {
		t.Fatalf("nothing folded, or the cursor left: %d", tree.Cursor())
	}
	if got := shown(tree); !strings.Contains(got, `▸ "channel": { 2 keys },`) || strings.Contains(got, `"to"`) {
		t.Errorf("got\n%s", got)
	}
	tree.Toggle()
	tree.Move(10) // its closing bracket
	tree.Toggle()
	if tree.Cursor() != 5 {
		t.Errorf("folding at the closing bracket puts the cursor on row %d, want 5", tree.Cursor())
	}
	tree.Move(1)
	if tree.Toggle() {
		t.Error("a string can be folded")
	}
}

func TestPathsAndValues(t *testing.T) {
	tree := jsontree.New([]byte(sample))
	for row, want := range map[int][2]string{
		0:  {".", sample},
		7:  {".channel.to.id", `"x"`},
		13: {".tags[1]", "null"},
		16: {`.["first name"]`, `"Anna"`},
		2:  {".n", "18014398509481985.00"},
	} {
		tree.Move(row)
		if got := [2]string{tree.Path(), string(tree.Value())}; got != want {
			t.Errorf("row %d is %v, want %v", row, got, want)
		}
	}
}

func TestSearchOpensWhatHidesAHit(t *testing.T) {
	tree := jsontree.New([]byte(sample))
	tree.Move(5)
	tree.Toggle() // folds the channel, and the cursor is on it
	if n, of := tree.Search("ID"); n != 2 || of != 2 || tree.Path() != ".channel.to.id" {
		t.Errorf("hit %d of %d at %s", n, of, tree.Path())
	}
	if n, _ := tree.Next(1); n != 1 || tree.Path() != ".id" {
		t.Errorf("next is hit %d at %s, want the first again", n, tree.Path())
	}
	if n, _ := tree.Next(-1); n != 2 || tree.Path() != ".channel.to.id" {
		t.Errorf("previous is hit %d at %s", n, tree.Path())
	}
	tree.Move(5)
	tree.Toggle()
	if n, _ := tree.Next(1); n != 2 || tree.Path() != ".channel.to.id" {
		t.Errorf("from the folded channel, next is hit %d at %s", n, tree.Path())
	}
	if n, of := tree.Search("nowhere"); n != 0 || of != 0 {
		t.Errorf("found %d of %d", n, of)
	}
	if n, of := tree.Next(1); n != 0 || of != 0 {
		t.Errorf("next of nothing is %d of %d", n, of)
	}
}

func TestWhatIsNotJSON(t *testing.T) {
	for _, c := range []struct {
		data string
		form jsontree.Form
		want string
	}{
		{"", jsontree.Empty, ""},
		{"hello\n\tworld\r\n", jsontree.Text, "hello\n    world\n"},
		{`{"a":1`, jsontree.Text, "{\"a\":1\n"},
		{strings.Repeat("x", 200), jsontree.Text, strings.Repeat("x", 160) + "\n" + strings.Repeat("x", 40) + "\n"},
		{"\x00\x01ab\xff", jsontree.Hex, "00000000  00 01 61 62 ff                                   ..ab.\n"},
		{`12`, jsontree.JSON, "  12\n"},
		{` [] `, jsontree.JSON, "  []\n"},
	} {
		tree := jsontree.New([]byte(c.data))
		if got := shown(tree); got != c.want || tree.Form() != c.form {
			t.Errorf("%q is shown in form %d as %q, want %d and %q", c.data, tree.Form(), got, c.form, c.want)
		}
	}
}

func TestSearchInText(t *testing.T) {
	tree := jsontree.New([]byte("one\ntwo\nthree two\n"))
	if n, of := tree.Search("two"); n != 1 || of != 2 || tree.Cursor() != 1 {
		t.Errorf("hit %d of %d in row %d", n, of, tree.Cursor())
	}
	if tree.Next(1); tree.Cursor() != 2 {
		t.Errorf("next is in row %d", tree.Cursor())
	}
}

func TestHostilePayloadsAreShownAsMarks(t *testing.T) {
	tree := jsontree.New([]byte("{\"\u202ekey\":\"a\u200b\u009b\"}"))
	if got := shown(tree); !strings.Contains(got, `"‹202E›key": "a‹200B›‹9B›"`) {
		t.Errorf("got %s", got)
	}
	tree.Move(1)
	if got := tree.Path(); got != `.["‹202E›key"]` {
		t.Errorf("the path is %s", got)
	}
}

// megabyte is a document of a mebibyte.
func megabyte() []byte {
	var b bytes.Buffer
	b.WriteString(`{"items":[`)
	for i := 0; b.Len() < 1<<20; i++ {
		fmt.Fprintf(&b, `{"id":%d,"text":"item number %d","nested":{"a":[1,2,3]}},`, i, i)
	}
	b.WriteString(`0],"last":true}`)
	return b.Bytes()
}

func TestAMegabyteOpensAtOnceAndFolded(t *testing.T) {
	data := megabyte()
	began := time.Now()
	tree := jsontree.New(data)
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	if got := shown(tree); !strings.Contains(got, "items ],") || tree.Len() != 4 {
		t.Errorf("got %d rows:\n%s", tree.Len(), got)
	}
	if n, of := tree.Search("item number 9999"); n != 1 || of != 1 || tree.Path() != ".items[9999].text" {
		t.Errorf("hit %d of %d at %s", n, of, tree.Path())
	}
}

func BenchmarkOpenAMegabyte(b *testing.B) {
	data := megabyte()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		tree := jsontree.New(data)
		tree.Row(1, 120)
	}
}

// Any bytes, any keys: no panic, every row clean, the cursor on a row.
func FuzzTree(f *testing.F) {
	f.Add([]byte(sample), []byte("\x01\x02\x03id"), "id")
	f.Add([]byte("plain\ntext"), []byte("\x00\x01"), "t")
	f.Add([]byte("\x00\xff"), []byte("\x02"), "\xff")
	f.Add([]byte(`[[[[{}]],"\ud800",1e999]]`), []byte("\x04\x05\x06"), "")
	f.Fuzz(func(t *testing.T, data, steps []byte, query string) {
		tree := jsontree.New(data)
		for _, step := range steps[:min(len(steps), 32)] {
			switch step % 5 {
			case 0:
				tree.Move(tree.Cursor() + int(step)/5)
			case 1:
				tree.Toggle()
			case 2:
				tree.Search(query)
			case 3:
				tree.Next(1)
			case 4:
				tree.Next(-1)
			}
			if at := tree.Cursor(); at < 0 || at > 0 && at >= tree.Len() {
				t.Fatalf("the cursor is on row %d of %d", at, tree.Len())
			}
			tree.Path()
			if tree.Form() == jsontree.JSON && !bytes.Contains(data, tree.Value()) {
				t.Fatal("the value is not of the document")
			}
		}
		for i := range min(tree.Len(), 50) {
			for _, p := range tree.Row(i, 40).Pieces {
				if !utf8.ValidString(p.Text) || strings.ContainsAny(p.Text, "\x1b\n\u009b\u202e\u200b") {
					t.Fatalf("row %d holds %q", i, p.Text)
				}
			}
		}
	})
}
