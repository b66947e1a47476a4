package seglog

import (
	"encoding/binary"
	"hash/crc32"
)

// A record on disk is a header of three little-endian 32-bit words and the payload:
//
//	length of the payload | CRC32C of the payload | CRC32C of salt, offset and the two words before
//
// The header has a checksum of its own so that a damaged payload can be stepped over. It covers the segment's
// random salt and the record's offset, so that neither the remains of an older file nor a payload made to look like
// a record is ever taken for one.
const headerBytes = 12

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendFrame appends the record of payload, as it will stand at offset, to buf.
func appendFrame(buf, payload []byte, salt uint64, offset int64) []byte {
	buf = binary.LittleEndian.AppendUint32(buf, uint32(len(payload))) //nolint:gosec // Append refuses longer ones
	buf = binary.LittleEndian.AppendUint32(buf, crc32.Checksum(payload, castagnoli))
	words := buf[len(buf)-8:]
	buf = binary.LittleEndian.AppendUint32(buf, headerSum(words, salt, offset))
	return append(buf, payload...)
}

func headerSum(words []byte, salt uint64, offset int64) uint32 {
	var place [16]byte
	binary.LittleEndian.PutUint64(place[:8], salt)
	binary.LittleEndian.PutUint64(place[8:], uint64(offset)) //nolint:gosec // offsets are not negative
	return crc32.Update(crc32.Checksum(place[:], castagnoli), castagnoli, words)
}

// header is what the first words of a record say.
type header struct {
	length  int
	payload uint32
}

// readHeader reads the header at the beginning of b, which stands at offset in its segment; ok is false if there is
// none, or if its checksum is wrong.
func readHeader(b []byte, salt uint64, offset int64) (h header, ok bool) {
	if len(b) < headerBytes || binary.LittleEndian.Uint32(b[8:]) != headerSum(b[:8], salt, offset) {
		return header{}, false
	}
	return header{
		length:  int(binary.LittleEndian.Uint32(b)),
		payload: binary.LittleEndian.Uint32(b[4:]),
	}, true
}

// holds reports whether payload is what the header was written for.
func (h header) holds(payload []byte) bool {
	return len(payload) == h.length && crc32.Checksum(payload, castagnoli) == h.payload
}
