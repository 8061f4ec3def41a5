package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
)

// permits has one item for each line of the standard input, for the handlers that wait for one.
var permits = make(chan struct{}, 100)

func runServer(args []string) error {
	flags := flag.NewFlagSet("server", flag.ExitOnError)
	addr := flags.String("addr", "127.0.0.1:0", "where to listen; port 0 takes a free one")
	cert := flags.String("cert", "", "PEM `file` with the certificate; without it the server speaks h2c")
	key := flags.String("key", "", "PEM `file` with the certificate's key")
	flags.Parse(args)
	if flags.NArg() != 0 || (*cert == "") != (*key == "") {
		return errors.New("a server takes -addr, and both of -cert and -key or none")
	}

	mux := http.NewServeMux()
	handle(mux, "/", echoJSON)
	handle(mux, "/raw", echoBytes)
	handle(mux, "/bulk", bulk)
	handle(mux, "/values", values)
	handle(mux, "/count", count)
	handle(mux, "/wait", wait)

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	say("listening %d", listener.Addr().(*net.TCPAddr).Port)

	// Whoever started this program ends it by closing its standard input, or by dying.
	go func() {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			permits <- struct{}{}
		}
		os.Exit(0)
	}()

	settings := &http2.Server{}
	if *cert == "" {
		return (&http.Server{Handler: h2c.NewHandler(mux, settings)}).Serve(listener)
	}
	server := &http.Server{Handler: mux}
	if err := http2.ConfigureServer(server, settings); err != nil {
		return err
	}
	return server.ServeTLS(listener, *cert, *key)
}

// handle mounts a handler at exactly one path. The stream ends when the handler returns.
func handle(mux *http.ServeMux, path string, serve func(*conn, *http.Request) error) {
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path {
			http.NotFound(w, r)
			return
		}
		c, err := accept(w, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusHTTPVersionNotSupported)
			return
		}
		say("accepted %s %s", r.Method, r.URL)
		if err := serve(c, r); err != nil {
			say("failed: %v", err)
			return
		}
		say("returned")
	})
}

// number takes a number from the query.
func number(r *http.Request, name string, otherwise int64) (int64, error) {
	value := r.URL.Query().Get(name)
	if value == "" {
		return otherwise, nil
	}
	return strconv.ParseInt(value, 10, 64)
}

// echoJSON answers each JSON string in upper case, to the end, or until it has answered as many as "leave" says: when the
// standard input then has a line, it returns while the client's half is still open.
func echoJSON(c *conn, r *http.Request) error {
	leave, err := number(r, "leave", -1)
	if err != nil {
		return err
	}
	decoder, encoder := json.NewDecoder(c), json.NewEncoder(c)
	for ; leave != 0; leave-- {
		var message string
		err := decoder.Decode(&message)
		if err == io.EOF {
			say("end")
			return nil
		}
		if err != nil {
			return err
		}
		say("received %s", message)
		if err := encoder.Encode(strings.ToUpper(message)); err != nil {
			return err
		}
	}
	<-permits
	return nil
}

// echoBytes answers what it receives.
func echoBytes(c *conn, _ *http.Request) error {
	_, err := io.Copy(c, c)
	return err
}

// bulk sends as many bytes as "bytes" says, and receives all there is.
func bulk(c *conn, r *http.Request) error {
	total, err := number(r, "bytes", 100<<20)
	if err != nil {
		return err
	}
	return exchange(c, total, 2)
}

// values sends as many values as "count" says, in a "style", and verifies those it receives.
func values(c *conn, r *http.Request) error {
	count, err := number(r, "count", 10_000)
	if err != nil {
		return err
	}
	return exchangeValues(c, r.URL.Query().Get("style"), int(count), 2, 1)
}

// count says nothing before the client's half has ended. Then it writes a line for each byte it has received.
func count(c *conn, _ *http.Request) error {
	received, err := io.Copy(io.Discard, c)
	if err != nil {
		return err
	}
	say("end")
	for i := int64(1); i <= received; i++ {
		if _, err := fmt.Fprintf(c, "%d\n", i); err != nil {
			return err
		}
	}
	return nil
}

// wait reads nothing. When the standard input has a line, it says goodbye.
func wait(c *conn, _ *http.Request) error {
	<-permits
	_, err := io.WriteString(c, "goodbye\n")
	return err
}
