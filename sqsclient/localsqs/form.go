package localsqs

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// form is the parameters of a Query request as a tree: "Attribute.1.Name" is the child Name of the child 1 of the child
// Attribute.
type form struct {
	value    string
	children map[string]*form
}

// Limits of a form. The largest legal one is a batch of ten messages with ten attributes each.
const (
	maxParameters = 10_000
	maxFormDepth  = 6 // SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue
)

// parse adds the parameters of a URL-encoded text.
func (f *form) parse(encoded string) error {
	given, err := parameters(encoded)
	for _, p := range given {
		f.add(p.name, p.value)
	}
	return err
}

type parameter struct{ name, value string }

// parameters reads a URL-encoded text. A semicolon separates nothing.
func parameters(encoded string) ([]parameter, error) {
	var all []parameter
	for pair := range strings.SplitSeq(encoded, "&") {
		if pair == "" {
			continue
		}
		if len(all) == maxParameters {
			return nil, plain("MalformedInput", "The request has more than %d parameters.", maxParameters)
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			return nil, malformedQuery()
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return nil, malformedQuery()
		}
		all = append(all, parameter{name, value})
	}
	return all, nil
}

func malformedQuery() *fault {
	f := plain("MalformedQueryString", "The query string contains a syntax error.")
	f.status = http.StatusNotFound // SQS API Reference, Common Errors
	return f
}

// add sets a parameter that is not there yet. One that is deeper than any that there are is left out.
func (f *form) add(name, value string) {
	parts := strings.SplitN(name, ".", maxFormDepth+1)
	if len(parts) > maxFormDepth {
		return
	}
	for i, part := range parts {
		if f.children == nil {
			f.children = map[string]*form{}
		}
		next := f.children[part]
		if next == nil {
			next = &form{}
			f.children[part] = next
			if i == len(parts)-1 {
				next.value = value
			}
		}
		f = next
	}
}

func (f *form) child(name string) *form { return f.children[name] }

// decode fills the input of an operation, a pointer to a structure.
func (f *form) decode(action string, in any) error {
	return formReader{action}.fill(reflect.ValueOf(in).Elem(), f, "")
}

// formReader fills values from forms.
type formReader struct{ action string }

// fill sets v to what f holds. path is f's name from the root, for errors.
func (d formReader) fill(v reflect.Value, f *form, path string) error {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.fill(v.Elem(), f, path)
	case reflect.Struct:
		return d.fillStruct(v, f, path)
	case reflect.String:
		v.SetString(f.value)
		if v.Type() != reflect.TypeFor[text]() {
			v.SetString(strings.ToValidUTF8(f.value, "\uFFFD")) // as encoding/json does
		}
		return nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(f.value, 10, v.Type().Bits())
		if err != nil {
			return plain("MalformedInput", "The value %.100q of %s is not an integer.", f.value, path)
		}
		v.SetInt(n)
		return nil
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return fillBytes(v, f, path)
		}
		return d.fillSlice(v, f, path)
	case reflect.Map:
		return d.fillMap(v, f, path)
	default:
		return fmt.Errorf("bug: no form has a %s", v.Type())
	}
}

func (d formReader) fillStruct(v reflect.Value, f *form, path string) error {
	for _, field := range reflect.VisibleFields(v.Type()) {
		if field.Anonymous || !field.IsExported() {
			continue
		}
		name, _ := wireName(field)
		child := f.child(name)
		if isFlattened(field.Type) {
			if flat := f.child(flatName(d.action, name)); flat != nil {
				name, child = flatName(d.action, name), flat
			}
		}
		if child == nil {
			continue
		}
		if err := d.fill(v.FieldByIndex(field.Index), child, join(path, name)); err != nil {
			return err
		}
	}
	return nil
}

// isFlattened reports whether the elements of a type stand by themselves in forms and XML.
func isFlattened(t reflect.Type) bool {
	return t.Kind() == reflect.Map || t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8
}

// wireName is what a field is called in requests and answers, and whether it is left out when it is empty.
func wireName(field reflect.StructField) (name string, omitEmpty bool) {
	name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "" {
		name = field.Name
	}
	return name, options != ""
}

func join(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }

func fillBytes(v reflect.Value, f *form, path string) error {
	b, err := base64.StdEncoding.DecodeString(f.value)
	if err != nil {
		return plain("MalformedInput", "The value of %s is not base64.", path)
	}
	v.SetBytes(b)
	return nil
}

// fillSlice takes "Name.1", "Name.2" and so on in the order of the numbers, whichever they are, or a lone "Name".
// An empty list is sent by botocore as an empty parameter.
func (d formReader) fillSlice(v reflect.Value, f *form, path string) error {
	elements, err := f.numbered(path)
	if err != nil {
		return err
	}
	if f.value != "" && len(elements) == 0 && v.Type().Elem().Kind() == reflect.String {
		elements = []numbered{{form: f}}
	}
	v.Grow(len(elements))
	for _, e := range elements {
		v.SetLen(v.Len() + 1)
		if err := d.fill(v.Index(v.Len()-1), e.form, join(path, e.number)); err != nil {
			return err
		}
	}
	return nil
}

// fillMap takes "Name.1.Key" and "Name.1.Value" and so on, or a lone "Name.Key" and "Name.Value".
func (d formReader) fillMap(v reflect.Value, f *form, path string) error {
	key := flatKey(path[strings.LastIndexByte(path, '.')+1:])
	elements := []numbered{{form: f}}
	if f.child(key) == nil {
		var err error
		if elements, err = f.numbered(path); err != nil {
			return err
		}
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(elements)))
	for _, e := range elements {
		at := join(path, e.number)
		name, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		if e.form.child(key) == nil {
			return missingParameter(at + "." + key)
		}
		if err := d.fill(name, e.form.child(key), at+"."+key); err != nil {
			return err
		}
		if v.MapIndex(name).IsValid() {
			return plain("MalformedInput", "%.300q is given twice as %s.", name, key)
		}
		if given := e.form.child("Value"); given != nil {
			if err := d.fill(value, given, at+".Value"); err != nil {
				return err
			}
		}
		v.SetMapIndex(name, value)
	}
	return nil
}

// numbered is an element of a list or a map.
type numbered struct {
	number string
	order  uint64
	form   *form
}

// numbered returns the children in the order of their numbers.
func (f *form) numbered(path string) ([]numbered, error) {
	var all []numbered
	for _, name := range slices.Sorted(maps.Keys(f.children)) {
		order, err := strconv.ParseUint(name, 10, 64)
		if err != nil || order == 0 {
			return nil, plain("MalformedInput", "%.100s is not a valid index of %s.", name, path)
		}
		all = append(all, numbered{name, order, f.children[name]})
	}
	slices.SortStableFunc(all, func(a, b numbered) int { return cmp.Compare(a.order, b.order) })
	return all, nil
}
