package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"golang.org/x/net/http2"
)

func runClient(args []string) error {
	flags := flag.NewFlagSet("client", flag.ExitOnError)
	method := flags.String("method", http.MethodPost, "method of the request")
	ca := flags.String("ca", "", "PEM `file` with the certificates to trust")
	insecure := flags.Bool("insecure", false, "trust every certificate")
	do := flags.String("do", "json", "json: each line of input is a JSON string; raw: the input as it is; bulk: -bytes; values: -count")
	total := flags.Int64("bytes", 100<<20, "how much bulk sends")
	count := flags.Int("count", 10_000, "how many values are sent")
	style := flags.String("style", "lines", "how values are written: lines, indented, together, joined or bytes")
	flags.Parse(args)
	if flags.NArg() != 1 {
		return errors.New("one URL is needed")
	}

	config, err := tlsConfig(*ca, *insecure)
	if err != nil {
		return err
	}
	url := flags.Arg(0)
	client := &http.Client{Transport: transport(url, config)}
	c, response, err := connect(client, *method, url)
	if err != nil {
		return err
	}
	say("status %d", response.StatusCode)
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(response.Body, 8<<10))
		return fmt.Errorf("the server answered %s: %s", response.Status, body)
	}
	switch *do {
	case "json":
		return talk(c, os.Stdin)
	case "raw":
		return relay(c, os.Stdin, os.Stdout)
	case "bulk":
		if err := exchange(c, *total, 1); err != nil {
			return err
		}
		return stay()
	case "values":
		if err := exchangeValues(c, *style, *count, 1, 2); err != nil {
			return err
		}
		return stay()
	default:
		return fmt.Errorf("cannot do %q", *do)
	}
}

// stay keeps the session, which the exit would break, as long as whoever drives this program may still look at it.
func stay() error {
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func tlsConfig(ca string, insecure bool) (*tls.Config, error) {
	config := &tls.Config{InsecureSkipVerify: insecure}
	if ca == "" {
		return config, nil
	}
	certificates, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(certificates) {
		return nil, fmt.Errorf("%s has no certificate", ca)
	}
	return config, nil
}

// transport speaks HTTP/2 with prior knowledge on http, and what ALPN agrees on, which must be HTTP/2, on https.
func transport(url string, config *tls.Config) http.RoundTripper {
	if strings.HasPrefix(url, "https:") {
		return &http2.Transport{TLSClientConfig: config}
	}
	return &http2.Transport{
		AllowHTTP: true,
		DialTLS: func(network, addr string, _ *tls.Config) (net.Conn, error) {
			return net.Dial(network, addr)
		},
	}
}

// talk sends each line as a JSON string and says each JSON string that it receives. Whichever ends first, the input or
// what is received, ends this half of the stream; the program ends when both have.
func talk(c *conn, input io.Reader) error {
	sending := make(chan struct{})
	go func() {
		defer close(sending)
		encoder := json.NewEncoder(c)
		lines := bufio.NewScanner(input)
		for lines.Scan() {
			if err := encoder.Encode(lines.Text()); err != nil {
				say("cannot send %q: %v", lines.Text(), err)
			}
		}
		c.Close()
	}()

	decoder := json.NewDecoder(c)
	for {
		var message string
		err := decoder.Decode(&message)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		say("received %s", message)
	}
	say("end")
	c.Close()
	<-sending
	return nil
}

// relay copies bytes, both ways at the same time.
func relay(c *conn, input io.Reader, output io.Writer) error {
	sending := make(chan error, 1)
	go func() {
		_, err := io.Copy(c, input)
		c.Close()
		sending <- err
	}()
	if _, err := io.Copy(output, c); err != nil {
		return err
	}
	return <-sending
}
