package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const openPath = "/api/v2/conversations/messaging/integrations/open"

// defaultPageSize is Genesys' own, when none is asked for.
const defaultPageSize = 25

// openIntegrations lists Open Messaging integrations, page by page. Pages count from 1.
func (a *API) openIntegrations(w http.ResponseWriter, r *http.Request) {
	size, err1 := positive(r.URL.Query(), "pageSize", defaultPageSize)
	number, err2 := positive(r.URL.Query(), "pageNumber", 1)
	if err1 != nil || err2 != nil {
		refuse(w, http.StatusBadRequest, "bad.request", "pageSize and pageNumber must be positive numbers.")
		return
	}
	size = min(size, a.cfg.PageSize)
	all := a.cfg.Integrations
	pages := (len(all) + size - 1) / size
	page := map[string]any{
		"entities": entities(all, size, number), "pageSize": size, "pageNumber": number, "total": len(all), "pageCount": pages,
		"firstUri": pageURI(size, 1), "selfUri": pageURI(size, number), "lastUri": pageURI(size, pages),
	}
	if number < pages {
		page["nextUri"] = pageURI(size, number+1)
	}
	writeJSON(w, http.StatusOK, page)
}

func positive(q url.Values, name string, otherwise int) (int, error) {
	if !q.Has(name) {
		return otherwise, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s %q is not a positive number", name, q.Get(name))
	}
	return n, nil
}

func pageURI(size, number int) string {
	return fmt.Sprintf("%s?pageSize=%d&pageNumber=%d", openPath, size, number)
}

// entities are those on a page; beyond the last page there are none.
func entities(all []Integration, size, number int) []map[string]any {
	page := []map[string]any{}
	if number > len(all) { // far out: the product below could overflow
		return page
	}
	for i := (number - 1) * size; i < min(number*size, len(all)); i++ {
		page = append(page, all[i].entity())
	}
	return page
}

// entity is the integration as the API shows it. Whether Genesys really shows the secret is not known: here it
// does, the worse case for those who must not keep it.
func (i Integration) entity() map[string]any {
	user := map[string]string{"id": "2f4b6a52-8a0e-4d0f-9f58-1f0f5c3a7d10", "selfUri": "/api/v2/users/2f4b6a52-8a0e-4d0f-9f58-1f0f5c3a7d10"}
	e := map[string]any{
		"id": i.ID, "name": i.Name, "status": i.Status, "createStatus": i.CreateStatus,
		"outboundNotificationWebhookUrl": i.URL,
		"supportedContent":               map[string]string{"id": "c0ffee00-0000-4000-8000-000000000001", "name": "Default"},
		"messagingSetting":               map[string]string{"id": "c0ffee00-0000-4000-8000-000000000002", "name": "Default"},
		"recipient":                      map[string]string{"id": i.ID},
		"dateCreated":                    founded.Format(time.RFC3339), "dateModified": i.Modified.UTC().Format(time.RFC3339),
		"createdBy": user, "modifiedBy": user, "selfUri": openPath + "/" + i.ID,
	}
	if i.Secret != "" {
		e["outboundNotificationWebhookSignatureSecretToken"] = i.Secret
	}
	if len(i.Headers) > 0 {
		e["webhookHeaders"] = i.Headers
	}
	if i.CreateError != "" {
		e["createError"] = map[string]any{"message": i.CreateError, "code": "internal.error", "status": http.StatusInternalServerError}
	}
	return e
}
