package engine

import (
	"fmt"
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// What users are told of input that has no rows, or turns NULL.

// lost tells of input that has no rows or turns NULL, once for each kind.
func (q *query) lost(l *codec.Loss) {
	if _, known := q.counters.warned.LoadOrStore(l.Key, true); !known {
		q.notify(&notice{l.Text, l.Hint})
	}
}

// notify hands a message about lost input to the user.
func (q *query) notify(n *notice) {
	if n == nil {
		return
	}
	text := n.text
	if len(q.job.Streams) > 1 {
		text = "stream " + q.stream.Name + ": " + text
	}
	q.env.Notify(text, n.hint)
}

// closeRejects tells of malformed records that were not told of yet.
func (q *query) closeRejects() error {
	q.notify(q.rejects.lastMessage(q.counters.in.Load()))
	q.tellAbsent(true)
	return q.rejects.close()
}

// tellAbsent tells of columns that no JSON record has had: at the end of the run, or before it when the records have a name that
// differs in case only.
func (q *query) tellAbsent(end bool) {
	if malformed, dropped := q.rejects.total(); q.plan == nil || q.counters.in.Load()+dropped <= malformed {
		return
	}
	fields, alike := q.presence.Absent()
	var names, other []string
	corrupt := q.rejects.corruptColumn()
	for i, at := range fields {
		name := q.plan.Fields[at].Name
		if name == corrupt || q.isPartition(name) || alike[i] == "" && !end {
			continue
		}
		if _, told := q.counters.warned.LoadOrStore("absent "+name, true); told {
			continue
		}
		names = append(names, name)
		if alike[i] != "" {
			other = append(other, alike[i])
		}
	}
	if len(names) == 0 {
		return
	}
	n := &notice{fmt.Sprintf("no record has the %s: NULL in every row", columnsNamed(names)), "check the names in the schema against a record"}
	if len(other) > 0 {
		n.hint = fmt.Sprintf("the records have %s; names in JSON are compared with their case", sparkerr.Names(other))
	}
	q.notify(n)
}

func columnsNamed(names []string) string {
	if len(names) == 1 {
		return "column " + names[0]
	}
	return "columns " + sparkerr.Names(names)
}

func (q *query) isPartition(name string) bool {
	all := q.columns.schema.Fields
	return slices.ContainsFunc(all[len(all)-q.columns.partitions:], func(f types.Field) bool { return f.Name == name })
}
