package localsqs

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// namespace is that of all answers.
const namespace = "http://queue.amazonaws.com/doc/2012-11-05/"

// xmlAnswer writes an answer of the Query protocol.
type xmlAnswer struct {
	action string
	buffer bytes.Buffer
}

func (x *xmlAnswer) bytes() []byte {
	return append([]byte(`<?xml version="1.0"?>`+"\n"), x.buffer.Bytes()...)
}

func (x *xmlAnswer) open(name, namespace string) {
	x.buffer.WriteString("<" + name)
	if namespace != "" {
		x.buffer.WriteString(` xmlns="` + namespace + `"`)
	}
	x.buffer.WriteByte('>')
}

func (x *xmlAnswer) close(name string) { x.buffer.WriteString("</" + name + ">") }

func (x *xmlAnswer) text(name, s string) {
	x.open(name, "")
	_, _ = xmlEscapes.WriteString(&x.buffer, strings.Map(writable, s)) // a buffer takes all
	x.close(name)
}

// xmlEscapes has the characters that end a line in XML: a parser may make \n of them, and the body would not be what
// was sent.
var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#13;", "\u0085", "&#133;", "\u2028", "&#8232;")

// writable replaces what XML cannot say; only errors that quote a request have it.
func writable(r rune) rune {
	if validCharacter(r) {
		return r
	}
	return '\uFFFD'
}

// value writes the output of an operation or a part of one.
func (x *xmlAnswer) value(name string, out any) error { return x.element(name, reflect.ValueOf(out)) }

func (x *xmlAnswer) element(name string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return x.element(name, v.Elem())
	case reflect.String:
		x.text(name, v.String())
	case reflect.Bool:
		x.text(name, strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int32, reflect.Int64:
		x.text(name, strconv.FormatInt(v.Int(), 10))
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			return x.list(flatName(x.action, name), v)
		}
		x.text(name, base64.StdEncoding.EncodeToString(v.Bytes()))
	case reflect.Map:
		return x.mapping(flatName(x.action, name), v)
	case reflect.Struct:
		return x.structure(name, v)
	default:
		return fmt.Errorf("bug: no answer has a %s", v.Type())
	}
	return nil
}

func (x *xmlAnswer) list(element string, v reflect.Value) error {
	for i := range v.Len() {
		if err := x.element(element, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func (x *xmlAnswer) mapping(element string, v reflect.Value) error {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		x.open(element, "")
		x.text(flatKey(element), key.String())
		if err := x.element("Value", v.MapIndex(key)); err != nil {
			return err
		}
		x.close(element)
	}
	return nil
}

func (x *xmlAnswer) structure(name string, v reflect.Value) error {
	x.open(name, "")
	for _, field := range reflect.VisibleFields(v.Type()) {
		if field.Anonymous || !field.IsExported() {
			continue
		}
		name, omitEmpty := wireName(field)
		part := v.FieldByIndex(field.Index)
		if omitEmpty && part.IsZero() {
			continue
		}
		if err := x.element(name, part); err != nil {
			return err
		}
	}
	x.close(name)
	return nil
}
