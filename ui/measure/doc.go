// Command measure holds the screen to its figures, from outside: the built program in a real terminal of 120x40, with
// ten thousand letters of 2 kB in the embedded queue. "make measure" runs it.
//
//	letters ──import──▶ state directory ◀── rehook ◀──keys── pty ──bytes──▶ emulator
//
// Each scenario is a world of its own. It prints one line a figure, beside the figure's goal, and the program ends
// with 1 when a goal is missed. Bytes, CPU seconds and memory can be trusted on a busy machine. Latencies cannot:
// their scenarios run several times and the best round counts; the load is printed with each.
//
// It reads /proc, so that it needs Linux.
package main
