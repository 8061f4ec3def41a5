package io.h2conn.server;

/** What a server with TLS asks of its clients. */
public enum ClientAuth {
    /** No certificate is asked for. */
    NONE,
    /** A certificate is asked for; a client without one is served, and has no principal. */
    WANT,
    /** A client without a certificate that the server trusts is turned away in the TLS handshake. */
    NEED
}
