package main

import (
	"encoding/binary"
	"fmt"
	"io"
)

const (
	// lengthPrefix is what stands before each message: its length in 4 bytes, the most significant first.
	lengthPrefix = 4
	// maxMessage is more than any workload sends.
	maxMessage = 16 << 20
)

// newFrame makes room for a message, and answers that with the length before it, and as it is.
func newFrame(length int) (frame, message []byte) {
	frame = make([]byte, lengthPrefix+length)
	binary.BigEndian.PutUint32(frame, uint32(length))
	return frame, frame[lengthPrefix:]
}

func writeMessage(output io.Writer, message []byte) error {
	frame, room := newFrame(len(message))
	copy(room, message)
	_, err := output.Write(frame)
	return err
}

// readMessage reads the next message into an array of its own. The error is io.EOF if there is none.
func readMessage(input io.Reader) ([]byte, error) {
	var prefix [lengthPrefix]byte
	if _, err := io.ReadFull(input, prefix[:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(prefix[:])
	if length > maxMessage {
		return nil, fmt.Errorf("a message of %d bytes is too long; at most %d are expected", length, maxMessage)
	}
	message := make([]byte, length)
	if _, err := io.ReadFull(input, message); err != nil {
		return nil, fmt.Errorf("within a message of %d bytes: %w", length, err)
	}
	return message, nil
}
