package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// receiveMessages checks each, and answers their number and, if they tell when they were sent, how long they took.
func receiveMessages(a *accepted) error {
	var latencies []int64
	input := bufio.NewReaderSize(a, maxPiece)
	for n := int64(0); ; n++ {
		message, err := readMessage(input)
		if err == io.EOF {
			return writeMessage(a, append(receipt{received: n}.bytes(), summary(latencies)...))
		}
		if err != nil {
			return err
		}
		sent, err := checkMessage(message, len(message), n)
		if err != nil {
			return err
		}
		if sent != 0 {
			latencies = append(latencies, clock()-sent)
		}
	}
}

// messages sends as many as fit into the time, on a new connection of the warm session.
func (c *client) messages(length int, gap, limit time.Duration) (outcome, error) {
	if length < messageHeader {
		return outcome{}, fmt.Errorf("a message has at least %d bytes, not %d", messageHeader, length)
	}
	s, err := c.warm.open("/messages", nil)
	if err != nil {
		return outcome{}, err
	}
	begin := time.Now()
	sent, err := sendMessages(s, length, gap, begin, limit)
	if err == nil {
		err = s.closeOutput()
	}
	if err != nil {
		s.abort()
		return outcome{}, err
	}
	answer, err := readMessage(s)
	if err != nil {
		return outcome{}, fmt.Errorf("waiting for the receipt: %w", err)
	}
	elapsed := time.Since(begin)
	if err := checkReceipt(answer, sent, 0); err != nil {
		return outcome{}, err
	}
	latencies := string(answer[receiptBytes:])
	if gap > 0 && !strings.HasPrefix(latencies, percentiles[0]+":") {
		return outcome{}, errors.New("only a server in Go tells latencies in a way that is understood here")
	}
	return outcome{sent, elapsed, latencies}, s.end()
}

// sendMessages answers how many it has sent.
func sendMessages(output io.Writer, length int, gap time.Duration, begin time.Time, limit time.Duration) (int64, error) {
	frame, message := newFrame(length)
	for n := int64(0); ; {
		elapsed := time.Since(begin)
		if elapsed >= limit {
			return n, nil
		}
		if elapsed < time.Duration(n)*gap {
			// Not runtime.Gosched, which makes messages later.
			continue
		}
		sent := int64(0)
		if gap > 0 {
			sent = clock()
		}
		fillMessage(message, n, sent)
		if _, err := output.Write(frame); err != nil {
			return n, fmt.Errorf("message %d: %w", n, err)
		}
		n++
	}
}
