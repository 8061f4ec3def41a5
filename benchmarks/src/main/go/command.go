package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// command is a line, taken apart.
type command struct {
	name   string
	values map[string]string
}

func parse(line string) (command, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return command{}, errors.New("a line without a command")
	}
	values := make(map[string]string)
	for _, word := range words[1:] {
		name, value, found := strings.Cut(word, "=")
		if !found {
			return command{}, fmt.Errorf("%s takes arguments of the form name=value, not %s", words[0], word)
		}
		values[name] = value
	}
	return command{words[0], values}, nil
}

// arguments reads those of a command, and remembers the first that was wrong.
type arguments struct {
	command
	err error
}

func (a *arguments) text(name string) string {
	value, found := a.values[name]
	if !found && a.err == nil {
		a.err = fmt.Errorf("%s needs %s=...", a.command.name, name)
	}
	return value
}

func (a *arguments) number(name string) int64 {
	number, err := strconv.ParseInt(a.text(name), 10, 64)
	if err != nil && a.err == nil {
		a.err = fmt.Errorf("%s: %w", name, err)
	}
	return number
}

func (a *arguments) nanos(name string) time.Duration {
	return time.Duration(a.number(name))
}

// layout says how many connections there are, and how many TCP connections carry them.
type layout struct {
	connections, sessions int
}

func (a *arguments) layout() layout {
	l := layout{int(a.number("connections")), int(a.number("sessions"))}
	if a.err == nil && (l.sessions < 1 || l.connections < l.sessions || l.connections%l.sessions != 0) {
		a.err = fmt.Errorf("%d connections cannot be spread evenly over %d sessions", l.connections, l.sessions)
	}
	return l
}

// outcome is what a workload has done.
type outcome struct {
	// operations that were right.
	operations int64
	// elapsed is the time from the first to the last.
	elapsed time.Duration
	// latencies is a summary, or nothing.
	latencies string
}

func (o outcome) String() string {
	text := fmt.Sprintf("operations=%d nanos=%d", o.operations, o.elapsed.Nanoseconds())
	if o.latencies != "" {
		text += " latencies=" + o.latencies
	}
	return text
}
