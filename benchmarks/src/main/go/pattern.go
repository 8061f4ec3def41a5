package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// Pattern.java and Messages.java must stay the same as what follows.
const (
	// maxPiece is the most bytes that one write or one check takes.
	maxPiece = 64 * 1024
	// period is the number of bytes after which the pattern begins again.
	period = 1_000_008
	// smallMessage is the size of the message that most workloads use.
	smallMessage = 64
	// messageHeader is the size of a message's number and its time.
	messageHeader = 16
)

// pattern is one period, and behind it the beginning of the next, so that each piece is in one place.
var pattern = generate()

func generate() []byte {
	made := make([]byte, period+maxPiece)
	value := uint64(1)
	for done := 0; done < period; done += 8 {
		binary.BigEndian.PutUint64(made[done:], value)
		mixed := (value + 0x9E37_79B9_7F4A_7C15) * 0xBF58_476D_1CE4_E5B9
		value = mixed ^ mixed>>31
	}
	copy(made[period:], made)
	return made
}

// piece is the next one to send, which nobody may change.
func piece(position int64, length int) []byte {
	offset := int(position % period)
	return pattern[offset : offset+length]
}

// receivePattern reads all there is, and checks all but what comes last. It answers how many bytes it has checked, and the
// last ones.
func receivePattern(input io.Reader, last int) (int64, []byte, error) {
	var position int64
	buffer := make([]byte, maxPiece)
	for held := 0; ; {
		n, err := input.Read(buffer[held:])
		held += n
		if checked := held - last; checked > 0 {
			if !bytes.Equal(buffer[:checked], piece(position, checked)) {
				return 0, nil, fmt.Errorf("a byte from %d on is not the one that was sent", position)
			}
			position += int64(checked)
			held = copy(buffer, buffer[checked:held])
		}
		if err == io.EOF {
			return position, buffer[:held], nil
		}
		if err != nil {
			return 0, nil, fmt.Errorf("reading: %w", err)
		}
	}
}

// sendPattern writes pieces while it shall go on, and answers how many bytes that was.
func sendPattern(output io.Writer, goOn func() bool) (int64, error) {
	var position int64
	for goOn() {
		if _, err := output.Write(piece(position, maxPiece)); err != nil {
			return 0, fmt.Errorf("writing: %w", err)
		}
		position += maxPiece
	}
	return position, nil
}

// fillMessage makes message number n. The time is what clock said, or 0.
func fillMessage(message []byte, n, time int64) {
	binary.BigEndian.PutUint64(message, uint64(n))
	binary.BigEndian.PutUint64(message[8:], uint64(time))
	position := n * 61
	for done := messageHeader; done < len(message); {
		copied := copy(message[done:], piece(position, maxPiece))
		done += copied
		position += int64(copied)
	}
}

// checkMessage answers when message number n was sent, or 0.
func checkMessage(message []byte, length int, n int64) (int64, error) {
	right := len(message) == length && length >= messageHeader && int64(binary.BigEndian.Uint64(message)) == n
	position := n * 61
	for done := messageHeader; right && done < length; {
		part := message[done:]
		if len(part) > maxPiece {
			part = part[:maxPiece]
		}
		right = bytes.Equal(part, piece(position, len(part)))
		done += len(part)
		position += int64(len(part))
	}
	if !right {
		return 0, fmt.Errorf("message %d of %d bytes is not the one that was sent", n, length)
	}
	return int64(binary.BigEndian.Uint64(message[8:])), nil
}
