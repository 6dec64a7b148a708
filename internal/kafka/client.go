// Package kafka has what the source and the sink of Apache Kafka share: the options of the client.
package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Options with the prefix kafka. are those of Java's Kafka client, so that a job is the same on Apache Spark. Each is translated, known to have no meaning
// here, or refused by name.

// A Role is what a client does.
type Role uint8

// The roles, which are bits.
const (
	Reads Role = 1 << iota
	Writes
)

// A Client is the settings of a client: the connection to the brokers, and what its role needs.
type Client struct {
	Servers   []string
	Committed bool      // read what is in committed transactions only
	Options   []kgo.Opt // for kgo.NewClient
	anyHost   bool      // the names in the certificates of the brokers are not checked
}

// A clientKey is an option of Java's client.
type clientKey struct {
	name, doc string
	kind      option.Kind
	effect    job.Effect
	refused   string // why Spark refuses it
	role      Role   // 0: both
}

var (
	text    = option.Text("any text")
	numeric = option.Integer("a number", -1, math.MaxInt64, notANumber)
	millis  = Millis
	pemFile = option.Text("a file in PEM format")
)

// Millis is the kind of a number of milliseconds.
var Millis = option.Integer("a number of milliseconds", 0, math.MaxInt64, notANumber)

func notANumber(name, value string) error {
	return sparkerr.Plain("%s must be a number, but is '%s'", name, value)
}

const notSupported = " is not supported as "

