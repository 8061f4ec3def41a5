package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// exchangeValues sends values and receives others, both at the same time. Each side knows what the other has to send,
// computes it again, and compares.
func exchangeValues(c *conn, style string, count, ownSeed, peerSeed int) error {
	sending := make(chan error, 1)
	go func() { sending <- sendValues(c, style, count, ownSeed) }()
	verified, err := verifyValues(c, peerSeed)
	if err != nil {
		return fmt.Errorf("receiving: %w", err)
	}
	say("verified %d values", verified)
	if err := <-sending; err != nil {
		return fmt.Errorf("sending: %w", err)
	}
	return nil
}

func sendValues(c *conn, style string, count, seed int) error {
	buffered := bufio.NewWriterSize(c, 64*1024)
	encoders := map[string]*json.Encoder{
		"lines": json.NewEncoder(c), "bytes": json.NewEncoder(c), "indented": json.NewEncoder(c),
		"together": json.NewEncoder(buffered), "joined": json.NewEncoder(joined{c}),
	}
	encoder, ok := encoders[style]
	if !ok {
		return fmt.Errorf("cannot send in style %q", style)
	}
	if style == "indented" {
		encoder.SetIndent("\t", "  ")
		encoder.SetEscapeHTML(false)
	}
	for number := 0; number < count; number++ {
		e := encoder
		if style == "bytes" && number < 3 {
			e = json.NewEncoder(byteByByte{c})
		}
		if err := e.Encode(makeValue(seed, number)); err != nil {
			return err
		}
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return c.Close()
}

func verifyValues(c *conn, seed int) (int, error) {
	decoder := json.NewDecoder(c)
	decoder.DisallowUnknownFields()
	for number := 0; ; number++ {
		var got value
		err := decoder.Decode(&got)
		if err == io.EOF {
			return number, nil
		}
		if err != nil {
			return number, fmt.Errorf("value %d: %w", number, err)
		}
		if err := check(got, seed, number); err != nil {
			return number, err
		}
	}
}

// byteByByte writes one byte at a time.
type byteByByte struct{ io.Writer }

func (w byteByByte) Write(p []byte) (int, error) {
	for i := range p {
		if n, err := w.Writer.Write(p[i : i+1]); err != nil {
			return i + n, err
		}
	}
	return len(p), nil
}

// joined leaves out the line feed after a value.
type joined struct{ io.Writer }

func (w joined) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p[:len(p)-1])
	if err != nil {
		return n, err
	}
	return len(p), nil
}
