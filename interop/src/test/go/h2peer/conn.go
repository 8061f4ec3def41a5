package main

import (
	"errors"
	"io"
	"net/http"
)

// conn is one HTTP/2 stream as a connection. What Close does depends on the side, see connect and accept.
type conn struct {
	io.Reader
	io.WriteCloser
}

var errNotHTTP2 = errors.New("the request is not HTTP/2")

// connect sends a request whose body is a pipe, and waits for the response's headers. Close ends the body, and with it
// this half of the stream; reading goes on.
func connect(client *http.Client, method, url string) (*conn, *http.Response, error) {
	body, output := io.Pipe()
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		return nil, nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	return &conn{response.Body, output}, response, nil
}

// accept answers a request with the headers at once. Close does nothing: in Go only the handler's return ends the
// response, so that a server cannot end its half and read on.
func accept(w http.ResponseWriter, r *http.Request) (*conn, error) {
	flusher, ok := w.(http.Flusher)
	if !ok || !r.ProtoAtLeast(2, 0) {
		return nil, errNotHTTP2
	}
	w.WriteHeader(http.StatusOK)
	flusher.Flush()
	return &conn{r.Body, flushWriter{w, flusher}}, nil
}

type flushWriter struct {
	w       io.Writer
	flusher http.Flusher
}

func (f flushWriter) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	f.flusher.Flush()
	return n, err
}

func (f flushWriter) Close() error {
	return nil
}
