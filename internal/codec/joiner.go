package codec

// An Ender is an Encoder that buffers rows. AppendEnd appends what is buffered once there are no more rows. Held returns the
// approximate number of buffered bytes.
type Ender interface {
	Held() int
	AppendEnd(dst []byte) ([]byte, error)
}

// A Joiner assembles a file from the output of encoders, in file order, for formats whose footer depends on everything before
// it. Join accepts that output in pieces of any size.
type Joiner interface {
	Join(piece []byte, write func([]byte) error) error
	End(write func([]byte) error) error
}
