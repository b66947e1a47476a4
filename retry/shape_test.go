package retry_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"rehook/retry"
)

func TestAnswersToOneProblemHaveOneShape(t *testing.T) {
	for _, c := range []struct {
		status  int
		want    string
		answers []string
	}{
		{502, "502 Bad Gateway", []string{
			"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0 (Ubuntu)</center>\r\n</body>\r\n</html>\r\n",
			"<!DOCTYPE html><HTML><HEAD><TITLE>502 Bad Gateway</TITLE></HEAD><body>ray 8f2c",
		}},
		{503, "503 Service Temporarily Unavailable", []string{ // AWS ALB
			"<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n</body>\r\n</html>\r\n",
		}},
		{500, "code=ORDER_LOCKED error=Conflict", []string{
			`{"error":"Conflict","code":"ORDER_LOCKED","message":"order 4711 is locked by ann","request_id":"7f3a9c1e-0000-4000-8000-000000000001"}`,
			`{"request_id":"1b22d0aa-0000-4000-8000-000000000002", "code":"ORDER_LOCKED", "message":"order 4712 is locked by ben", "error":"Conflict"}`,
		}},
		{400, "code=bad.request", []string{ // Genesys Cloud
			`{"message":"The request could not be understood by the server due to malformed syntax.","code":"bad.request","status":400,"messageParams":{},"contextId":"c5e1f1a0-2f5c-4a4e-9d1a-0a1b2c3d4e5f","details":[],"errors":[]}`,
			`{"message":"The request could not be understood by the server due to malformed syntax.","code":"bad.request","status":400,"messageParams":{},"contextId":"deadbeef-2f5c-4a4e-9d1a-0a1b2c3d4`,
		}},
		{500, "error=Internal Server Error", []string{ // Spring Boot
			`{"timestamp":"2026-11-24T23:41:07.123+00:00","status":500,"error":"Internal Server Error","path":"/hook/4711"}`,
			`{"timestamp":1764027667123,"status":500,"error":"Internal Server Error","path":"/hook/4712"}`,
		}},
		{500, "message=no customer #", []string{`{"message":"no customer 4711"}`, `{"message":"no customer c-99\u0031"}`}},
		{500, "code=E-1042", []string{`{"errors":[{"code":"E-1042","id":"a1"},{"code":"E-1042","id":"b2"}]}`}},
		{500, "{data, ok, trace}", []string{`{"ok":false,"trace":"a1b2","data":{}}`, `{"data": null, "ok": true, "trace": "`}},
		{500, `java.lang.NullPointerException: Cannot invoke "…" because "…" is null`, []string{
			"java.lang.NullPointerException: Cannot invoke \"String.length()\" because \"s\" is null\n\tat com.example.Hook.handle(Hook.java:42)\n\tat com.example.Main",
			"java.lang.NullPointerException: Cannot invoke \"Order.id()\" because \"order\" is null\r\n    at com.example.Hook.other(Hook.java:77)",
		}},
		{500, `Traceback (most recent call last): File "…", line #, in handler raise ValueError`, []string{
			"Traceback (most recent call last):\n  File \"/app/a.py\", line 10, in handler\n    raise ValueError(",
			"Traceback (most recent call last):\n  File \"/srv/b.py\", line 99, in handler\n    raise ValueError(",
		}},
		{0, "upstream # did not answer by # GMT", []string{
			"upstream 10.0.0.1:8080 did not answer by Tue, 24 Nov 2026 23:41:07 GMT",
			"upstream fe80::1 did not answer by Wed, 25 Nov 2026 00:00:01 GMT",
		}},
		{0, "locked until #", []string{"locked until 2026-11-24T23:41:07.123Z", "locked until 2026-11-24 23:41:07", "locked until 1764027667"}},
		{0, "user # can't be found", []string{"user 4711 can't be found", "user 7f3a9c1e-aaaa-4bbb-8ccc-dddddddddddd can't be found.", "user deadbeef can't be found!"}},
		{0, `no user "…" of "…"`, []string{"no user 'ann' of \"x\"", "no user `b` of “y z”", `no user "" of "cut`}},
		{200, "# Bad Gateway", []string{"502 Bad Gateway"}},
		{500, "AccessDenied Access Denied #", []string{"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>4442587FB7D0A2F9</RequestId>"}},
		{500, "oops", []string{"<!-- 17 --><style>a{b:1}</style><script>var x = '<p>';</script><p>oops</p>", " oops\n\n", "oops."}},
		{0, "", []string{"", " \r\n\t", "\x00\x1b"}},
	} {
		for _, answer := range c.answers {
			if got := retry.Shape(c.status, answer); got != c.want {
				t.Errorf("%d %q\n got %q\nwant %q", c.status, answer, got, c.want)
			}
		}
	}
}

func FuzzShape(f *testing.F) {
	for _, s := range []string{
		"<title>a", "<script", "<", "{", `{"code":`, `{"a\u12":"\ud800"`, `{"code":"\u001b[2J"}`, "'", "it's", `"`, "“x”", "\xff\xfe", "a\u202eb\u200b",
		"at \n at \n\tat", strings.Repeat("é", 600), strings.Repeat("ab1 ", 600), "&#27;[2J &lt;title&gt;", "12, 13 - 14 (15)",
	} {
		f.Add(503, s)
	}
	f.Fuzz(func(t *testing.T, status int, text string) {
		shape := retry.Shape(status, text)
		if len(shape) > 100 || !utf8.ValidString(shape) {
			t.Errorf("%q has a shape of %d bytes: %q", text, len(shape), shape)
		}
		for _, r := range shape {
			if !unicode.IsPrint(r) {
				t.Errorf("%q: %U reaches the screen", text, r)
			}
		}
		if strings.ContainsAny(text, "{[") || status != 0 {
			return // a code may hold digits
		}
		other := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return '0' + (r-'0'+3)%10
			}
			return r
		}, text)
		if utf8.ValidString(text) && !strings.Contains(text, "&#") && retry.Shape(0, other) != shape {
			t.Errorf("%q is %q, with other digits %q", text, shape, retry.Shape(0, other))
		}
	})
}

func BenchmarkShape(b *testing.B) {
	for name, answer := range map[string]string{
		"html": "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
		"json": `{"error":"Conflict","code":"ORDER_LOCKED","message":"order 4711 is locked by ann","request_id":"7f3a9c1e-0000-4000-8000-000000000001"}`,
		"text": "upstream 10.0.0.1:8080 did not answer by Tue, 24 Nov 2026 23:41:07 GMT",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				retry.Shape(502, answer)
			}
		})
	}
}
