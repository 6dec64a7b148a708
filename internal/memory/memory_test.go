package memory

import (
	"errors"
	"testing"
)

func TestHoldingsShareOneLimit(t *testing.T) {
	Limit(100)
	defer Limit(0)
	var a, b Holding
	defer a.Release()
	defer b.Release()
	if err := a.Hold(60); err != nil {
		t.Fatal(err)
	}
	if room := b.Room(); room != 40 {
		t.Errorf("the room is %d", room)
	}
	var large *Exceeded
	if err := b.Hold(41); !errors.As(err, &large) || large.Bytes != 41 || large.Left != 40 {
		t.Errorf("41 bytes: %v", err)
	}
	if b.Bytes() != 0 {
		t.Errorf("a holding that was refused has %d bytes", b.Bytes())
	}
	if err := a.Hold(10); err != nil {
		t.Errorf("to shrink: %v", err)
	}
	if err := b.Hold(90); err != nil {
		t.Errorf("after another one has shrunk: %v", err)
	}
	a.Release()
	if room := b.Room(); room != 100 {
		t.Errorf("after a release the room is %d", room)
	}
}

func TestSharesFollowTheLimit(t *testing.T) {
	if n := Share(1000, 10); n != 1000 {
		t.Errorf("without a limit %d", n)
	}
	Limit(50_000)
	defer Limit(0)
	if n, small := Share(1<<20, 10), Share(500, 10); n != 5000 || small != 500 {
		t.Errorf("%d, %d", n, small)
	}
}

func TestWithoutALimitNothingIsCounted(t *testing.T) {
	var h Holding
	if err := h.Hold(1 << 40); err != nil || h.Bytes() != 0 || h.Room() != Unlimited {
		t.Errorf("%v, %d bytes, room %d", err, h.Bytes(), h.Room())
	}
}
