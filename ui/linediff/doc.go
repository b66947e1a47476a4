// Package linediff tells two texts apart, line by line, for somebody who has changed a few lines of a long one.
//
// It is Myers' algorithm, which finds the fewest changed lines, within bounds: equal beginnings and ends are set
// aside first, and where more than a thousand lines differ, or too much would have to be compared, the rest is paired
// line by line or shown as one block. So a payload of a megabyte takes milliseconds, whatever was done to it: that bound,
// and where within a line a change begins, are why it is our own.
package linediff
