package cloud

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxAnswer bounds an answer that is read, in bytes; a page of integrations has some tens of kilobytes.
const maxAnswer = 8 << 20

// answer is what came back, whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// exchange sends a request and reads all of the answer. No answer is an [*UnreachableError].
func exchange(client *http.Client, req *http.Request) (answer, error) {
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "rehook")
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, unreachable(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer{}, unreachable(err)
	}
	if len(body) > maxAnswer {
		return answer{}, &AnswerError{What: "the answer", Err: fmt.Errorf("it is longer than %d bytes", maxAnswer)}
	}
	return answer{resp.StatusCode, resp.Header, body}, nil
}

// retryAfter is how long to stay away. Genesys says it in seconds
// (developer.genesys.cloud/forum/t/normalized-platform-api-429-responses/12028); without it a minute is waited
// for, the period of its limits.
func (a answer) retryAfter() time.Duration {
	const period, longest = time.Minute, time.Hour
	seconds, err := strconv.Atoi(strings.TrimSpace(a.header.Get("Retry-After")))
	if err != nil || seconds < 0 {
		return period
	}
	return min(time.Duration(min(seconds, int(longest/time.Second)))*time.Second, longest)
}

// quotable is the first few words of what Genesys said, for an error text.
func quotable(words ...string) string {
	const most = 200 // characters
	var said []string
	for _, w := range words {
		if w != "" && (len(said) == 0 || said[len(said)-1] != w) {
			said = append(said, w)
		}
	}
	text := []rune(strings.Join(said, ": "))
	return string(text[:min(len(text), most)])
}
