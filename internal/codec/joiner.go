package codec

// An Ender is an Encoder that keeps rows back: AppendEnd appends what is left when there are no more. Held is about how many
// bytes that is.
type Ender interface {
	Held() int
	AppendEnd(dst []byte) ([]byte, error)
}

// A Joiner makes a file of what encoders have appended, in the order in which it is to stand there, for formats whose files
// have an end that knows of all that is before. Join may be given any pieces of those bytes.
type Joiner interface {
	Join(piece []byte, write func([]byte) error) error
	End(write func([]byte) error) error
}
