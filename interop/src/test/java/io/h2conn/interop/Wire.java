package io.h2conn.interop;

import java.net.URI;

/** What is beneath HTTP/2. */
enum Wire {
    /** TCP alone: both sides know beforehand that it will be HTTP/2. */
    H2C("http"),
    /** TLS, where ALPN agrees on HTTP/2. */
    TLS("https");

    private final String scheme;

    Wire(String scheme) {
        this.scheme = scheme;
    }

    URI uri(int port, String pathAndQuery) {
        return URI.create(scheme + "://127.0.0.1:" + port + pathAndQuery);
    }
}
