package ui

import "rehook/retry"

// because gives a command over letters the operator's reason, for the audit log.
func because(c retry.Command, why string) retry.Command {
	switch c := c.(type) {
	case retry.Redrive:
		c.Why = why
		return c
	case retry.Park:
		c.Why = why
		return c
	case retry.Release:
		c.Why = why
		return c
	case retry.Hold:
		c.Why = why
		return c
	case retry.Delete:
		c.Why = why
		return c
	case retry.Edit, retry.Limit, retry.Pause, retry.Resume, retry.Cancel:
	}
	return c
}
