// Package seglog keeps records on disk, in the order in which they were appended, and gives the disk back.
//
// A log is a directory of segments. Records go to the end of the newest one:
//
//	0000000007-9f0c….log   0000000008-41aa….log   0000000009-d3e1….log
//	oldest: RemoveOldest      sealed                  active: Append
//
// Only the oldest segment is ever removed, so what is left is always the end of the history: a record that
// overrules an earlier one can never be lost while the one that it overrules stays. Whoever removes a segment
// appends again, before, what is still needed of it.
//
// What it promises:
//
//   - When [Commit.Wait] returned nil, the records are synced: they survive kill -9 and a power cut. Records that are
//     appended while a sync runs share the next one, so that the syncs for each record fall as the load grows.
//   - A write or sync that fails leaves no trace: the records before it stay readable and the next append works
//     again, if the disk lets it.
//   - Damage (half a record at the end, a flipped bit) is found by checksum when the log is opened. It is reported,
//     and costs the records that it hit and no other.
//
// It knows nothing of what the records mean.
package seglog
