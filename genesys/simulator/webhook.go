package simulator

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// signatureHeader holds "sha256=" and the HMAC in base64, not in hex as others do
// (developer.genesys.cloud/commdigital/digital/openmessaging/validate.html).
const signatureHeader = "X-Hub-Signature-256"

// correlationHeader is how Genesys Cloud names a request in its own logs.
const correlationHeader = "ININ-Correlation-Id"

// sign is the value of the signature header for a body.
func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func verify(secret, signature string, body []byte) bool {
	return hmac.Equal([]byte(sign(secret, body)), []byte(signature))
}

// MessageID is the id of the message in a payload, by which webhooks are counted; "" if it has none.
func MessageID(payload []byte) string {
	var m struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(payload, &m) != nil {
		return ""
	}
	return m.ID
}

// message is an Open Messaging outbound message, in the order in which Genesys writes its fields.
type message struct {
	ID                string          `json:"id"`
	Channel           channel         `json:"channel"`
	Type              string          `json:"type"` // Text, Structured, Event
	Text              string          `json:"text,omitempty"`
	Content           []content       `json:"content,omitempty"`
	Events            []event         `json:"events,omitempty"`
	OriginatingEntity string          `json:"originatingEntity"` // Human, Bot
	Direction         string          `json:"direction"`
	ConversationID    string          `json:"conversationId"`
	Metadata          json.RawMessage `json:"metadata,omitempty"`
}

type channel struct {
	ID        string `json:"id"` // of the integration
	Platform  string `json:"platform"`
	Type      string `json:"type"`
	To        party  `json:"to"`
	From      party  `json:"from"`
	Time      string `json:"time"`
	MessageID string `json:"messageId"`
}

type party struct {
	Nickname string `json:"nickname,omitempty"`
	ID       string `json:"id"`
	IDType   string `json:"idType,omitempty"`
}

type content struct {
	ContentType string     `json:"contentType"`
	Attachment  attachment `json:"attachment"`
}

type attachment struct {
	MediaType string `json:"mediaType"`
	URL       string `json:"url"`
	Mime      string `json:"mime"`
	Filename  string `json:"filename"`
}

type event struct {
	EventType string `json:"eventType"`
	Typing    typing `json:"typing"`
}

type typing struct {
	Type     string `json:"type"`
	Duration int    `json:"duration"` // milliseconds
}

// kind is what a webhook says.
type kind int

const (
	byAgent kind = iota
	byBot
	withAttachment
	whileTyping
	withEmoji
	awkward
	huge
)

// kinds is a deal of 40 webhooks.
func kinds() map[kind]int {
	return map[kind]int{byAgent: 18, byBot: 9, withAttachment: 4, whileTyping: 4, withEmoji: 2, awkward: 2, huge: 1}
}

// awkwardMetadata has what naive rewriting breaks: integers that no float holds, other notations of numbers,
// escapes that need not be, a lone surrogate, characters that HTML escaping would change, a key that
// comes twice, and a line separator that JavaScript once choked on.
const awkwardMetadata = `{"ticket":9007199254740993,"balance":-1.10e+2,"exact":0.1000000000000000055511151231257827,` +
	`"link":"https:\/\/example.com\/?a=1&b=<2>","name":"Andr\u00e9","half":"\ud83d","tag":"vip","tag":"new","line":"a` + "\u2028" + `b"}`

// hugeTextBytes is how long the text of a huge message is, at least.
const hugeTextBytes = 100 << 10

// compose makes a message from an integration, and gives its id and its bytes.
func compose(rng *rand.Rand, now time.Time, integration string, k kind) (id string, body []byte) {
	m := message{
		ID:      newID(rng, now),
		Channel: newChannel(rng, now, integration),
		Type:    "Text", OriginatingEntity: "Human", Direction: "Outbound",
		ConversationID: newID(rng, now),
	}
	m.fill(rng, k)
	return m.ID, m.encode()
}

func newChannel(rng *rand.Rand, now time.Time, integration string) channel {
	agent := pick(rng, "Ada", "Björn", "Chiamaka", "Dmitri", "Élodie", "Fatima", "花子")
	customer := fmt.Sprintf("customer-%05d", rng.IntN(100_000))
	return channel{
		ID: integration, Platform: "Open", Type: "Private",
		To:        party{ID: customer, IDType: "Opaque"},
		From:      party{Nickname: agent, ID: integration},
		Time:      now.UTC().Format("2006-01-02T15:04:05.000Z"),
		MessageID: newID(rng, now),
	}
}

func (m *message) fill(rng *rand.Rand, k kind) {
	switch k {
	case byAgent:
		m.Text = pick(rng, "How may I help you?", "I have sent the form to your address.",
			"Your refund of 42.50 is on its way.", "Could you tell me the order number, please?")
	case byBot:
		m.OriginatingEntity = "Bot"
		m.Text = pick(rng, "Welcome! Choose 1 for orders, 2 for billing.", "All agents are busy; you are number 3.")
	case withAttachment:
		m.Content = []content{{ContentType: "Attachment", Attachment: attachment{
			MediaType: "Image", Mime: "image/png", Filename: "label.png",
			URL: fmt.Sprintf("https://api.mypurecloud.ie/api/v2/downloads/%016x?part=1&size=full", rng.Uint64()),
		}}}
	case whileTyping:
		m.Type = "Event"
		m.Events = []event{{EventType: "Typing", Typing: typing{Type: "On", Duration: 5000}}}
	case withEmoji:
		m.Text = pick(rng, "Danke schön! 🎉👩‍👩‍👧‍👦 Bis bald 👋🏽", "了解しました 🙇 少々お待ちください", "شكرا لك ✅ مرحبا")
	case awkward:
		m.Text = "Price <b>5 & 6</b>, path C:\\temp, tab\there, quote \" and \x1b[31mno colour\x1b[0m"
		m.Metadata = json.RawMessage(awkwardMetadata)
	case huge:
		const line = "12:00:00.000 WARN pasted from the customer's log: connection reset by peer\n"
		m.Text = strings.Repeat(line, hugeTextBytes/len(line)+1)
	}
}

// encode writes the message as Genesys does, without HTML escapes.
func (m *message) encode() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		panic("bug: a composed message cannot be encoded: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func pick(rng *rand.Rand, choices ...string) string { return choices[rng.IntN(len(choices))] }