// clientKeys is the table of these options. (Java: ConsumerConfig, SaslConfigs, SslConfigs. Spark refuses some: KafkaSourceProvider.validateGeneralOptions.)
var clientKeys = []clientKey{
	{name: "bootstrap.servers", doc: "brokers to begin with, HOST:PORT separated by commas; required", kind: option.Text("HOST:PORT, …")},
	{role: Reads, name: "isolation.level", doc: "read_uncommitted, or read_committed without what is in open and aborted transactions", kind: option.OneOf("read_uncommitted", "read_committed")},
	{name: "client.id", doc: "name in the logs of the brokers", kind: text},
	{role: Reads, name: "client.rack", doc: "rack of this machine, to read from a broker nearby", kind: text},
	{role: Reads, name: "fetch.min.bytes", doc: "least bytes that a broker collects before it answers", kind: numeric},
	{role: Reads, name: "fetch.max.wait.ms", doc: "how long it collects", kind: millis},
	{role: Reads, name: "fetch.max.bytes", doc: "most bytes of an answer", kind: numeric},
	{role: Reads, name: "max.partition.fetch.bytes", doc: "most bytes of a partition in an answer", kind: numeric},
	{name: "request.timeout.ms", doc: "time for a request", kind: millis},
	{name: "metadata.max.age.ms", doc: "how often partitions and leaders are looked up", kind: millis},
	{name: "security.protocol", doc: "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL", kind: option.OneOf("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")},
	{name: "sasl.mechanism", doc: "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", kind: option.OneOf("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")},
	{name: "sasl.jaas.config", doc: "user and password, as Java's login modules take them", kind: option.Text(`…LoginModule required username="…" password="…";`)},
	{name: "ssl.truststore.type", doc: "PEM", kind: option.OneOf("PEM")},
	{name: "ssl.truststore.location", doc: "file with the certificates of authorities", kind: pemFile},
	{name: "ssl.truststore.certificates", doc: "these certificates themselves", kind: option.Text("certificates in PEM format")},
	{name: "ssl.keystore.type", doc: "PEM", kind: option.OneOf("PEM")},
	{name: "ssl.keystore.location", doc: "file with the certificate and key of the client", kind: pemFile},
	{name: "ssl.keystore.certificate.chain", doc: "the client's certificate itself", kind: option.Text("certificates in PEM format")},
	{name: "ssl.keystore.key", doc: "its key", kind: option.Text("a key in PEM format")},
	{name: "ssl.endpoint.identification.algorithm", doc: "https checks the names of the brokers; nothing does not", kind: option.OneOf("https", "")},

	{role: Reads, name: "group.id", doc: "there is no consumer group", kind: text, effect: job.NoEffect},
	{role: Reads, name: "group.instance.id", doc: "there is no consumer group", kind: text, effect: job.NoEffect},
	{role: Reads, name: "allow.auto.create.topics", doc: "reading creates no topic", kind: option.Bool, effect: job.NoEffect},
	{role: Reads, name: "auto.commit.interval.ms", doc: "nothing is committed to Kafka", kind: millis, effect: job.NoEffect},
	{role: Reads, name: "check.crcs", doc: "checksums are always checked", kind: option.Bool, effect: job.NoEffect},
	{name: "client.dns.lookup", doc: "all addresses of a name are tried", kind: text, effect: job.NoEffect},
	{name: "connections.max.idle.ms", doc: "Java's connection pool", kind: millis, effect: job.NoEffect},
	{role: Reads, name: "default.api.timeout.ms", doc: "see kafkaConsumer.pollTimeoutMs", kind: millis, effect: job.NoEffect},
	{role: Reads, name: "exclude.internal.topics", doc: "internal topics are read only by name", kind: option.Bool, effect: job.NoEffect},
	{role: Reads, name: "heartbeat.interval.ms", doc: "there is no consumer group", kind: millis, effect: job.NoEffect},
	{role: Reads, name: "max.poll.interval.ms", doc: "there is no consumer group", kind: millis, effect: job.NoEffect},
	{role: Reads, name: "max.poll.records", doc: "Java's poll", kind: numeric, effect: job.NoEffect},
	{role: Reads, name: "partition.assignment.strategy", doc: "there is no consumer group", kind: text, effect: job.NoEffect},
	{name: "receive.buffer.bytes", doc: "the system chooses it", kind: numeric, effect: job.NoEffect},
	{name: "reconnect.backoff.ms", doc: "the client has its own", kind: millis, effect: job.NoEffect},
	{name: "reconnect.backoff.max.ms", doc: "the client has its own", kind: millis, effect: job.NoEffect},
	{name: "retry.backoff.ms", doc: "the client has its own", kind: millis, effect: job.NoEffect},
	{name: "retry.backoff.max.ms", doc: "the client has its own", kind: millis, effect: job.NoEffect},
	{name: "send.buffer.bytes", doc: "the system chooses it", kind: numeric, effect: job.NoEffect},
	{role: Reads, name: "session.timeout.ms", doc: "there is no consumer group", kind: millis, effect: job.NoEffect},
	{name: "metric.reporters", doc: "Java's metrics", kind: text, effect: job.NoEffect},
	{name: "metrics.num.samples", doc: "Java's metrics", kind: numeric, effect: job.NoEffect},
	{name: "metrics.recording.level", doc: "Java's metrics", kind: text, effect: job.NoEffect},
	{name: "metrics.sample.window.ms", doc: "Java's metrics", kind: millis, effect: job.NoEffect},
	{name: "ssl.protocol", doc: "TLS 1.2 or 1.3", kind: text, effect: job.NoEffect},
	{name: "ssl.enabled.protocols", doc: "TLS 1.2 or 1.3", kind: text, effect: job.NoEffect},

	{name: "ssl.truststore.password", effect: job.Refused}, {name: "ssl.keystore.password", effect: job.Refused}, {name: "ssl.key.password", effect: job.Refused},
	{name: "ssl.cipher.suites", effect: job.Refused}, {name: "ssl.provider", effect: job.Refused}, {name: "ssl.engine.factory.class", effect: job.Refused},
	{name: "ssl.keymanager.algorithm", effect: job.Refused}, {name: "ssl.trustmanager.algorithm", effect: job.Refused}, {name: "ssl.secure.random.implementation", effect: job.Refused},
	{name: "security.providers", effect: job.Refused}, {name: "sasl.client.callback.handler.class", effect: job.Refused}, {name: "sasl.login.class", effect: job.Refused},
	{name: "sasl.login.callback.handler.class", effect: job.Refused}, {name: "sasl.kerberos.service.name", effect: job.Refused}, {name: "sasl.oauthbearer.token.endpoint.url", effect: job.Refused},

	{role: Writes, name: "acks", doc: "all: the record is on all replicas that are in sync; 1: on the leader; 0: sent", kind: option.OneOf("all", "-1", "1", "0")},
	{role: Writes, name: "compression.type", doc: "compression of batches", kind: option.OneOf("none", "gzip", "snappy", "lz4", "zstd")},
	{role: Writes, name: "linger.ms", doc: "how long a batch of records waits for more", kind: millis},
	{role: Writes, name: "batch.size", doc: "most bytes of a batch of records", kind: numeric},
	{role: Writes, name: "max.request.size", doc: "most bytes of a batch of records, if that is larger", kind: numeric},
	{role: Writes, name: "delivery.timeout.ms", doc: "time until a record counts as lost, and the batch fails", kind: millis},
	{role: Writes, name: "max.block.ms", doc: "see delivery.timeout.ms", kind: millis, effect: job.NoEffect},
	{role: Writes, name: "buffer.memory", doc: "the client bounds what waits", kind: numeric, effect: job.NoEffect},
	{role: Writes, name: "enable.idempotence", doc: "retries never write a record twice, unless acks is not all", kind: option.Bool, effect: job.NoEffect},
	{role: Writes, name: "max.in.flight.requests.per.connection", doc: "the client keeps the order", kind: numeric, effect: job.NoEffect},
	{role: Writes, name: "retries", doc: "see delivery.timeout.ms", kind: numeric, effect: job.NoEffect},
	{role: Writes, name: "metadata.max.idle.ms", doc: "Java's cache", kind: millis, effect: job.NoEffect},
	{role: Writes, name: "partitioner.class", effect: job.Refused}, {role: Writes, name: "transactional.id", effect: job.Refused},
	{role: Writes, name: "key.serializer", kind: text, refused: "Kafka option 'key.serializer'" + notSupported + "keys are serialized with ByteArraySerializer."},
	{role: Writes, name: "value.serializer", kind: text, refused: "Kafka option 'value.serializer'" + notSupported + "values are serialized with ByteArraySerializer."},
	{role: Reads, name: "auto.offset.reset", kind: text, refused: "Kafka option 'auto.offset.reset' is not supported. Instead set the source option 'startingoffsets' to 'earliest' or 'latest' to specify where to start."},
	{role: Reads, name: "key.deserializer", kind: text, refused: "Kafka option 'key.deserializer'" + notSupported + "keys are deserialized as byte arrays with ByteArrayDeserializer."},
	{role: Reads, name: "value.deserializer", kind: text, refused: "Kafka option 'value.deserializer'" + notSupported + "values are deserialized as byte arrays with ByteArrayDeserializer."},
	{role: Reads, name: "enable.auto.commit", kind: text, refused: "Kafka option 'enable.auto.commit' is not supported."},
	{name: "interceptor.classes", kind: text, refused: "Kafka option 'interceptor.classes' is not supported."},
}

