package io.h2conn.internal;

import java.net.http.HttpHeaders;
import java.util.Locale;
import java.util.Set;

/** The rules for trailers (RFC 9113, section 8.1; RFC 9110, section 6.5.1). */
final class Trailers {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    private static final Set<String> FORBIDDEN = Set.of(
            "connection",
            "content-length",
            "host",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private Trailers() {}

    static HttpHeaders validated(HttpHeaders trailers) {
        trailers.map().forEach((name, values) -> {
            if (!name.matches(TOKEN) || FORBIDDEN.contains(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("'" + name + "' is not allowed as the name of a trailer field");
            }
            for (String value : values) {
                if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
                    throw new IllegalArgumentException(
                            "the value of the trailer field '" + name + "' has a control character");
                }
            }
        });
        return trailers;
    }
}
