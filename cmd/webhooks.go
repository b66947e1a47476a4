package cmd

import (
	"context"

	"rehook/cmd/config"
	"rehook/genesys"
	"rehook/genesys/cloud"
)

// webhookReader reads the webhook configurations of an org.
type webhookReader func(ctx context.Context) (genesys.Listing, error)

// defaultRegion is where an org is taken to be that is named without one.
const defaultRegion = "mypurecloud.com"

// readerOf gives the way to the org's webhook configurations, or says what to do so that there is one.
func readerOf(cfg config.Genesys) (read webhookReader, hint string) {
	if cfg.ClientID == "" && cfg.ClientSecret == "" {
		return nil, "set GENESYSCLOUD_OAUTHCLIENT_ID, GENESYSCLOUD_OAUTHCLIENT_SECRET and GENESYSCLOUD_REGION"
	}
	access := cloud.Config{BaseURL: cfg.URL, ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, Organization: cfg.OrgID}
	name := cfg.Region
	if name == "" && cfg.OrgID != "" {
		name = defaultRegion
	}
	if name != "" {
		region, err := genesys.ParseRegion(name)
		if err != nil {
			return nil, err.Error()
		}
		access.Region = region
	}
	client, err := cloud.New(access)
	if err != nil {
		return nil, err.Error()
	}
	return client.Webhooks, ""
}