// deliveryTimeout is the default of delivery.timeout.ms, as in Java's client.
const deliveryTimeout = 2 * time.Minute

// Prefix begins the options of the client.
const Prefix = "kafka."

// Servers is the option that names the brokers to begin with.
const Servers = Prefix + "bootstrap.servers"

// OnSpark says what a job with Kafka needs on Spark.
var OnSpark = &job.Remark{Text: "Kafka is not part of Spark's download", Hint: "--packages org.apache.spark:spark-sql-kafka-0-10_2.13:VERSION"}

// Specs describes the options of a client in a role.
func Specs(role Role) (list []job.OptionSpec) {
	for _, k := range clientKeys {
		if k.role != 0 && k.role != role {
			continue
		}
		doc := k.doc
		if k.refused != "" {
			doc = "refused, as by Spark"
		}
		list = append(list, job.OptionSpec{Name: Prefix + k.name, Doc: doc, Kind: k.kind, Effect: k.effect, Incidental: k.name != "isolation.level"})
	}
	return list
}

// Parse translates the options of a client in a role. It does not connect.
func Parse(given job.Options, role Role) (c Client, err error) {
	get := func(name string) string {
		value, _ := given.Get(Prefix + name)
		return strings.TrimSpace(value)
	}
	for _, k := range clientKeys {
		if _, ok := given.Get(Prefix + k.name); ok && k.refused != "" && k.role&role == k.role {
			return c, sparkerr.OfOption(sparkerr.Plain("%s", k.refused).WithHint("remove the option"), Prefix+k.name)
		}
	}
	for server := range strings.SplitSeq(get("bootstrap.servers"), ",") {
		if server = strings.TrimSpace(server); server == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(server); err != nil {
			return c, sparkerr.OfOption(sparkerr.Plain("Invalid url in bootstrap.servers: %s", server).WithHint("HOST:PORT, such as localhost:9092"), Servers)
		}
		c.Servers = append(c.Servers, server)
	}
	if len(c.Servers) == 0 {
		return c, sparkerr.Plain("Option 'kafka.bootstrap.servers' must be specified for configuring Kafka %s", map[Role]string{Reads: "consumer", Writes: "producer"}[role]).WithHint("kafka.bootstrap.servers: localhost:9092")
	}
	c.Options = []kgo.Opt{kgo.SeedBrokers(c.Servers...), kgo.ClientID("streamctl"), kgo.DisableClientMetrics()}
	if role == Writes {
		c.Options = append(c.Options, kgo.RecordDeliveryTimeout(deliveryTimeout))
		if err := c.writing(get); err != nil {
			return c, err
		}
	}
	if c.Committed = strings.EqualFold(get("isolation.level"), "read_committed"); c.Committed {
		c.Options = append(c.Options, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	}
	if id := get("client.id"); id != "" {
		c.Options = append(c.Options, kgo.ClientID(id))
	}
	if rack := get("client.rack"); rack != "" {
		c.Options = append(c.Options, kgo.Rack(rack))
	}
	if err := c.numbers(given); err != nil {
		return c, err
	}
	if algorithm, ok := given.Get(Prefix + "ssl.endpoint.identification.algorithm"); ok && strings.TrimSpace(algorithm) == "" {
		c.anyHost = true
	}
	return c, c.security(get)
}

// numbers translates the options that are numbers.
func (c *Client) numbers(given job.Options) error {
	for _, n := range []struct {
		name   string
		lowest int64
		opt    func(n int64) kgo.Opt
	}{
		{"fetch.min.bytes", 1, func(n int64) kgo.Opt { return kgo.FetchMinBytes(int32(n)) }},
		{"fetch.max.wait.ms", 1, func(n int64) kgo.Opt { return kgo.FetchMaxWait(time.Duration(n) * time.Millisecond) }},
		{"fetch.max.bytes", 1, func(n int64) kgo.Opt { return kgo.FetchMaxBytes(int32(n)) }},
		{"max.partition.fetch.bytes", 1, func(n int64) kgo.Opt { return kgo.FetchMaxPartitionBytes(int32(n)) }},
		{"linger.ms", 0, func(n int64) kgo.Opt { return kgo.ProducerLinger(time.Duration(n) * time.Millisecond) }},
		{"delivery.timeout.ms", 1, func(n int64) kgo.Opt {
			return kgo.RecordDeliveryTimeout(time.Duration(max(n, 1000)) * time.Millisecond)
		}},
		{"request.timeout.ms", 1, func(n int64) kgo.Opt {
			return kgo.RequestTimeoutOverhead(time.Duration(max(n, 100)) * time.Millisecond)
		}},
		{"metadata.max.age.ms", 1, func(n int64) kgo.Opt { return kgo.MetadataMaxAge(time.Duration(max(n, 100)) * time.Millisecond) }},
	} {
		value := int64(0)
		if err := Number(given, Prefix+n.name, &value, n.lowest); err != nil {
			return err
		}
		if value > 1<<30 {
			return sparkerr.OfOption(sparkerr.Plain("%s is too large: %d", n.name, value), Prefix+n.name)
		}
		if value > 0 {
			c.Options = append(c.Options, n.opt(value))
		}
	}
	return nil
}

// writing translates the options about how records are written.
func (c *Client) writing(get func(string) string) error {
	switch strings.ToLower(get("acks")) {
	case "", "all", "-1":
		c.Options = append(c.Options, kgo.RequiredAcks(kgo.AllISRAcks()))
	case "1":
		c.Options = append(c.Options, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite())
	case "0":
		c.Options = append(c.Options, kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite())
	default:
		return sparkerr.OfOption(sparkerr.Plain("acks is all, 1 or 0, not '%s'", get("acks")), Prefix+"acks")
	}
	codecs := map[string]kgo.CompressionCodec{"": kgo.NoCompression(), "none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}
	codec, ok := codecs[strings.ToLower(get("compression.type"))]
	if !ok {
		return sparkerr.OfOption(sparkerr.Plain("compression.type is none, gzip, snappy, lz4 or zstd, not '%s'", get("compression.type")), Prefix+"compression.type")
	}
	size := 1 << 20
	for _, name := range []string{"batch.size", "max.request.size"} {
		text := get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1<<30 {
			return sparkerr.OfOption(sparkerr.Plain("%s is a number of bytes, not '%s'", name, text), Prefix+name)
		}
		size = max(size, n)
	}
	c.Options = append(c.Options, kgo.ProducerBatchCompression(codec), kgo.ProducerBatchMaxBytes(int32(size)))
	return nil
}

// security translates the options about TLS and authentication.
func (c *Client) security(get func(string) string) error {
	protocol := strings.ToUpper(get("security.protocol"))
	if strings.HasSuffix(protocol, "SSL") {
		config, err := tlsConfig(get)
		if err != nil {
			return err
		}
		if c.anyHost {
			acceptAnyHost(config)
		}
		c.Options = append(c.Options, kgo.DialTLSConfig(config))
	}
	if !strings.HasPrefix(protocol, "SASL_") {
		if get("sasl.jaas.config") != "" {
			return sparkerr.OfOption(sparkerr.Plain("sasl.jaas.config has no effect without security.protocol: SASL_PLAINTEXT or SASL_SSL"), Prefix+"sasl.jaas.config")
		}
		return nil
	}
	user, password, err := credentials(get("sasl.jaas.config"))
	if err != nil {
		return sparkerr.OfOption(err, Prefix+"sasl.jaas.config")
	}
	switch mechanism := strings.ToUpper(get("sasl.mechanism")); mechanism {
	case "PLAIN":
		c.Options = append(c.Options, kgo.SASL(plain.Auth{User: user, Pass: password}.AsMechanism()))
	case "SCRAM-SHA-256":
		c.Options = append(c.Options, kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha256Mechanism()))
	case "SCRAM-SHA-512":
		c.Options = append(c.Options, kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha512Mechanism()))
	default:
		return sparkerr.OfOption(sparkerr.Plain("sasl.mechanism is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 here, not '%s'", mechanism).
			WithHint("--master runs the job on Spark, with Java's client"), Prefix+"sasl.mechanism")
	}
	return nil
}

