package main

import (
	"sync/atomic"
	"time"
)

// sink checks all input, and answers the number of bytes.
func sink(a *accepted) error {
	received, _, err := receivePattern(a, 0)
	if err != nil {
		return err
	}
	_, err = a.Write(receipt{received: received}.bytes())
	return err
}

// source is a sink that also sends the pattern until its input ends.
func source(a *accepted) error {
	var ended atomic.Bool
	var sent int64
	sending := make(chan error, 1)
	go func() {
		var err error
		sent, err = sendPattern(a, func() bool { return !ended.Load() })
		sending <- err
	}()
	received, _, err := receivePattern(a, 0)
	ended.Store(true)
	if failure := <-sending; err == nil {
		err = failure
	}
	if err != nil {
		return err
	}
	_, err = a.Write(receipt{received, sent}.bytes())
	return err
}

// bulk sends and receives what fits into the time, on a new connection of the warm session.
func (c *client) bulk(up, down bool, limit time.Duration) (outcome, error) {
	path := "/sink"
	if down {
		path = "/source"
	}
	s, err := c.warm.open(path, nil)
	if err != nil {
		return outcome{}, err
	}
	begin := time.Now()
	var received int64
	var last []byte
	receiving := make(chan error, 1)
	go func() {
		var err error
		received, last, err = receivePattern(s, receiptBytes)
		receiving <- err
	}()
	var sent int64
	if up {
		sent, err = sendPattern(s, func() bool { return time.Since(begin) < limit })
	} else {
		time.Sleep(limit)
	}
	if err == nil {
		err = s.closeOutput()
	}
	if failure := <-receiving; failure != nil {
		err = failure
	}
	elapsed := time.Since(begin)
	if err == nil {
		err = checkReceipt(last, sent, received)
	}
	if err != nil {
		s.abort()
		return outcome{}, err
	}
	return outcome{operations: sent + received, elapsed: elapsed}, nil
}
