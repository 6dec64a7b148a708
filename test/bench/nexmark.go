package main

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// Bids as the Nexmark benchmark defines them: of 50 events, one is a person, three are auctions and 46 are bids, and only the bids are written. Ids count up
// from 1000. Half of the bids are for the hot auction, the first of each hundred; three quarters are by the hot bidder, the second of each hundred persons. The
// others are for one of the last hundred auctions or up to ten that do not exist yet, and by one of the last thousand persons, likewise. Prices are spread
// evenly over the logarithms from 1 to a million dollars. Half of the channels are one of four. (github.com/nexmark/nexmark)
const (
	bidSchema       = "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, extra STRING, dateTime TIMESTAMP"
	eventsPerSecond = 10_000
	eventsPerRound  = 50
	bidsPerRound    = 46
	firstID         = 1000
	hotEvery        = 100
	lead            = 10
	coldChannels    = 10_000
)

var bidBase = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// A bidder generates bids.
type bidder struct {
	random   *rand.Rand
	letters  []byte
	channels []string // a channel and its URL, separated by a comma; the first four are hot
	line     []byte
}

func newBidder() *bidder {
	b := &bidder{random: rand.New(rand.NewPCG(1, 7)), letters: make([]byte, 1<<16)}
	for i := range b.letters {
		b.letters[i] = byte('a' + b.random.IntN(26))
	}
	for _, hot := range []string{"Google", "Facebook", "Baidu", "Apple"} {
		b.channels = append(b.channels, hot+","+b.url())
	}
	for i := range coldChannels {
		channel := fmt.Sprintf("channel-%d,%s", i, b.url())
		if b.random.IntN(10) > 0 {
			channel += fmt.Sprintf("&channel_id=%d", uint32(b.random.Uint64()))
		}
		b.channels = append(b.channels, channel)
	}
	return b
}

func (b *bidder) text(n int) []byte {
	at := b.random.IntN(len(b.letters) - n)
	return b.letters[at : at+n]
}

func (b *bidder) url() string {
	return fmt.Sprintf("https://www.nexmark.com/%s/%s/%s/item.htm?query=1", b.text(5), b.text(5), b.text(5))
}

// bid returns the line of the bid that is event n.
func (b *bidder) bid(n int) []byte {
	round, r := n/eventsPerRound, b.random
	lastAuction, lastPerson := round*3+2, round
	auction := lastAuction / hotEvery * hotEvery
	if r.IntN(2) == 0 {
		first := max(lastAuction-hotEvery, 0)
		auction = first + r.IntN(lastAuction-first+1+lead)
	}
	person := lastPerson/hotEvery*hotEvery + 1
	if r.IntN(4) == 0 {
		active := min(lastPerson+1, 1000)
		person = lastPerson + 1 - active + r.IntN(active+lead)
	}
	channel := b.channels[r.IntN(4)]
	if r.IntN(2) == 0 {
		channel = b.channels[4+r.IntN(coldChannels)]
	}
	price := math.Round(math.Pow(10, r.Float64()*6) * 100)
	at := bidBase.Add(time.Duration(n) * time.Second / eventsPerSecond)
	b.line = fmt.Appendf(b.line[:0], "%d,%d,%d,%s,%s,%s\n", firstID+auction, firstID+person, int64(price), channel, b.text(54+r.IntN(29)), at.Format("2006-01-02T15:04:05.000Z"))
	return b.line
}

// generateBids writes bids in the order of their times, and a last one for auction 0 an hour later, which closes all windows of the others. The same number
// produces the same bytes.
func generateBids(path string, bids int) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "auction,bidder,price,channel,url,extra,dateTime")
	b := newBidder()
	for i := range bids {
		n := i/bidsPerRound*eventsPerRound + eventsPerRound - bidsPerRound + i%bidsPerRound
		if _, err := w.Write(b.bid(n)); err != nil {
			return err
		}
	}
	end := bidBase.Add(time.Duration(bids)*time.Second/eventsPerSecond + time.Hour)
	fmt.Fprintf(w, "0,0,0,Apple,,,%s\n", end.Format("2006-01-02T15:04:05.000Z"))
	return w.Flush()
}
