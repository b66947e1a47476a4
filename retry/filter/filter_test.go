package filter_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/filter"
)

var now = time.Date(2026, 11, 25, 23, 41, 7, 0, time.UTC)

// crm is a letter that most words find something in.
func crm() *deadletter.Letter {
	return &deadletter.Letter{
		ID: "7F3A9c1e-0000-4000-8000-000000000000", Timestamp: now.Add(-3 * time.Hour),
		OriginalEndpoint: "https://CRM.example.com/hook?q=1&token=hunter2", ErrorCode: 503, RetryCount: 3,
		Payload: []byte(`{"type":"Text","order":4711,"big":12345678901234567890,"text":"Größe","on":null,"list":[false,2],"say":"two words"}`),
		Headers: deadletter.Headers{"Inin-Correlation-Id": {"c-99"}, "X-Hub-Signature-256": {"sha256=c2lnbmVk"}},
		Error:   "503 Service Unavailable", Source: "eventbridge",
		Attempts: []deadletter.Attempt{{Error: "connection refused", Response: "Wartung"}},
		Parked:   &deadletter.Parked{Reason: deadletter.Exhausted},
	}
}

func matches(t *testing.T, text string, l *deadletter.Letter) bool {
	t.Helper()
	f, err := filter.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return f.Match(l, now, filter.Facts{ExpiresAt: now.Add(12 * time.Hour)})
}

