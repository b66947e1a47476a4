package ui

import (
	"slices"
	"strconv"
	"strings"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/filter"
	"rehook/ui/plain"
)

// What can be completed is taken from what is on the screen: it costs the same with ten thousand letters.

// filterValues are what a property could be: as an example, where the screen has nothing of it.
func (m *Model) filterValues(w filter.Word) []offer {
	if seen := m.seenOf(w.Name); len(seen) > 0 {
		return seen
	}
	return []offer{{text: w.Example[len(w.Name)+len(operatorOf(w)):], help: "for example"}}
}

func (m *Model) seenOf(property string) []offer {
	switch property {
	case "status":
		return m.onScreen(statusesOf)
	case "endpoint":
		return m.hosts()
	case "reason":
		return m.onScreen(reasonsOf)
	case "id":
		return m.onScreen(idsOf)
	case "source":
		return m.onScreen(sourcesOf)
	}
	return nil
}

// flagValues are what a flag could be given.
func (m *Model) flagValues(f lineFlag) []offer {
	switch f.name {
	case idFlag.name:
		return m.onScreen(idsOf)
	case "--to":
		return m.lanes()
	}
	return nil
}

// onScreen are words of the letters in the list's window, each once, in the order of the list.
func (m *Model) onScreen(words func(*row) []offer) []offer {
	l := m.s.letters
	var all []offer
	for i := l.scroll.top; i < min(len(l.rows), l.scroll.top+max(1, m.s.listHeight())); i++ {
		for _, o := range words(l.rows[i]) {
			all = offered(all, o)
		}
	}
	return all
}

// offered adds a word that is new, and safe and short enough to be typed. One with blanks is put in quotes.
func offered(all []offer, o offer) []offer {
	if o.text == "" || len(o.text) > 100 || plain.Line(o.text) != o.text || strings.ContainsAny(o.text, `"'\`) {
		return all
	}
	if strings.Contains(o.text, " ") {
		o.text = `"` + o.text + `"`
	}
	if slices.ContainsFunc(all, func(known offer) bool { return known.text == o.text }) {
		return all
	}
	return append(all, o)
}

func idsOf(r *row) []offer {
	return []offer{{text: shortID(r.Letter.ID), help: endpointCell(r.Letter.OriginalEndpoint, 40) + "  " + plain.Short(r.why(), 20)}}
}

func hostsOf(r *row) []offer {
	return []offer{{text: host(deadletter.MaskURL(r.Letter.OriginalEndpoint))}}
}

func sourcesOf(r *row) []offer { return []offer{{text: r.Letter.Source}} }

func statusesOf(r *row) []offer {
	code := r.Letter.ErrorCode
	if code < 100 {
		return []offer{{text: strconv.Itoa(code), help: "no answer"}}
	}
	class := strconv.Itoa(code/100) + "xx"
	return []offer{{text: strconv.Itoa(code)}, {text: class}}
}

// reasonsOf are words that the filter finds in what a letter says of its failure.
func reasonsOf(r *row) []offer {
	var all []offer
	if word := r.why(); strings.Contains(strings.ToLower(r.Letter.Error), strings.ToLower(word)) {
		all = append(all, offer{text: word})
	} else {
		all = append(all, offer{text: r.Letter.Error})
	}
	if r.Letter.Parked != nil {
		all = append(all, offer{text: string(r.Letter.Parked.Reason)})
	}
	return all
}

// hosts are those of the lanes, and of what is parked.
func (m *Model) hosts() []offer {
	var all []offer
	for _, lane := range m.lanes() {
		all = offered(all, offer{text: host(lane.text), help: lane.help})
	}
	for _, o := range m.onScreen(hostsOf) {
		all = offered(all, o)
	}
	return all
}

// laneHosts are the lanes by their hosts, as far as those tell them apart.
func (m *Model) laneHosts() []offer {
	all := m.lanes()
	count := map[string]int{}
	for _, lane := range all {
		count[host(lane.text)]++
	}
	for i, lane := range all {
		if name := host(lane.text); count[name] == 1 {
			all[i].text = name
		}
	}
	return all
}

// lanes are the endpoints in full.
func (m *Model) lanes() []offer {
	var all []offer
	for _, e := range m.s.status.Endpoints {
		all = offered(all, offer{text: e.Endpoint, help: pick(e.State == retry.Open, "its breaker is open", "")})
	}
	return all
}
