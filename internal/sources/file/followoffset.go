package file

import (
	"encoding/json"
	"fmt"

	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// A position says up to which byte a followed file has been taken, and how to find the file again. Bytes are those of the uncompressed content.
type position struct {
	ID     int64  `json:"id"`   // of the content, whatever its file is called and wherever it is copied
	Path   string `json:"path"` // where it was last
	Begin  int64  `json:"begin,omitempty"`
	End    int64  `json:"end"`
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
	Born   int64  `json:"born,omitempty"`
	mark          // of the bytes up to End
	Gone   int64  `json:"gone,omitempty"` // when its content disappeared, in milliseconds since 1970; 0 while it is there
}

func (p *position) identity() storage.Identity {
	return storage.Identity{Device: p.Device, Inode: p.Inode, Born: p.Born}
}

func (p *position) setIdentity(id storage.Identity) {
	p.Device, p.Inode, p.Born = id.Device, id.Inode, id.Born
}

// positions are the offset of a followed source. Neither Spark nor a file source that does not follow accepts it for its own, and the other
// way round.
type positions struct {
	Followed []position `json:"followed"`
	Next     int64      `json:"next"` // the ID of the next content
}

// text returns the offset.
func (p *positions) text() sources.Offset {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return sources.Offset(text)
}

// parsePositions reads an offset; "" is the beginning.
func parsePositions(o sources.Offset) (*positions, error) {
	if o == "" {
		return &positions{}, nil
	}
	var p positions
	if err := json.Unmarshal([]byte(o), &p); err != nil || p.Followed == nil {
		return nil, notFollowed(o)
	}
	return &p, nil
}

// find returns the position of a content; nil if there is none.
func (p *positions) find(id int64) *position {
	for i := range p.Followed {
		if p.Followed[i].ID == id {
			return &p.Followed[i]
		}
	}
	return nil
}

// notFollowed is the error for the offset of a query that did not follow its files.
func notFollowed(o sources.Offset) error {
	return sparkerr.Plain("the checkpoint belongs to a query that does not follow its files (its last offset is %s)", short(o)).
		WithHint("it knows which files were read, not how far; leave out follow, or start with a new checkpoint, which reads what is there from its beginning or from its end (startingPosition)")
}

// followed is the error for the offset of a query that followed its files.
func followed() error {
	return sparkerr.Plain("the checkpoint belongs to a query that follows its files, with follow=true").
		WithHint("add --follow, or the option follow: true, or start with a new checkpoint")
}

func short(o sources.Offset) sources.Offset { return o[:min(len(o), 60)] }

// isFollowed reports whether an offset is one of a followed source.
func isFollowed(o sources.Offset) bool {
	p, err := parsePositions(o)
	return o != "" && err == nil && p != nil
}

// Followed describes the offset of a followed source for people: each file and how far it was taken. ok is false for other offsets.
func Followed(o sources.Offset) (files []string, ok bool) {
	if !isFollowed(o) {
		return nil, false
	}
	p, err := parsePositions(o)
	if err != nil {
		return nil, false
	}
	for i := range p.Followed {
		f := &p.Followed[i]
		text := fmt.Sprintf("%s up to byte %d", f.Path, f.End)
		if f.Gone > 0 {
			text += ", gone"
		}
		files = append(files, text)
	}
	return files, true
}
