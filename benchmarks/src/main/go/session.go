package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"golang.org/x/net/http2"
)

// session is one TCP connection to the server. It is made when the first stream needs it.
type session struct {
	transport *http2.Transport
	url       string
}

// newSession leaves the windows as they are, for the transport has no option for them: 4 MiB for a stream, 1 GiB for the
// session. Frames may be as large as a server of Go sends them.
func newSession(secure bool, port string) (*session, error) {
	transport := &http2.Transport{
		MaxReadFrameSize: maxFrame,
		// Streams wait for their turn rather than for another TCP connection.
		StrictMaxConcurrentStreams: true,
		DisableCompression:         true,
	}
	if !secure {
		transport.AllowHTTP = true
		transport.DialTLS = func(network, addr string, _ *tls.Config) (net.Conn, error) {
			return net.Dial(network, addr)
		}
		return &session{transport, "http://127.0.0.1:" + port}, nil
	}
	config, err := clientTLS()
	if err != nil {
		return nil, err
	}
	transport.TLSClientConfig = config
	return &session{transport, "https://127.0.0.1:" + port}, nil
}

// close ends the TCP connection, which no stream may use any more.
func (s *session) close() {
	s.transport.CloseIdleConnections()
}

// stream is a connection: the request's body, which is a pipe, and the response's.
type stream struct {
	output   *io.PipeWriter
	response *http.Response
	// fed is the number of the last message of the feed, or -1.
	fed int64
}

// open waits for the headers of the response. What is sent first, if anything, does not wait for them.
func (s *session) open(path string, first []byte) (*stream, error) {
	body, output := io.Pipe()
	request, err := http.NewRequest(http.MethodPost, s.url+path, body)
	if err != nil {
		return nil, err
	}
	if len(first) > 0 {
		// If it fails, so does the request.
		go output.Write(first)
	}
	response, err := s.transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("the server answered %s to POST %s", response.Status, request.URL)
	}
	return &stream{output, response, -1}, nil
}

func (s *stream) Read(p []byte) (int, error) {
	return s.response.Body.Read(p)
}

func (s *stream) Write(p []byte) (int, error) {
	return s.output.Write(p)
}

// closeOutput ends this half, and goes on reading.
func (s *stream) closeOutput() error {
	return s.output.Close()
}

// abort resets the stream.
func (s *stream) abort() {
	s.response.Body.Close()
	s.output.CloseWithError(errors.New("aborted"))
}

// end closes both halves in order, when nothing may arrive any more.
func (s *stream) end() error {
	if err := s.closeOutput(); err != nil {
		return err
	}
	rest, err := io.Copy(io.Discard, s)
	if err != nil {
		return fmt.Errorf("waiting for the end: %w", err)
	}
	if rest > 0 {
		return fmt.Errorf("%d bytes arrived before the end that nobody has sent", rest)
	}
	return nil
}
