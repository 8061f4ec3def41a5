package main

import (
	"encoding/binary"
	"fmt"
)

// receipt is what a server says at the end, so that the client can tell whether anything was lost: see Receipt.java.
type receipt struct {
	// received is the number of bytes or of messages that were right.
	received int64
	// sent is the number of bytes.
	sent int64
}

// receiptBytes is its size: both numbers, the most significant byte first.
const receiptBytes = 16

func (r receipt) bytes() []byte {
	encoded := make([]byte, receiptBytes)
	binary.BigEndian.PutUint64(encoded, uint64(r.received))
	binary.BigEndian.PutUint64(encoded[8:], uint64(r.sent))
	return encoded
}

// checkReceipt compares what the server says with what this side knows.
func checkReceipt(encoded []byte, sent, received int64) error {
	if len(encoded) < receiptBytes {
		return fmt.Errorf("a receipt has %d bytes, but there are %d", receiptBytes, len(encoded))
	}
	r := receipt{int64(binary.BigEndian.Uint64(encoded)), int64(binary.BigEndian.Uint64(encoded[8:]))}
	if r.received != sent {
		return fmt.Errorf("the client has sent %d, but the server received %d", sent, r.received)
	}
	if r.sent != received {
		return fmt.Errorf("the server has sent %d bytes, but the client received %d", r.sent, received)
	}
	return nil
}
