package main

import (
	"fmt"
	"io"
	"time"
)

// exchanges are the messages of one connection's ping-pong. Their numbers are those of no other connection, so that an echo
// that went astray is noticed.
type exchanges struct {
	next     int64
	message  [smallMessage]byte
	received [smallMessage]byte
}

func newExchanges(connection int) *exchanges {
	return &exchanges{next: int64(connection) << 40}
}

// first is the message to send.
func (e *exchanges) first() []byte {
	fillMessage(e.message[:], e.next, 0)
	return e.message[:]
}

// receive takes the echo.
func (e *exchanges) receive(input io.Reader) error {
	if _, err := io.ReadFull(input, e.received[:]); err != nil {
		return fmt.Errorf("waiting for message %d: %w", e.next, err)
	}
	_, err := checkMessage(e.received[:], smallMessage, e.next)
	e.next++
	return err
}

// repeat does operations again and again, in a goroutine for each, which ends with the one during which the time is up.
func repeat(operations []func() error, limit time.Duration) (outcome, error) {
	latencies := make([][]int64, len(operations))
	begin := time.Now()
	err := parallel(len(operations), func(i int) error {
		for start := time.Now(); start.Sub(begin) < limit; {
			if err := operations[i](); err != nil {
				return err
			}
			end := time.Now()
			latencies[i] = append(latencies[i], end.Sub(start).Nanoseconds())
			start = end
		}
		return nil
	})
	elapsed := time.Since(begin)
	if err != nil {
		return outcome{}, err
	}
	var all []int64
	for _, some := range latencies {
		all = append(all, some...)
	}
	return outcome{int64(len(all)), elapsed, summary(all)}, nil
}

// pingPong exchanges messages on each connection, one after the other.
func (c *client) pingPong(l layout, limit time.Duration) (outcome, error) {
	if c.echoes == nil || c.echoesLayout != l {
		if err := c.openEchoes(l); err != nil {
			return outcome{}, err
		}
	}
	operations := make([]func() error, l.connections)
	for i, s := range c.echoes.streams {
		s, e := s, newExchanges(i)
		operations[i] = func() error {
			if _, err := s.Write(e.first()); err != nil {
				return err
			}
			return e.receive(s)
		}
	}
	done, err := repeat(operations, limit)
	if err != nil {
		c.echoes.abort()
		c.echoes = nil
	}
	return done, err
}

// openEchoes replaces those of another layout.
func (c *client) openEchoes(l layout) error {
	if former := c.echoes; former != nil {
		c.echoes = nil
		if err := former.end(); err != nil {
			return err
		}
	}
	var err error
	c.echoes, err = c.openAll("/echo", l)
	c.echoesLayout = l
	return err
}

// openAndClose opens a connection for each exchange.
func (c *client) openAndClose(concurrent int, limit time.Duration) (outcome, error) {
	operations := make([]func() error, concurrent)
	for i := range operations {
		e := newExchanges(i)
		operations[i] = func() error {
			s, err := c.warm.open("/echo", e.first())
			if err != nil {
				return err
			}
			if err := e.receive(s); err != nil {
				s.abort()
				return err
			}
			return s.end()
		}
	}
	// The first one connects.
	if err := operations[0](); err != nil {
		return outcome{}, err
	}
	return repeat(operations, limit)
}
