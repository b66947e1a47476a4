package localsqs

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
)

// receipt is what a receipt handle holds. A message has one that is valid, its latest: the one whose nonce it keeps.
type receipt struct {
	queue, seq, nonce uint64
}

const receiptBytes = 3*8 + 4

// handle writes the receipt as a receipt handle. The checksum tells garbage from a handle that is merely old, which
// SQS answers differently.
func (r receipt) handle() string {
	b := make([]byte, 0, receiptBytes)
	b = binary.BigEndian.AppendUint64(b, r.queue)
	b = binary.BigEndian.AppendUint64(b, r.seq)
	b = binary.BigEndian.AppendUint64(b, r.nonce)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return base64.StdEncoding.EncodeToString(b)
}

// parseReceipt reads a receipt handle; ok is false if it is none.
func parseReceipt(handle string) (r receipt, ok bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(handle)
	if err != nil || len(b) != receiptBytes {
		return receipt{}, false
	}
	sum := len(b) - 4
	if binary.BigEndian.Uint32(b[sum:]) != crc32.ChecksumIEEE(b[:sum]) {
		return receipt{}, false
	}
	r = receipt{
		queue: binary.BigEndian.Uint64(b),
		seq:   binary.BigEndian.Uint64(b[8:]),
		nonce: binary.BigEndian.Uint64(b[16:]),
	}
	return r, r.nonce != 0 // 0 is what a message has that nobody has received
}

// newNonce is random, so that nobody deletes what somebody else has received by counting handles up. It is not 0.
func newNonce() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it does not fail: see crypto/rand
	return binary.BigEndian.Uint64(b[:]) | 1
}
