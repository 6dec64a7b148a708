// Package nexmark has the Nexmark benchmark: a generator of its three streams, and its queries as job files in jobs, each with the data below data next to it.
// The tests compare the rows of every batch with those of Apache Spark.
//
// An online auction has persons, auctions and bids, 1 : 3 : 46 of every 50 events in this order. The rules for ids, hot keys, prices and sizes are those of
// github.com/nexmark/nexmark. That generator is unseeded; this one draws every event from the seed and the event's number, so that the same arguments produce the
// same bytes, and a stream in disorder has the events of the ordered one.
package nexmark

import (
	"embed"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// Jobs has the job files of the queries, and the schemas of the streams.
//
//go:embed jobs
var Jobs embed.FS

const (
	round   = 50 // events: a person, three auctions and the bids
	persons = 1
	sales   = 3 // auctions per round

	firstID       = 1000 // of persons and of auctions
	lead          = 10   // so many ids are named before they exist
	hotEvery      = 100  // new ids after which another one is hot
	inFlight      = 100  // auctions that get bids
	active        = 1000 // persons who bid
	coldChannels  = 10_000
	firstCategory = 10
	categories    = 5

	timeLayout = "2006-01-02T15:04:05.000Z"
)

// Rate is the default number of events per second of event time.
const Rate = 10_000

// A Kind is one of the three streams.
type Kind uint8

// The streams, in the order in which they occur in a round.
const (
	Person Kind = iota
	Auction
	Bid
)

func (k Kind) String() string { return [...]string{"person", "auction", "bid"}[k] }

// Schema returns the columns of the stream as DDL.
func (k Kind) Schema() string {
	text, err := Jobs.ReadFile("jobs/" + k.String() + ".ddl")
	if err != nil {
		panic(err) // it is embedded
	}
	return strings.TrimSpace(string(text))
}

// Header returns the names of the columns, separated by commas.
func (k Kind) Header() string {
	columns := strings.Split(k.Schema(), ",")
	for i, c := range columns {
		columns[i] = strings.Fields(c)[0]
	}
	return strings.Join(columns, ",")
}

var (
	base        = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // of event 0
	states      = []string{"AZ", "CA", "ID", "OR", "WA", "WY"}
	cities      = []string{"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"}
	firstNames  = []string{"Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"}
	lastNames   = []string{"Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"}
	hotChannels = []string{"Google", "Facebook", "Baidu", "Apple"}
)

// A Generator writes single events.
type Generator struct {
	seed     uint64
	rate     int
	source   *rand.PCG
	random   *rand.Rand // draws from source
	letters  []byte
	channels []string // a channel and its URL, separated by a comma; the hot ones come first
}

// NewGenerator returns a generator of rate events per second of event time.
func NewGenerator(seed uint64, rate int) *Generator {
	source := rand.NewPCG(seed, math.MaxUint64)
	g := &Generator{seed: seed, rate: rate, source: source, random: rand.New(source), letters: make([]byte, 1<<16)}
	for i := range g.letters {
		g.letters[i] = byte('a' + g.random.IntN(26))
	}
	for _, hot := range hotChannels {
		g.channels = append(g.channels, hot+","+g.url())
	}
	for i := range coldChannels {
		channel := fmt.Sprintf("channel-%d,%s", i, g.url())
		if g.random.IntN(10) > 0 {
			channel += fmt.Sprintf("&channel_id=%d", g.random.Uint32())
		}
		g.channels = append(g.channels, channel)
	}
	return g
}

// Time returns the event time of event n.
func (g *Generator) Time(n int) time.Time {
	return base.Add(time.Duration(n) * time.Second / time.Duration(g.rate)).Truncate(time.Millisecond)
}

// KindOf returns the stream that event n belongs to.
func KindOf(n int) Kind {
	switch at := n % round; {
	case at < persons:
		return Person
	case at < persons+sales:
		return Auction
	default:
		return Bid
	}
}

// Append appends event n as a line of CSV. No value needs quotes.
func (g *Generator) Append(line []byte, n int) []byte {
	g.source.Seed(g.seed, uint64(n))
	switch KindOf(n) {
	case Person:
		line = g.person(line, n)
	case Auction:
		line = g.auction(line, n)
	default:
		line = g.bid(line, n)
	}
	line = append(line, ',')
	return append(g.Time(n).AppendFormat(line, timeLayout), '\n')
}

// lastPerson and lastAuction return how many ids there were before the newest one at event n.
func lastPerson(n int) int { return n / round }

func lastAuction(n int) int {
	return n/round*sales + min(n%round-persons, sales-1)
}

// somePerson returns one of those who are active, or one who will be.
func (g *Generator) somePerson(n int) int {
	count := lastPerson(n) + 1
	bidders := min(count, active)
	return count - bidders + g.random.IntN(bidders+lead)
}

func (g *Generator) someAuction(n int) int {
	last := lastAuction(n)
	first := max(last-inFlight, 0)
	return first + g.random.IntN(last-first+1+lead)
}

func (g *Generator) text(n int) []byte {
	at := g.random.IntN(len(g.letters) - n)
	return g.letters[at : at+n]
}

// extra fills an event up to its average size, give or take a fifth.
func (g *Generator) extra(missing int) []byte {
	return g.text(missing - missing/5 + g.random.IntN(2*(missing/5)+1))
}

func (g *Generator) url() string {
	return fmt.Sprintf("https://www.nexmark.com/%s/%s/%s/item.htm?query=1", g.text(5), g.text(5), g.text(5))
}

// price returns cents, distributed evenly over the logarithms from 1 to a million dollars.
func (g *Generator) price() int64 {
	return int64(math.Round(math.Pow(10, g.random.Float64()*6) * 100))
}

func (g *Generator) pick(list []string) string { return list[g.random.IntN(len(list))] }

func (g *Generator) person(line []byte, n int) []byte {
	r := g.random
	line = fmt.Appendf(line, "%d,%s %s,%s@%s.com,%04d %04d %04d %04d,%s,%s,", firstID+lastPerson(n), g.pick(firstNames), g.pick(lastNames), g.text(7), g.text(5),
		r.IntN(10_000), r.IntN(10_000), r.IntN(10_000), r.IntN(10_000), g.pick(cities), g.pick(states))
	return append(line, g.extra(130)...)
}

func (g *Generator) auction(line []byte, n int) []byte {
	seller := lastPerson(n) / hotEvery * hotEvery
	if g.random.IntN(4) == 0 {
		seller = g.somePerson(n)
	}
	initial := g.price()
	horizon := g.Time(n + inFlight*round/sales).Sub(g.Time(n)).Milliseconds()
	expires := g.Time(n).Add(time.Duration(1+g.random.Int64N(2*horizon)) * time.Millisecond)
	line = fmt.Appendf(line, "%d,%s,%s,%d,%d,%s,%d,%d,", firstID+lastAuction(n), g.text(20), g.text(100), initial, initial+g.price(), expires.Format(timeLayout),
		firstID+seller, firstCategory+g.random.IntN(categories))
	return append(line, g.extra(332)...)
}

// bid is mostly for the hot auction, the first of each hundred, by the hot bidder, the second of each hundred persons.
func (g *Generator) bid(line []byte, n int) []byte {
	r := g.random
	auction := lastAuction(n) / hotEvery * hotEvery
	if r.IntN(2) == 0 {
		auction = g.someAuction(n)
	}
	bidder := lastPerson(n)/hotEvery*hotEvery + 1
	if r.IntN(4) == 0 {
		bidder = g.somePerson(n)
	}
	channel := g.channels[r.IntN(len(hotChannels))]
	if r.IntN(2) == 0 {
		channel = g.channels[len(hotChannels)+r.IntN(coldChannels)]
	}
	line = fmt.Appendf(line, "%d,%d,%d,%s,", firstID+auction, firstID+bidder, g.price(), channel)
	return append(line, g.extra(68)...)
}
