package ui_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"rehook/retry/deadletter"
	"rehook/ui"
)

func masking(e *engine) ui.Config {
	cfg := config(e)
	cfg.Mask = deadletter.Fields{"to.id", "vip"}
	return cfg
}

const number = "+4915112345678" // in every payload, under to.id

// clipboard is what was sent to the clipboard last, by OSC 52.
func (x *terminal) clipboard() string {
	_, after, _ := strings.Cut(x.bytes(), "\x1b]52;c;")
	text, err := base64.StdEncoding.DecodeString(after[:max(0, strings.IndexByte(after, ansi.BEL))])
	if err != nil {
		x.t.Error(err)
	}
	x.writtenSince()
	return string(text)
}

func TestFieldsThatTheConfigurationNamesAreMasked(t *testing.T) {
	screenOf(t, masking, func(x *terminal, _ *engine) {
		x.press("j", "enter", "z")
		x.shows(`"id": "`+deadletter.Masked+`"`, `"vip": "`+deadletter.Masked+`"`, `"id": "4f1c9e7a"`)
		x.hides(number)
		x.press("/", "whatsapp", "enter")
		x.shows("/whatsapp 0 of 0")
		x.press("esc", "right", "right")
		x.shows("POST /in HTTP/1.1")
		x.hides(number)
		x.writtenSince()
		x.press("Y")
		if got := x.clipboard(); strings.Contains(got, number) || !strings.Contains(got, deadletter.Masked) {
			t.Errorf("the curl command is %s", got)
		}
		x.press("y")
		x.says("(171 B, masked) sent to the terminal's clipboard")
		if got := x.clipboard(); strings.Contains(got, number) || !strings.Contains(got, deadletter.Masked) {
			t.Errorf("the copy is %s", got)
		}
	})
}

func TestMaskedFieldsAreShownUntilTheLetterIsLeft(t *testing.T) {
	screenOf(t, masking, func(x *terminal, _ *engine) {
		x.press("j", "enter", "z", "j", "j", "m")
		x.shows(number)
		x.says("are shown until the letter is left")
		x.press("y")
		x.shows("channel") // the cursor stayed where it was
		x.press("right", "right")
		x.shows(number)
		x.writtenSince()
		x.press("y")
		if got := x.clipboard(); got != payload {
			t.Errorf("the copy is %s", got)
		}
		x.press("m")
		x.hides(number)
		x.press("m")
		x.shows(number)
		x.press("z", "4", "j", "enter", "z")
		x.hides(number)
		x.press("left", "left")
		x.hides(number)
		x.press("z", "4", "k", "enter", "z")
		x.hides(number)
	})
}
