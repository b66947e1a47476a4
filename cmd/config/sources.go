package config

import (
	"cmp"
	"errors"

	"github.com/spf13/pflag"
)

// given is what one source says of a setting.
type given struct {
	raw    []string // empty: nothing
	origin Origin
}

// refused makes an [*Error] of what a kind says against a value.
func (g given) refused(s Setting, err error) error {
	e := &Error{Origin: g.origin, Message: err.Error(), Err: err}
	if bad, ok := errors.AsType[*invalid](err); ok {
		e.Advice = bad.hint
	}
	if g.origin.Source == File {
		e.Message = s.Key + ": " + e.Message
	}
	return e
}

// gather asks the sources of every setting, the strongest first.
func gather(flags *pflag.FlagSet, lookup func(string) (string, bool)) (map[string]given, error) {
	all := map[string]given{}
	for _, s := range Settings() {
		if g, ok := fromFlags(flags, s); ok {
			all[s.Key] = g
		} else if g, ok := fromEnvironment(lookup, s); ok {
			all[s.Key] = g
		}
	}
	var file map[string]given
	if named := all["config"]; len(named.raw) > 0 {
		var err error
		if file, err = readFile(named); err != nil {
			return nil, err
		}
	}
	for _, s := range Settings() {
		if _, ok := all[s.Key]; ok {
			continue
		}
		if g, ok := file[s.Key]; ok {
			all[s.Key] = g
			continue
		}
		g := given{origin: Origin{Source: Default}}
		if s.Default != "" {
			g.raw = []string{s.Default}
		}
		all[s.Key] = g
	}
	return all, nil
}

func fromFlags(flags *pflag.FlagSet, s Setting) (given, bool) {
	f := flags.Lookup(s.Flag())
	if f == nil || !f.Changed {
		return given{}, false
	}
	v, ok := f.Value.(*flagValue)
	if !ok || v.key != s.Key { // a flag of the same name that is the command's own
		return given{}, false
	}
	return given{raw: v.raw, origin: Origin{Source: Flag, Name: "--" + f.Name}}, true
}

// fromEnvironment takes an empty variable as one that is not set, as shells make no difference either.
func fromEnvironment(lookup func(string) (string, bool), s Setting) (given, bool) {
	for _, name := range s.Env() {
		if v, _ := lookup(name); v != "" {
			return given{raw: []string{v}, origin: Origin{Source: Environment, Name: name}}, true
		}
	}
	return given{}, false
}

// AddFlags puts the flags of a command on a set: those that only this command has, or, for "", those of
// every command.
func AddFlags(flags *pflag.FlagSet, command string) {
	for _, s := range Settings() {
		if !s.on(command) {
			continue
		}
		f := flags.VarPF(&flagValue{key: s.Key, kind: s.kind}, s.Flag(), s.Short, s.Help)
		f.DefValue = s.Default
		if s.kind.toggle {
			f.NoOptDefVal = "true"
		}
	}
}

// flagValue keeps what a flag was given, to be checked by [Load] with the values of all other sources.
type flagValue struct {
	key  string
	kind kind
	raw  []string
}

func (v *flagValue) Set(s string) error {
	if v.kind.many {
		v.raw = append(v.raw, s)
	} else {
		v.raw = []string{s}
	}
	return nil
}

func (v *flagValue) String() string {
	if len(v.raw) == 0 {
		return ""
	}
	return v.raw[len(v.raw)-1]
}

func (v *flagValue) Type() string { return cmp.Or(v.kind.name, "bool") }
