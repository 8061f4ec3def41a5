package main

import (
	"fmt"
	"hash/crc32"
	"io"
	"math/rand"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// amount is what went through one half.
type amount struct {
	bytes int64
	crc   uint32
}

func (a amount) String() string {
	return fmt.Sprintf("%d bytes crc32c %08x", a.bytes, a.crc)
}

func (a *amount) add(p []byte) {
	a.bytes += int64(len(p))
	a.crc = crc32.Update(a.crc, castagnoli, p)
}

// exchange sends total random bytes, then closes, and receives all there is, both at the same time. The two sides of a
// stream need different seeds, so that bytes that come back by mistake are noticed.
func exchange(c *conn, total, seed int64) error {
	sending := make(chan error, 1)
	go func() { sending <- send(c, total, seed) }()
	if err := receive(c); err != nil {
		return fmt.Errorf("receiving: %w", err)
	}
	if err := <-sending; err != nil {
		return fmt.Errorf("sending: %w", err)
	}
	return nil
}

func send(c *conn, total, seed int64) error {
	var sent amount
	random := rand.New(rand.NewSource(seed))
	buffer := make([]byte, 32*1024)
	for sent.bytes < total {
		piece := buffer
		if rest := total - sent.bytes; rest < int64(len(piece)) {
			piece = piece[:rest]
		}
		random.Read(piece)
		if _, err := c.Write(piece); err != nil {
			return err
		}
		sent.add(piece)
	}
	say("sent %v", sent)
	return c.Close()
}

func receive(c *conn) error {
	var received amount
	buffer := make([]byte, 32*1024)
	for {
		n, err := c.Read(buffer)
		received.add(buffer[:n])
		if err == io.EOF {
			say("received %v", received)
			return nil
		}
		if err != nil {
			return err
		}
	}
}
