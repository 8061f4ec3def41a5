package main

import (
	"fmt"
)

// client has the connections that its workloads have opened.
type client struct {
	secure bool
	port   string
	// warm carries what opens a connection each time.
	warm *session
	// echoes are kept for the next ping-pong of the same layout.
	echoes       *group
	echoesLayout layout
	// feeds are what open has made, until release.
	feeds []*group
}

func runClient(secure bool, port string) error {
	warm, err := newSession(secure, port)
	if err != nil {
		return err
	}
	c := &client{secure: secure, port: port, warm: warm}
	fmt.Println("ready")
	if err := obey(c.obey); err != nil {
		return err
	}
	return c.close()
}

// close ends all connections in order.
func (c *client) close() error {
	if c.echoes != nil {
		if err := c.echoes.end(); err != nil {
			return err
		}
	}
	return c.release()
}

func (c *client) obey(command command) (string, error) {
	if command.name == "release" {
		return "done", c.release()
	}
	done, err := c.workload(command)
	return done.String(), err
}

func (c *client) workload(command command) (outcome, error) {
	a := arguments{command: command}
	switch command.name {
	case "pingpong":
		l, limit := a.layout(), a.nanos("nanos")
		// A goroutine is both: a thread that waits, and what a callback resumes.
		if waiting := a.text("waiting"); a.err == nil && waiting != "thread" && waiting != "callback" {
			a.err = fmt.Errorf("nothing can wait as a %s", waiting)
		}
		if a.err == nil {
			return c.pingPong(l, limit)
		}
	case "bulk":
		direction, limit := a.text("direction"), a.nanos("nanos")
		if a.err == nil && direction != "up" && direction != "down" && direction != "both" {
			a.err = fmt.Errorf("there is no direction %s", direction)
		}
		if a.err == nil {
			return c.bulk(direction != "down", direction != "up", limit)
		}
	case "messages":
		length, gap, limit := a.number("bytes"), a.nanos("gap"), a.nanos("nanos")
		if a.err == nil {
			return c.messages(int(length), gap, limit)
		}
	case "open":
		if l := a.layout(); a.err == nil {
			return c.open(l)
		}
	case "receive":
		if n := a.number("n"); a.err == nil {
			return c.receive(n)
		}
	case "openandclose":
		concurrent, limit := a.number("concurrent"), a.nanos("nanos")
		if a.err == nil {
			return c.openAndClose(int(concurrent), limit)
		}
	default:
		return outcome{}, fmt.Errorf("a client knows no command %s", command.name)
	}
	return outcome{}, a.err
}
