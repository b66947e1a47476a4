// Package filter is the language in which letters are selected: in the list as it is typed, and in rehook ls and
// rehook redrive. A letter matches when every word of the filter does:
//
//	status:503 endpoint:crm -reason:timeout retries>=3 age>2h "order 4711" jq:.type=="Text"
//
// A word is a property with what it should be (the table in words.go has them all), or text that is looked for
// anywhere in the letter. Letters' case does not matter. A minus before a word turns it round. Quotes, double or
// single, hold together what has blanks in it, and make text of what would be a property.
//
// A filter never guesses: a property that does not exist or a value that makes no sense is an error that says where
// it is and what would be right, because what a filter selects may be redriven or deleted.
package filter
