package localsqs

import (
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// attribute is a message attribute.
type attribute struct {
	DataType    string // String, Number or Binary, and perhaps a label after a dot
	StringValue *text  `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
}

func newAttribute(dataType string, value []byte) attribute {
	if baseType(dataType) == "Binary" {
		return attribute{DataType: dataType, BinaryValue: value}
	}
	return attribute{DataType: dataType, StringValue: new(text(value))}
}

// baseType is the data type without its label.
func baseType(dataType string) string {
	base, _, _ := strings.Cut(dataType, ".")
	return base
}

func (a attribute) value() []byte {
	if a.BinaryValue != nil || a.StringValue == nil {
		return a.BinaryValue
	}
	return []byte(*a.StringValue)
}

// attributeBytes is what attributes count of a message's size.
func attributeBytes(attributes map[string]attribute) int {
	n := 0
	for name, a := range attributes {
		n += len(name) + len(a.DataType) + len(a.value())
	}
	return n
}

// Limits of message attributes.
const (
	maxAttributes     = 10
	maxAttributeName  = 256
	maxAttributeType  = 256
	maxNumberOfDigits = 38
)

var (
	attributeName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
	reservedName  = regexp.MustCompile(`(?i)^(aws|amazon)\.`)
	attributeType = regexp.MustCompile(`^(String|Number|Binary)(\..+)?$`)
	decimal       = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$`)
)

// checkAttributes says what is wrong with a message's attributes, the first by name.
func checkAttributes(attributes map[string]attribute) error {
	if len(attributes) > maxAttributes {
		return invalidParameter("Number of message attributes [%d] exceeds the allowed maximum [%d].", len(attributes), maxAttributes)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if len(name) > maxAttributeName || !attributeName.MatchString(name) || reservedName.MatchString(name) {
			return invalidParameter("The message attribute name '%.300s' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters, must not begin with AWS. or Amazon., and has at most 256.", name)
		}
		if err := attributes[name].check("user", name); err != nil {
			return err
		}
	}
	return nil
}

// check says what is wrong with one attribute; whose is "user" or "system".
func (a attribute) check(whose, name string) error {
	base := baseType(a.DataType)
	switch {
	case a.DataType == "":
		return invalidParameter("The message (%s) attribute '%s' must contain a message attribute type.", whose, name)
	case len(a.DataType) > maxAttributeType || !attributeType.MatchString(a.DataType):
		return invalidParameter("The message (%s) attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", whose, name)
	case len(a.value()) == 0 || (base == "Binary") != (a.BinaryValue != nil):
		return invalidParameter("Message (%s) attribute '%s' must contain a non-empty value of type '%s'.", whose, name, base)
	case base == "Binary":
		return nil
	case !validCharacters(string(*a.StringValue)):
		return invalidParameter("Invalid characters in the value of message (%s) attribute '%s'.", whose, name)
	case base == "Number" && !validNumber(string(*a.StringValue)):
		return invalidParameter("Can't cast the value of message (%s) attribute '%s' to a number.", whose, name)
	}
	return nil
}

// validNumber reports whether s is a number of at most 38 digits from -10^128 to 10^126.
func validNumber(s string) bool {
	if !decimal.MatchString(s) {
		return false
	}
	mantissa := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == 'e' })[0]
	digits := strings.TrimLeft(strings.NewReplacer("+", "", "-", "", ".", "").Replace(mantissa), "0")
	if len(digits) > maxNumberOfDigits {
		return false
	}
	n, ok := new(big.Rat).SetString(s)
	return ok && n.Cmp(tenTo(126)) <= 0 && n.Cmp(new(big.Rat).Neg(tenTo(128))) >= 0
}

func tenTo(exponent int64) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(exponent), nil))
}

// selectAttributes returns those that a receive asked for: by name, by "prefix.*", or all.
func selectAttributes(attributes map[string]attribute, wanted []string) map[string]attribute {
	var chosen map[string]attribute
	for name, a := range attributes {
		if slices.ContainsFunc(wanted, func(pattern string) bool { return matchesName(name, pattern) }) {
			if chosen == nil {
				chosen = map[string]attribute{}
			}
			chosen[name] = a
		}
	}
	return chosen
}

func matchesName(name, pattern string) bool {
	if pattern == "All" || pattern == ".*" || pattern == "*" || pattern == name {
		return true
	}
	prefix, isPrefix := strings.CutSuffix(pattern, ".*")
	return isPrefix && strings.HasPrefix(name, prefix)
}
