package localsqs

// batchID is what an entry of a batch and its outcome have in common.
type batchID struct {
	Id string
}

func (b batchID) id() string { return b.Id }

// batchError is the outcome of an entry that failed.
type batchError struct {
	batchID
	SenderFault bool
	Code        string
	Message     string
}

// batchOutput has an entry of Successful or of Failed for each entry of a batch.
type batchOutput[Success any] struct {
	Successful []Success    `json:",omitempty"`
	Failed     []batchError `json:",omitempty"`
}

// add notes the outcome of an entry.
func (b *batchOutput[Success]) add(id batchID, done Success, err error) {
	if err != nil {
		b.fail(id, err)
		return
	}
	b.Successful = append(b.Successful, done)
}

func (b *batchOutput[Success]) fail(id batchID, err error) {
	f := faultOf(err)
	b.Failed = append(b.Failed, batchError{batchID: id, SenderFault: f.sender(), Code: f.query, Message: f.message})
}

// checkBatch checks what makes a whole batch fail, in SQS's order.
func checkBatch[Entry interface{ id() string }](entries []Entry) error {
	if len(entries) == 0 {
		return prefixed("EmptyBatchRequest", "There should be at least one entry in the request.")
	}
	if len(entries) > maxBatch {
		return prefixed("TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", maxBatch, len(entries))
	}
	seen := map[string]bool{}
	for _, entry := range entries {
		id := entry.id()
		if !validName(id) {
			return prefixed("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most %d letters long.", maxNameLength)
		}
		if seen[id] {
			return prefixed("BatchEntryIdsNotDistinct", "Id %s repeated.", id)
		}
		seen[id] = true
	}
	return nil
}