func tlsConfig(get func(string) string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	for _, store := range []string{"truststore", "keystore"} {
		kind := strings.ToUpper(get("ssl." + store + ".type"))
		if get("ssl."+store+".location") != "" && kind != "PEM" {
			return nil, sparkerr.OfOption(sparkerr.Plain("only stores of the type PEM are read, not %s", kindOr(kind)).
				WithHint("keytool -importkeystore … -deststoretype PKCS12, then openssl pkcs12 -in STORE -out STORE.pem -nodes; ssl.%s.type: PEM", store), Prefix+"ssl."+store+".location")
		}
	}
	authorities, err := pemOf(get, "ssl.truststore.location", "ssl.truststore.certificates")
	if err != nil {
		return nil, err
	}
	if authorities != nil {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(authorities) {
			return nil, sparkerr.OfOption(sparkerr.Plain("the truststore has no certificates in PEM format"), Prefix+"ssl.truststore.location")
		}
	}
	client, err := pemOf(get, "ssl.keystore.location", "ssl.keystore.certificate.chain")
	if err != nil {
		return nil, err
	}
	if client != nil {
		key := client
		if own := get("ssl.keystore.key"); own != "" {
			key = []byte(own)
		}
		pair, err := tls.X509KeyPair(client, key)
		if err != nil {
			return nil, sparkerr.OfOption(sparkerr.Plain("the keystore has no certificate with its key: %s", err), Prefix+"ssl.keystore.location")
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// acceptAnyHost checks that certificates come from an authority, but not whose they are.
func acceptAnyHost(config *tls.Config) {
	config.InsecureSkipVerify = true
	config.VerifyConnection = func(s tls.ConnectionState) error {
		o := x509.VerifyOptions{Roots: config.RootCAs, Intermediates: x509.NewCertPool()}
		for _, c := range s.PeerCertificates[1:] {
			o.Intermediates.AddCert(c)
		}
		_, err := s.PeerCertificates[0].Verify(o)
		return err
	}
}

func kindOr(kind string) string {
	if kind == "" {
		return "JKS, the default"
	}
	return kind
}

// pemOf returns what is in the file that an option names, or the value of another option; nil: neither is given.
func pemOf(get func(string) string, file, inline string) ([]byte, error) {
	if path := get(file); path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, sparkerr.OfOption(err, Prefix+file)
		}
		return data, nil
	}
	if value := get(inline); value != "" {
		return []byte(value), nil
	}
	return nil, nil
}

// credentials reads the options username and password of a login module of Java. (Java: JaasConfig.)
func credentials(jaas string) (user, password string, err error) {
	form := fmt.Errorf(`sasl.jaas.config is such as org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";`)
	module, rest, _ := strings.Cut(strings.TrimSpace(jaas), " ")
	if !strings.HasSuffix(module, "PlainLoginModule") && !strings.HasSuffix(module, "ScramLoginModule") {
		return "", "", sparkerr.Plain("%s", form)
	}
	values := map[string]string{}
	for rest = strings.TrimSpace(rest); rest != "" && rest != ";"; rest = strings.TrimSpace(rest) {
		end := strings.IndexAny(rest, "= ;")
		if end < 0 || rest[end] != '=' {
			if end <= 0 {
				break
			}
			rest = rest[end:] // required
			continue
		}
		name := rest[:end]
		if rest = rest[end+1:]; rest == "" || rest[0] != '"' {
			return "", "", sparkerr.Plain("%s", form)
		}
		value, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return "", "", sparkerr.Plain("%s", form)
		}
		rest = rest[len(value):]
		if values[name], err = strconv.Unquote(value); err != nil {
			return "", "", sparkerr.Plain("%s", form)
		}
	}
	user, hasUser := values["username"]
	password, hasPassword := values["password"]
	if !hasUser || !hasPassword {
		return "", "", sparkerr.Plain("%s", form)
	}
	return user, password, nil
}

// ServerText lists the brokers for messages.
func (c *Client) ServerText() string {
	list := slices.Clone(c.Servers)
	if len(list) > 3 {
		list = append(list[:3], "…")
	}
	return strings.Join(list, ",")
}

// Number reads an option that is a number, not lower than lowest, into to.
func Number(given job.Options, name string, to *int64, lowest int64) error {
	text, ok := given.Get(name)
	if !ok {
		return nil
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < lowest {
		must := "a number"
		if lowest > 0 {
			must = "positive"
		}
		return sparkerr.OfOption(sparkerr.Plain("%s must be %s, but is '%s'", name, must, text), name)
	}
	*to = n
	return nil
}
