package seglog

import "fmt"

// damage is a stretch of a segment that holds no record.
type damage struct {
	offset, bytes int64
}

// scan calls record for each whole record in data, the contents of a segment with that salt. It returns where the
// last whole record ends and the damaged stretches before that; what follows is a torn tail. It goes on after damage:
// past a payload whose header is whole by its length, else byte by byte to the next header that is.
func scan(data []byte, salt uint64, record func(offset int64, payload []byte) error) (end int64, damaged []damage, err error) {
	for offset := int64(0); offset < int64(len(data)); {
		payload, next := recordAt(data, salt, offset)
		if payload == nil {
			offset = next
			continue
		}
		if offset > end {
			damaged = append(damaged, damage{offset: end, bytes: offset - end})
		}
		if err := record(offset, payload); err != nil {
			return end, damaged, fmt.Errorf("record at %d: %w", offset, err)
		}
		offset, end = next, next
	}
	return end, damaged, nil
}

// recordAt returns the payload of the record at offset, nil if there is none, and where to look next.
func recordAt(data []byte, salt uint64, offset int64) (payload []byte, next int64) {
	h, ok := readHeader(data[offset:], salt, offset)
	if !ok {
		return nil, offset + 1
	}
	begin := offset + headerBytes
	next = begin + int64(h.length)
	if next > int64(len(data)) {
		return nil, offset + headerBytes
	}
	payload = data[begin:next:next]
	if !h.holds(payload) {
		return nil, next
	}
	return payload, next
}
