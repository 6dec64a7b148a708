package file

import (
	"fmt"
	"time"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// tell tells the user, once for each key.
func (f *Follower) tell(key, text, hint string) {
	f.env.Lost(&codec.Loss{Key: key, Text: text, Hint: hint})
}

// tellCut tells of a last line that was taken although it has no line end.
func (f *Follower) tellCut(t *tracked, bytes int64) {
	if !t.tell(toldCut) {
		return
	}
	f.tell(fmt.Sprintf("follow cut %d", t.ID), fmt.Sprintf("%s: its last line has no line end and nothing was added for %s; it was taken as a line (%s)",
		t.Path, f.opts.lastLine, counted(bytes)),
		"what the program adds to the line becomes a line for itself; the option "+lastLineName+" waits longer")
}

// tellLost tells of contents that disappeared before they were read. Shortly after a rotation, a copy may still turn up.
func (f *Follower) tellLost(final bool) {
	for _, h := range f.held {
		if h.incomplete && !final {
			return
		}
	}
	for _, t := range f.tracked {
		if t.readable() || t.since.IsZero() || !final && f.env.Now().Sub(t.since) < copyTime {
			continue
		}
		if t.unread() > 0 && t.tell(toldLost) {
			f.lose(t.Path, t.ID, t.unread(), "the file was "+t.fate()+" before they were read, and no copy of it was found")
			t.size = t.End
		}
		if !t.seen && (t.replaced || f.occupied(t)) && t.tell(toldLost) {
			f.tell(fmt.Sprintf("follow unknown %d", t.ID), fmt.Sprintf("%s: the file that was read up to byte %d was %s while nothing followed it, and no copy of it was found: "+
				"lines that were added to it since then are lost", t.Path, t.End, t.fate()),
				"let path name the rotated files, too ('app.log*'), and let logrotate keep them for longer than this command may be down")
		}
	}
}

func (t *tracked) fate() string {
	if t.replaced {
		return "truncated or overwritten"
	}
	return "removed"
}

// occupied reports whether another content has the path of one that disappeared.
func (f *Follower) occupied(t *tracked) bool {
	for _, o := range f.tracked {
		if o != t && o.here && o.Path == t.Path {
			return true
		}
	}
	return false
}

// tellUnfinished tells at the end of last lines that were not read.
func (f *Follower) tellUnfinished() {
	for _, t := range f.tracked {
		if t.here && !t.packed() && t.unread() > 0 && t.ended >= t.size {
			f.tell(fmt.Sprintf("follow unfinished %d", t.ID), fmt.Sprintf("%s: its last line has no line end yet and was not read (%s)", t.Path, counted(t.unread())),
				fmt.Sprintf("with the same checkpoint, the next run reads it when it has ended, or %s after the last byte was added (%s)", f.opts.lastLine, lastLineName))
		}
	}
}

// tellDamaged tells of a compressed file that stays incomplete.
func (f *Follower) tellDamaged(s *sighting, h *suspect, err error) {
	if f.env.Now().Sub(h.since) >= copyTime && f.env.Now().Sub(s.status.ModTime) >= time.Minute {
		f.tell("follow damaged "+s.path, fmt.Sprintf("%s is left out until it is complete: %s", s.path, sparkerr.Reason(err)),
			"compress it again if the program that did so was stopped")
	}
}
