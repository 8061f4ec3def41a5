package main

// opening is how many connections are opened at the same time, the same for all peers.
const opening = 16

// group is streams and the sessions that carry them.
type group struct {
	sessions []*session
	streams  []*stream
}

// parallel runs a task for each number below a count, each in a goroutine, and answers the first failure.
func parallel(count int, task func(i int) error) error {
	ended := make(chan error, count)
	for i := 0; i < count; i++ {
		go func(i int) { ended <- task(i) }(i)
	}
	var failure error
	for i := 0; i < count; i++ {
		if err := <-ended; failure == nil {
			failure = err
		}
	}
	return failure
}

// openAll opens connections that are spread over new sessions.
func (c *client) openAll(path string, l layout) (*group, error) {
	g := &group{make([]*session, l.sessions), make([]*stream, l.connections)}
	for i := range g.sessions {
		var err error
		if g.sessions[i], err = newSession(c.secure, c.port); err != nil {
			return nil, err
		}
	}
	err := parallel(opening, func(first int) error {
		for i := first; i < l.connections; i += opening {
			var err error
			if g.streams[i], err = g.sessions[i%l.sessions].open(path, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		g.abort()
		return nil, err
	}
	return g, nil
}

// abort resets what is left.
func (g *group) abort() {
	for _, s := range g.streams {
		if s != nil {
			s.abort()
		}
	}
	g.closeSessions()
}

// end closes all connections in order, and then their sessions.
func (g *group) end() error {
	defer g.closeSessions()
	return parallel(len(g.streams), func(i int) error {
		return g.streams[i].end()
	})
}

func (g *group) closeSessions() {
	for _, s := range g.sessions {
		s.close()
	}
}
