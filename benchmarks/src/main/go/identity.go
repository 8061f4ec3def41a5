package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
)

// identityDirectory names the directory of the key and the certificate in the environment: see Identity.java.
const identityDirectory = "H2CONN_BENCHMARK_IDENTITY"

func identity(file string) string {
	return filepath.Join(os.Getenv(identityDirectory), file)
}

func noIdentity(err error) error {
	return fmt.Errorf("TLS needs a key: name its directory in the environment as %s: %w", identityDirectory, err)
}

// serverTLS presents the certificate.
func serverTLS() (*tls.Config, error) {
	certificate, err := tls.LoadX509KeyPair(identity("certificate.pem"), identity("key.pem"))
	if err != nil {
		return nil, noIdentity(err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{certificate}}, nil
}

// clientTLS trusts the certificate.
func clientTLS() (*tls.Config, error) {
	certificate, err := os.ReadFile(identity("certificate.pem"))
	if err != nil {
		return nil, noIdentity(err)
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(certificate) {
		return nil, fmt.Errorf("%s has no certificate", identity("certificate.pem"))
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: trusted}, nil
}
