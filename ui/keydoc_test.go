package ui_test

import (
	"os"
	"path/filepath"
	"testing"

	"rehook/ui"
)

func TestKeysAreDocumented(t *testing.T) {
	path := filepath.Join("..", "docs", "keys.md")
	if *update {
		must(os.MkdirAll(filepath.Dir(path), 0o750))
		must(os.WriteFile(path, []byte(ui.KeysMarkdown()), 0o600))
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (-update writes it)", err)
	}
	if string(written) != ui.KeysMarkdown() {
		t.Errorf("%s is not what the key map says (-update writes it)", path)
	}
}
