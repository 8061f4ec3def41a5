package main

import (
	"encoding/binary"
	"fmt"
	"time"
)

// open opens connections to the feed.
func (c *client) open(l layout) (outcome, error) {
	begin := time.Now()
	g, err := c.openAll("/feed", l)
	if err != nil {
		return outcome{}, err
	}
	c.feeds = append(c.feeds, g)
	return outcome{operations: int64(l.connections), elapsed: time.Since(begin)}, nil
}

// receive waits for message number n on all connections to the feed.
func (c *client) receive(n int64) (outcome, error) {
	var streams []*stream
	for _, g := range c.feeds {
		streams = append(streams, g.streams...)
	}
	begin := time.Now()
	err := parallel(len(streams), func(i int) error { return streams[i].receiveUntil(n) })
	return outcome{operations: int64(len(streams)), elapsed: time.Since(begin)}, err
}

// receiveUntil takes messages, none of which may be missing since the last one, until it has number n.
func (s *stream) receiveUntil(n int64) error {
	for s.fed != n {
		message, err := readMessage(s)
		if err != nil {
			return fmt.Errorf("waiting for message %d of the feed: %w", n, err)
		}
		if s.fed < 0 && len(message) >= messageHeader {
			s.fed = int64(binary.BigEndian.Uint64(message))
		} else {
			s.fed++
		}
		if _, err := checkMessage(message, smallMessage, s.fed); err != nil {
			return err
		}
	}
	return nil
}

// release closes what open has made.
func (c *client) release() error {
	feeds := c.feeds
	c.feeds = nil
	var failure error
	for _, g := range feeds {
		if err := g.end(); failure == nil {
			failure = err
		}
	}
	return failure
}
