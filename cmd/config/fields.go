package config

import (
	"fmt"
	"slices"
	"strings"
)

// fields takes paths of names with dots between.
func fields(field func(*Config) *[]string) kind {
	k := list(field)
	collect := k.set
	k.set = func(c *Config, raw []string) error {
		if err := collect(c, raw); err != nil {
			return err
		}
		for _, path := range *field(c) {
			if slices.Contains(strings.Split(path, "."), "") {
				return &invalid{fmt.Sprintf("%q names no field", path), "write names with dots between, like from.nickname; * is any name"}
			}
		}
		return nil
	}
	return k
}
