package status

import (
	"encoding/json"
)

// masked returns the report with every text masked. It goes through the JSON form, so that no field is forgotten.
func (r *Report) masked(mask func(string) string) *Report {
	if mask == nil {
		return r
	}
	text, err := json.Marshal(r)
	if err != nil {
		return &Report{Version: r.Version} // rather nothing than a secret
	}
	changed := maskStrings(text, mask)
	if changed == nil {
		return r
	}
	m := &Report{}
	if err := json.Unmarshal(changed, m); err != nil {
		return &Report{Version: r.Version}
	}
	for i, q := range r.Queries {
		m.Queries[i].timings = q.timings
	}
	return m
}

// maskStrings masks the strings in a JSON text, except the names of members. It returns nil if nothing has changed.
func maskStrings(text []byte, mask func(string) string) []byte {
	var out []byte
	done := 0
	for i := 0; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		end := i + 1
		for text[end] != '"' {
			if text[end] == '\\' {
				end++
			}
			end++
		}
		literal := text[i : end+1]
		from := i
		i = end
		if end+1 < len(text) && text[end+1] == ':' { // compact JSON: the name of a member
			continue
		}
		var s string
		if json.Unmarshal(literal, &s) != nil {
			continue
		}
		if m := mask(s); m != s {
			quoted, err := json.Marshal(m)
			if err != nil {
				continue
			}
			out = append(append(out, text[done:from]...), quoted...)
			done = end + 1
		}
	}
	if out == nil {
		return nil
	}
	return append(out, text[done:]...)
}
