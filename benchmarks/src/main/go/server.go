package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
)

// maxFrame is the size of the largest frames. Each stream of a client in Go has a buffer of half of it.
const maxFrame = 1 << 20

func runServer(secure bool) error {
	receivers := newFeed()
	mux := http.NewServeMux()
	handle(mux, "/echo", echo)
	handle(mux, "/sink", sink)
	handle(mux, "/source", source)
	handle(mux, "/messages", receiveMessages)
	handle(mux, "/feed", receivers.stay)

	server := &http.Server{Handler: mux}
	settings := &http2.Server{
		// More than any workload has on one TCP connection.
		MaxConcurrentStreams: 100_000,
		MaxReadFrameSize:     maxFrame,
		// As large as those of the other peers; without that it were 1 MiB each.
		MaxUploadBufferPerStream:     8 << 20,
		MaxUploadBufferPerConnection: 16 << 20,
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if secure {
		if server.TLSConfig, err = serverTLS(); err != nil {
			return err
		}
		if err := http2.ConfigureServer(server, settings); err != nil {
			return err
		}
		go func() { log.Fatal(server.ServeTLS(listener, "", "")) }()
	} else {
		server.Handler = h2c.NewHandler(mux, settings)
		go func() { log.Fatal(server.Serve(listener)) }()
	}
	fmt.Printf("port=%d\n", listener.Addr().(*net.TCPAddr).Port)
	return obey(receivers.obey)
}

// accepted is a connection on this side. Its half ends when the handler returns.
type accepted struct {
	request *http.Request
	output  http.ResponseWriter
	flusher http.Flusher
}

func (a *accepted) Read(p []byte) (int, error) {
	return a.request.Body.Read(p)
}

// Write sends at once.
func (a *accepted) Write(p []byte) (int, error) {
	n, err := a.output.Write(p)
	a.flusher.Flush()
	return n, err
}

// handle mounts a handler, whose client gets the headers at once. An error resets the stream.
func handle(mux *http.ServeMux, path string, serve func(*accepted) error) {
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		flusher, ok := w.(http.Flusher)
		if !ok || !r.ProtoAtLeast(2, 0) {
			http.Error(w, "the request is not HTTP/2", http.StatusHTTPVersionNotSupported)
			return
		}
		w.WriteHeader(http.StatusOK)
		flusher.Flush()
		if err := serve(&accepted{r, w, flusher}); err != nil {
			log.Printf("%s: %v", path, err)
			panic(http.ErrAbortHandler)
		}
	})
}

// echo sends every byte back as soon as it has it.
func echo(a *accepted) error {
	_, err := io.Copy(a, a)
	return err
}
