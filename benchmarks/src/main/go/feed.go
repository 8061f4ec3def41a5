package main

import (
	"fmt"
	"io"
	"sync"
)

// feed has the connections that a broadcast goes to, by the TCP connection that carries them.
type feed struct {
	mutex    sync.Mutex
	sessions map[string]map[*accepted]bool
	count    int
}

func newFeed() *feed {
	return &feed{sessions: make(map[string]map[*accepted]bool)}
}

func (f *feed) obey(c command) (string, error) {
	a := arguments{command: c}
	switch c.name {
	case "receivers":
		f.mutex.Lock()
		defer f.mutex.Unlock()
		return fmt.Sprintf("receivers=%d", f.count), nil
	case "broadcast":
		n := a.number("n")
		if a.err != nil {
			return "", a.err
		}
		return "done", f.broadcast(n)
	default:
		return "", fmt.Errorf("a server knows no command %s", c.name)
	}
}

// stay keeps a connection until the client ends it.
func (f *feed) stay(a *accepted) error {
	f.add(a)
	// A write after the handler's return would be a mistake: a broadcast holds the lock.
	defer f.remove(a)
	if _, err := a.Read(make([]byte, 1)); err != io.EOF {
		return fmt.Errorf("the feed expects no input but its end, not %v", err)
	}
	return nil
}

func (f *feed) add(a *accepted) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	session := f.sessions[a.request.RemoteAddr]
	if session == nil {
		session = make(map[*accepted]bool)
		f.sessions[a.request.RemoteAddr] = session
	}
	session[a] = true
	f.count++
}

func (f *feed) remove(a *accepted) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	session := f.sessions[a.request.RemoteAddr]
	delete(session, a)
	if len(session) == 0 {
		delete(f.sessions, a.request.RemoteAddr)
	}
	f.count--
}

// broadcast writes to the receivers of one TCP connection after another, and to those of several at the same time.
func (f *feed) broadcast(n int64) error {
	frame, message := newFrame(smallMessage)
	fillMessage(message, n, 0)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	sessions := make([]map[*accepted]bool, 0, len(f.sessions))
	for _, session := range f.sessions {
		sessions = append(sessions, session)
	}
	return parallel(len(sessions), func(i int) error {
		for receiver := range sessions[i] {
			if _, err := receiver.Write(frame); err != nil {
				return err
			}
		}
		return nil
	})
}
