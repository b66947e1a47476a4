package cloud

import (
	"context"
	"fmt"
	"unicode/utf8"

	sdk "github.com/mypurecloud/platform-client-sdk-go/v157/platformclientv2"

	"rehook/genesys"
)

// viewIntegrations is the permission that listing needs (ConversationsApi.md of Genesys' Python SDK).
const viewIntegrations = "messaging:integration:view"

const (
	pageSize = 25  // Genesys' default; the most that it takes is not documented
	maxPages = 400 // a listing that goes on after so many is going in circles
)

// integrations reads all pages. An integration that moved to the next page meanwhile is taken once.
func (c *Client) integrations(ctx context.Context) ([]genesys.Observed, error) {
	var all []genesys.Observed
	seen := map[string]bool{}
	for number := 1; number <= maxPages; number++ {
		page, err := call(ctx, c, func(cfg *sdk.Configuration) (*sdk.Openintegrationentitylisting, error) {
			p, _, err := sdk.NewConversationsApiWithConfig(cfg).GetConversationsMessagingIntegrationsOpen(pageSize, number, "", "", "")
			return p, err
		})
		if err != nil {
			return nil, err
		}
		for _, i := range value(page.Entities) {
			if o := observe(i); o.ID == "" || !seen[o.ID] {
				seen[o.ID] = true
				all = append(all, o)
			}
		}
		if last(page, number) {
			return all, nil
		}
	}
	return nil, &AnswerError{What: "the listing", Err: fmt.Errorf("it has more than %d pages", maxPages)}
}

// last says whether a page is the last one.
func last(page *sdk.Openintegrationentitylisting, number int) bool {
	if len(value(page.Entities)) == 0 {
		return true
	}
	if page.PageCount != nil {
		return number >= *page.PageCount
	}
	return value(page.NextUri) == ""
}

// observe takes from an integration what is shown or judged. Its secret and its headers stay behind.
func observe(i sdk.Openintegration) genesys.Observed {
	o := genesys.Observed{
		Webhook: genesys.Webhook{
			ID:         value(i.Id),
			Name:       value(i.Name),
			Kind:       "Open Messaging",
			Direction:  "outbound",
			Endpoint:   value(i.OutboundNotificationWebhookUrl),
			Events:     []string{"outbound messages"}, // fixed: there is nothing to choose
			Status:     value(i.Status),
			ModifiedAt: value(i.DateModified),
		},
		CreateStatus: value(i.CreateStatus),
		SecretLength: utf8.RuneCountInString(value(i.OutboundNotificationWebhookSignatureSecretToken)),
	}
	if o.Status == "" {
		o.Status = o.CreateStatus
	}
	if i.CreateError != nil {
		o.Problem = quotable(value(i.CreateError.Message), value(i.CreateError.Code))
	}
	return o
}

// organization is the organization's name. It is only for people to see, so that a client that may not read it
// is given what the configuration says instead.
func (c *Client) organization(ctx context.Context) string {
	c.mu.Lock()
	known := c.org
	c.mu.Unlock()
	if known != "" {
		return known
	}
	me, err := call(ctx, c, func(cfg *sdk.Configuration) (*sdk.Organization, error) {
		o, _, err := sdk.NewOrganizationApiWithConfig(cfg).GetOrganizationsMe()
		return o, err
	})
	if err != nil || value(me.Name) == "" {
		return c.alt
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.org = *me.Name
	return c.org
}

// value is what a pointer of the SDK's models points to, or the zero value: everything there is optional.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
