package localsqs_test

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rehook/sqsclient/localsqs"
)

func TestOlderProtocolIsRefusedInItsOwnWords(t *testing.T) {
	s, err := localsqs.Open(localsqs.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("Action=ListQueues&Version=2012-11-05"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var answer struct {
		Error struct{ Type, Code, Message string }
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusBadRequest || answer.Error.Code != "InvalidAction" || !strings.Contains(answer.Error.Message, "AWS JSON protocol") {
		t.Errorf("answered %d %s, %v", w.Code, w.Body, err)
	}
}
