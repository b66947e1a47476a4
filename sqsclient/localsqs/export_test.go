package localsqs

import "rehook/sqsclient/localsqs/seglog"

// OpenOn opens the queues on files of the test's: ones that fail, forget at a power cut, or are not synced.
func OpenOn(cfg Config, open seglog.OpenFile) (*Server, error) { return openOn(cfg, open) }
