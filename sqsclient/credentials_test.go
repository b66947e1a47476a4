package sqsclient_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rehook/sqsclient"
)

// acceptsOnly lets a server accept one access key.
func acceptsOnly(key string) fault {
	return func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential="+key+"/") {
			refused(403, "ExpiredToken")(w, r, server)
			return
		}
		server.ServeHTTP(w, r)
	}
}

func TestRenewedCredentialsAreUsedWithoutARestart(t *testing.T) {
	f, endpoint := frontOverTCP(t)
	file := filepath.Join(t.TempDir(), "credentials")
	write := func(key string) {
		t.Helper()
		if err := os.WriteFile(file, []byte("[default]\naws_access_key_id = "+key+"\naws_secret_access_key = x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	onAWS(t, map[string]string{"AWS_REGION": "eu-west-1"})
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	write("OLD")
	c := openAt(t, endpoint)
	f.keepMeeting("SendMessageBatch", acceptsOnly("NEW"))
	f.keepMeeting("ReceiveMessage", acceptsOnly("NEW"))
	err := c.Send(t.Context(), letter("a"))
	if e, ok := errors.AsType[*sqsclient.CredentialsError](err); !ok || !strings.Contains(e.Hint(), "aws sso login") || strings.Contains(err.Error(), "OLD") {
		t.Errorf("expired: %v", err)
	}
	write("NEW")
	send(t, c, letter("a"))
	receive(t, c, 1)
	if n := f.requests("SendMessageBatch"); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func TestCredentialsThatCannotBeFoundAgainAreSaidToBeMissingUntilTheyAreThere(t *testing.T) {
	f, endpoint := frontOverTCP(t)
	file := filepath.Join(t.TempDir(), "config")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	onAWS(t, map[string]string{"AWS_REGION": "eu-west-1", "AWS_PROFILE": "ops"})
	t.Setenv("AWS_CONFIG_FILE", file)
	write("[profile ops]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"OLD\",\"SecretAccessKey\":\"x\"}'\n")
	c := openAt(t, endpoint)
	f.keepMeeting("SendMessageBatch", acceptsOnly("NEW"))
	write("[profile ops]\ncredential_process = false\n")
	for range 2 { // refused; then not found
		if err := c.Send(t.Context(), letter("a")); !isA[*sqsclient.CredentialsError](err) {
			t.Errorf("got %v", err)
		}
	}
}
