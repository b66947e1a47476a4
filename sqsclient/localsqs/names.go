package localsqs

import "strings"

const nameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// validName reports whether s may be the name of a standard queue or of an entry of a batch.
func validName(s string) bool {
	return s != "" && len(s) <= maxNameLength && consistsOf(s, nameCharacters)
}

// validQueueName takes FIFO queues' names, too. Their suffix counts in the length.
func validQueueName(s string) bool {
	return len(s) <= maxNameLength && validName(strings.TrimSuffix(s, fifoSuffix))
}

func consistsOf(s, characters string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(characters, r) })
}

// queueURL is the address of a queue for a client that reached this server at base ("http://HOST").
func (s *Server) queueURL(base, name string) string { return base + "/" + s.account + "/" + name }

// nameInURL is the queue that a queue URL means. Clients may have learnt the URL under another host, so only the
// end counts, with a slash after it or without.
func nameInURL(url string) string {
	url = strings.TrimSuffix(url, "/")
	return url[strings.LastIndexByte(url, '/')+1:]
}

func (s *Server) arn(name string) string {
	return "arn:aws:sqs:" + s.region + ":" + s.account + ":" + name
}
