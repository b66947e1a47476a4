package ui_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"rehook/genesys"
	"rehook/ui"
)

func organization(context.Context) (genesys.Listing, error) {
	return genesys.Listing{Org: "acme", Region: "mypurecloud.ie", Webhooks: []genesys.Webhook{
		{Name: "CRM outbound", Endpoint: "https://crm.example.com/genesys/hook", Status: "Active"},
		{Name: "ERP notifier", Endpoint: "http://erp.example.com/in", Status: "Active", Findings: []genesys.Finding{{Severity: genesys.Warning, Message: "http, no TLS"}}},
		{Name: "Chat", Endpoint: "https://chat.example.com", Status: "Error", Problem: "endpoint unreachable"},
	}}, nil
}

func config(e *engine) ui.Config {
	return ui.Config{Engine: e, By: "ben", Title: "demo", Webhooks: organization}
}

func TestTheWholeScreenAtEverySize(t *testing.T) {
	for _, size := range []struct{ w, h int }{{60, 15}, {80, 24}, {120, 40}, {200, 50}} {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := open(t, config(newEngine(some()...)), size.w, size.h)
				defer x.close()
				x.golden(fmt.Sprintf("whole_%dx%d", size.w, size.h))
			})
		})
	}
}

func TestTheWholeScreenWithoutColour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(newEngine(some()...)), 120, 40, tea.WithColorProfile(colorprofile.ASCII))
		defer x.close()
		x.golden("nocolor_120x40")
		for y := range x.height {
			for col := range x.width {
				if c := x.emu.CellAt(col, y); c != nil && (c.Style.Fg != nil || c.Style.Bg != nil) {
					t.Fatalf("the cell at %d,%d has a colour", col, y)
				}
			}
		}
	})
}
