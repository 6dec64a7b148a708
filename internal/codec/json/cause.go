package json

import (
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
)

// diagnosis explains malformed records.
var diagnosis = codec.Diagnosis{Causes: []func(*codec.Suspect) string{isSeparated, spread, almost}, FollowsMarks: true}

func isSeparated(s *codec.Suspect) string {
	if s.Column == "" && s.IsSeparated() {
		return s.Name + " seems to be CSV: --format csv reads it"
	}
	return ""
}

// spread finds a record, or an array of records, on several lines.
func spread(s *codec.Suspect) string {
	whole, _ := s.Options.Lookup("multiLine")
	if s.Column != "" || strings.EqualFold(whole, "true") {
		return ""
	}
	record := strings.TrimSpace(strings.TrimPrefix(s.Record, "\ufeff"))
	head := strings.TrimSpace(string(s.Head))
	opens := record == "{" || record == "[" || strings.HasPrefix(record, "{") && !strings.HasSuffix(record, "}") && !s.Cut ||
		strings.HasPrefix(record, "[") && !strings.HasSuffix(record, "]") && !s.Cut
	if opens && strings.ContainsAny(head, "\r\n") || strings.HasPrefix(head, "[") && (strings.HasSuffix(record, "},") || record == "]") {
		return "a record, or an array of records, is on several lines: multiLine=true"
	}
	return ""
}

// almost finds what looks like JSON.
func almost(s *codec.Suspect) string {
	if s.Column != "" {
		return ""
	}
	record := strings.TrimSpace(s.Record)
	switch {
	case strings.HasPrefix(record, "{'") && strings.ContainsAny(record, "TFN"):
		return "the record seems to be printed by Python (None, True, False); json.dumps writes JSON"
	case strings.HasPrefix(record, "{") && strings.HasSuffix(record, "},"):
		return "the line ends in a comma: an array of records needs multiLine=true and brackets around it"
	case strings.HasPrefix(record, "\x1e"):
		return "records begin with the byte 1E (a JSON text sequence); leave it out"
	}
	return ""
}
