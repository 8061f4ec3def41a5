package io.h2conn.client;

import java.net.URI;

/**
 * Whom a session is with (RFC 6454): connections to one origin can share it.
 *
 * @param tls whether the scheme is {@code https}
 * @param host a name or an address, without brackets, in lower case
 * @param port 1 to 65535
 */
record WebOrigin(boolean tls, String host, int port) {
    static WebOrigin of(URI uri) {
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        String host = uri.getHost().toLowerCase(java.util.Locale.ROOT);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        return new WebOrigin(tls, host, uri.getPort() != -1 ? uri.getPort() : tls ? 443 : 80);
    }

    /** Whether the host is an address, which needs no name service. */
    boolean isLiteral() {
        return host.indexOf(':') >= 0 || host.matches("[0-9]+(\\.[0-9]+){3}");
    }

    @Override
    public String toString() {
        return (tls ? "https://" : "http://") + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
