// Package jsontree shows JSON as a tree that folds. It works on the bytes as they are: a number is shown
// with the digits that it was written with, a string with its escapes, keys in their order and as often as
// they occur. What is not JSON is shown as text, and what is not text as hex.
//
// A document is validated once and then scanned only where it is opened, so that a megabyte opens at once.
// Rows are made one at a time, for a screen that draws only what is seen. The text in them is clean (package
// plain); styling is the caller's, by [Kind].
package jsontree
