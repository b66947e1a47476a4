package simulator

import (
	"math/rand/v2"
	"time"
)

// founded is when the simulated organization began; ids and dates of its integrations count from here.
var founded = time.Date(2024, time.March, 4, 9, 30, 0, 0, time.UTC)

// Integration is an Open Messaging integration of the simulated organization.
type Integration struct {
	ID           string
	Name         string
	URL          string // outboundNotificationWebhookUrl
	Secret       string // outboundNotificationWebhookSignatureSecretToken; "": none
	Headers      map[string]string
	Status       string // free text
	CreateStatus string // Initiated, Completed or Error
	CreateError  string // why; "": nothing is wrong
	Modified     time.Time
}

// integrations are those that the webhooks of the demonstration come from, all of them in order, and others
// that each have something wrong with them.
func integrations(seed uint64, parts []*endpoint) []Integration {
	rng := newRand(seed, streamIntegrations+1<<32)
	list := make([]Integration, 0, len(parts)+8)
	for _, e := range parts {
		i := sound(rng, e.title, "https://hooks.example.com"+e.route.Path)
		i.ID, i.Secret = e.id, e.route.Secret
		i.Headers = map[string]string{"X-Api-Key": newSecret(rng)}
		list = append(list, i)
	}
	return append(list, flawed(rng)...)
}

func sound(rng *rand.Rand, name, url string) Integration {
	modified := founded.Add(time.Duration(rng.IntN(400*24*60)) * time.Minute)
	return Integration{
		ID: newID(rng, founded), Name: name, URL: url, Secret: newSecret(rng),
		Status: "Active", CreateStatus: "Completed", Modified: modified,
	}
}

func flawed(rng *rand.Rand) []Integration {
	noTLS := sound(rng, "ERP notifier", "http://erp.example.com/in")
	port := sound(rng, "Store kiosk", "https://kiosk.example.com:8443/genesys")
	private := sound(rng, "Test rig", "https://10.20.0.12/hook")
	copied := sound(rng, "CRM outbound (copy)", "https://hooks.example.com/crm")
	unsigned := sound(rng, "Survey bot", "https://surveys.example.com/genesys")
	unsigned.Secret = ""
	weak := sound(rng, "SMS relay", "https://sms.example.com/genesys")
	weak.Secret = weak.Secret[:7]
	broken := sound(rng, "WhatsApp bridge", "https://bridge.example.com/wa")
	broken.Status, broken.CreateStatus = "Inactive", "Error"
	broken.CreateError = "The recipient could not be created: the messaging platform did not answer."
	young := sound(rng, "Loyalty programme", "https://loyalty.example.com/genesys")
	young.Status, young.CreateStatus = "New", "Initiated"
	return []Integration{noTLS, port, private, copied, unsigned, weak, broken, young}
}