func TestWordsSelect(t *testing.T) {
	for text, want := range map[string]bool{
		"":       true,
		" \t\n ": true,

		"status:503": true, "STATUS:503": true, "status=503": true, "status:5xx": true, "status:5XX": true,
		"status:4xx": false, "status:0": false, "status:500": false, "status>=500": true, "status<500": false,

		"endpoint:crm": true, "endpoint:CRM.EXAMPLE": true, "endpoint:/hook?q=1": true, "endpoint:erp": false,
		"endpoint:hunter2": false,

		"reason:unavailable": true, "reason:503": true, "reason:exhausted": true, "reason:timeout": false,
		`reason:"service unavailable"`: true, `reason:'Service Unavailable'`: true, "reason:wartung": false,

		"retries:3": true, "retries=3": true, "retries:2": false, "retries>=3": true, "retries>3": false,
		"retries<=3": true, "retries<3": false,

		"age>2h": true, "age>3h": false, "age>=3h": true, "age<3h": false, "age<=180m": true, "age>10799s": true,
		"age<1d": true, "age<1w": true, "age>2.5h": true, "age<2h59m61s": true, "AGE>1H": true,

		"expires<1d": true, "expires<12h": false, "expires<=12h": true, "expires>0.5d": false, "expires>=0.5d": true,

		"id:7f3a": true, "id:7F3A9C1E-0000-4000-8000-000000000000": true, "id:9c1e": false,
		"id:7F3A9C1E-0000-4000-8000-000000000000-and-more": false,

		"source:eventbridge": true, "source:Event": true, "source:sns": false,

		"-status:503": false, "-status:404": true, "-timeout": true, "-text": false, `-"two words"`: false,

		"4711": true, "größe": true, "GRÖSSE": false, "GRÖßE": true, "wartung": true, "refused": true, "7f3a": true,
		"crm": true, "hunter2": false, "eventbridge": true, "exhausted": true, "503": true, "correlation": true,
		"c-99": true, "signature": true, "c2lnbmVk": false, "nowhere": false, "two words": true, "words two": true,
		`"two words"`: true, `"words two"`: false, `'two words'`: true, `"\"say\":\"two"`: true, `'"say":"two'`: true,
		`{"type":"text"`: true, "https://crm": true, "http://crm": false, `"status:404"`: false, `"a\b"`: false,
		"10:30": false, "é": false,

		"status:5xx endpoint:crm -reason:timeout retries>=3 4711": true,
		"status:5xx endpoint:crm -reason:timeout retries>=4 4711": false,
		"status:5xx\u00a0endpoint:crm\u2003-nowhere":              true,
		`jq:.type=="Text"`:  true,
		`jq:.type=="text"`:  false,
		`-jq:.type=="text"`: true,
		`jq:(.type == "Text" and .order > 4000) status:503`: true,
		`jq:(.type == "Text" and .order > 4000) status:404`: false,
		`jq:.say=="two words"`:                              true,
		`jq:'.say == "two words"'`:                          true,
		`jq:".say == \"two words\""`:                        true,
		`jq:[.say, .text]|length==2`:                        true,
		`jq:([.say, .text] | length == 2)`:                  true,
		`jq:.big==12345678901234567890`:                     true,
		`jq:.big==12345678901234567891`:                     false,
		"jq:.on":                                            false,
		"jq:.missing":                                       false,
		"jq:.order":                                         true,
		"jq:.list[]":                                        true,
		"jq:.list[0]":                                       false,
		"jq:.type.x":                                        false, // an error in jq
		"jq:empty":                                          false,
		"jq:error":                                          false,
		"jq:env.HOME":                                       false,
		"jq:$ENV.PATH":                                      false,
		"jq:halt":                                           false,
		`jq:.say|test("^two\\swords$")`:                     true,
	} {
		if got := matches(t, text, crm()); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestLetterThatSaysLittleMatchesLittle(t *testing.T) {
	empty := &deadletter.Letter{Payload: []byte("not JSON")}
	for text, want := range map[string]bool{
		"": true, "status:0": true, "status:5xx": false, "age>0s": false, "age<1d": false, "expires<1d": false,
		"-expires<1d": true, "reason:0": false, "retries:0": true, "jq:true": false, "-jq:true": true, "json": true,
		"id:7": false, "source:bare": false,
	} {
		f, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Match(empty, now, filter.Facts{}); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	for payload, want := range map[string]bool{"{} {}": false, "{}": true, " 1\n": true, "": false, `"\ud800"`: true} {
		if got := matches(t, "jq:true", &deadletter.Letter{Payload: []byte(payload)}); got != want {
			t.Errorf("payload %q: %v, want %v", payload, got, want)
		}
	}
}

func TestMistakesSayWhereTheyAreAndWhatIsRight(t *testing.T) {
	for _, tc := range []struct {
		text, word string
		at         int
		say        string
	}{
		{"stauts:503", "stauts:503", 1, "status, endpoint, reason"},
		{"größe stauts:503 x", "stauts:503", 7, `no property "stauts"`},
		{"status:", "status:", 1, "nothing to look for"},
		{"status: 503", "status:", 1, "nothing to look for"},
		{`""`, `""`, 1, "nothing to look for"},
		{"a -", "-", 3, "nothing to look for"},
		{"status:abc", "status:abc", 1, "status:5xx"},
		{"status:axx", "status:axx", 1, "status:5xx"},
		{"status>5xx", "status>5xx", 1, "status>=500"},
		{"status:-1", "status:-1", 1, "status:503"},
		{"status:1000", "status:1000", 1, "status:503"},
		{"retries>=many", "retries>=many", 1, "retries>=3"},
		{"retries:-1", "retries:-1", 1, "retries>=3"},
		{"age:2h", "age:2h", 1, "age>2h"},
		{"age>2", "age>2", 1, "age>90s"},
		{"age>2y", "age>2y", 1, "90s"},
		{"age>h", "age>h", 1, "90s"},
		{"age>1.2.3h", "age>1.2.3h", 1, "90s"},
		{"age>99999999999999w", "age>99999999999999w", 1, "90s"},
		{"expires=1d", "expires=1d", 1, "expires<1d"},
		{"expires<soon", "expires<soon", 1, "expires<90s"},
		{"endpoint>crm", "endpoint>crm", 1, "endpoint:TEXT"},
		{"reason<=x", "reason<=x", 1, "reason:TEXT"},
		{"id>7f", "id>7f", 1, "id:7f3a"},
		{`a "b c`, `"b c`, 3, "not closed"},
		{`-reason:'b c`, `-reason:'b c`, 1, "not closed"},
		{`"a"b`, `"a"b`, 1, "blank"},
		{`reason:"a"b c`, `reason:"a"b`, 1, "blank"},
		{"jq>1", "jq>1", 1, "cannot be compared"},
		{"x jq:.a[", "jq:.a[", 3, "jq does not understand it"},
		{"jq:input", "jq:input", 1, "not allowed"},
		{"jq:nosuch(1)", "jq:nosuch(1)", 1, "nosuch"},
		{"jq:.a == 1", "jq:.a ==", 1, "jq:(.a == 1 and .b)"},
		{"jq:.a and .b", "jq:.a and", 1, "in brackets"},
		{`jq:import"x"as$x;1`, `jq:import"x"as$x;1`, 1, "jq does not understand it"},
	} {
		_, err := filter.Parse(tc.text)
		fe, ok := errors.AsType[*filter.Error](err)
		if !ok {
			t.Errorf("%s: error %v", tc.text, err)
			continue
		}
		if fe.Word != tc.word || fe.At != tc.at || !strings.Contains(fe.Error(), tc.say) || fe.Hint == "" {
			t.Errorf("%s: %q at %d, want %q at %d with %q: %v", tc.text, fe.Word, fe.At, tc.word, tc.at, tc.say, fe)
		}
	}
}

func TestTextAfterJQIsStillText(t *testing.T) {
	for _, text := range []string{"jq:.order 4711", "jq:.order -nowhere", `jq:.order "=="`, "jq:.order status:503", "status:503 == and"} {
		if _, err := filter.Parse(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestEveryWordHasAnExampleThatWorks(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range filter.Words() {
		if _, err := filter.Parse(w.Example); err != nil || !strings.HasPrefix(w.Example, w.Name) || w.Help == "" || seen[w.Name] {
			t.Errorf("%+v: %v", w, err)
		}
		seen[w.Name] = true
	}
}

func TestJQWithoutEndSelectsNothingAndGivesUp(t *testing.T) {
	for _, text := range []string{"jq:[repeat(1)]", "-jq:[repeat(1)]", "jq:last(range(1e12))", "jq:'def f: f; f'"} {
		f, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for range 1000 {
			if f.Match(crm(), now, filter.Facts{}) {
				t.Errorf("%s selects a letter", text)
			}
		}
		if took := time.Since(start); took > 10*time.Second || f.GaveUp() != 1000 {
			t.Errorf("%s took %v and gave up on %d", text, took, f.GaveUp())
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, w := range filter.Words() {
		f.Add(w.Example)
		f.Add("-" + w.Example + ` "quoted \" text" ` + w.Example)
	}
	f.Add(`jq:(.a == "x)" and .b) - '' "`)
	f.Add("\xff:\x00 age>1e9w http://x")
	l := crm()
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(strings.ToLower(text), "jq") && len(text) > 40 {
			t.Skip("the expression may be as expensive as it likes")
		}
		got, err := filter.Parse(text)
		if fe, ok := errors.AsType[*filter.Error](err); err != nil && (!ok || fe.At < 1 || !strings.Contains(text, fe.Word)) {
			t.Errorf("%q: error %v", text, err)
		}
		if err != nil {
			return
		}
		again, err := filter.Parse("  " + text + " ")
		if err != nil {
			t.Fatalf("%q with blanks around it: %v", text, err)
		}
		a, b := got.Match(l, now, filter.Facts{}), again.Match(l, now, filter.Facts{})
		if a != b && got.GaveUp()+again.GaveUp() == 0 {
			t.Errorf("%q with blanks around it is another filter", text)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	l := crm()
	l.Payload = fmt.Appendf(nil, `{"type":"Text","text":%q}`, strings.Repeat("lorem ipsum ", 85))
	for _, text := range []string{"status:5xx -reason:timeout endpoint:crm", "nowhere", `jq:.type=="Text"`} {
		b.Run(text, func(b *testing.B) {
			f, err := filter.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				f.Match(l, now, filter.Facts{})
			}
		})
	}
}
