package config_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"rehook/cmd/config"
)

var update = flag.Bool("update", false, "write the documentation anew")

const page = "../../docs/settings.md"

func TestDocumented(t *testing.T) {
	want := document()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s does not show the settings as they are: run \"make docs\"", page)
	}
}

func document() string {
	var b strings.Builder
	b.WriteString(`# Settings

A flag beats its environment variable, that beats the key in the file that ` + "`--config`" + ` names, and that beats the
default. ` + "`rehook config`" + ` shows every value and where it came from. An unknown key in the file is an error.
Secrets are neither flags nor keys.

| key and flag | variable | default | what it does |
| --- | --- | --- | --- |
`)
	for _, s := range config.Settings() {
		if s.Flag() == "" {
			continue
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", named(s), s.Env()[0], code(s.Default), s.Help)
	}
	b.WriteString("\n## Read from the environment alone\n\n| setting | variables, the first that is set |\n| --- | --- |\n")
	for _, s := range config.Settings() {
		if s.Flag() == "" {
			fmt.Fprintf(&b, "| %s | `%s` |\n", s.Key, strings.Join(s.Env(), "`, `"))
		}
	}
	return b.String()
}

// named gives a setting's key, and its flag where that is another word or belongs to some commands alone.
func named(s config.Setting) string {
	name := code(s.Key)
	if s.Short != "" {
		name += ", " + code("-"+s.Short)
	}
	if s.Flag() != s.Key {
		name += ", " + code("--"+s.Flag())
	}
	if len(s.Commands) > 0 {
		name += " (" + strings.Join(s.Commands, ", ") + ")"
	}
	return name
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}
