package localsqs

import (
	"crypto/md5" //nolint:gosec // SQS's checksum against corruption on the way, not against an attacker
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
)

func digestBody(body string) string {
	sum := md5.Sum([]byte(body)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

// digestAttributes is SQS's MD5 of message attributes ("Calculating the MD5 message digest for message attributes"
// in its developer guide), "" without any.
func digestAttributes(attributes map[string]attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var b []byte
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		b = appendCounted(appendCounted(b, []byte(name)), []byte(a.DataType))
		transport := byte(1)
		if baseType(a.DataType) == "Binary" {
			transport = 2
		}
		b = appendCounted(append(b, transport), a.value())
	}
	sum := md5.Sum(b) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

func appendCounted(b, value []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(value))) //nolint:gosec // at most a message's 1 MiB
	return append(b, value...)
}
