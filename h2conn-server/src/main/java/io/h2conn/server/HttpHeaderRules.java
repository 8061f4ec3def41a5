package io.h2conn.server;

import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;

/** Keeps headers out of responses that HTTP/2 forbids, before they break the session (RFC 9113, section 8.2). */
final class HttpHeaderRules {
    /** Headers about one TCP connection of HTTP/1.1, and those that would contradict an open-ended body. */
    private static final Set<String> FORBIDDEN =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "content-length");

    private HttpHeaderRules() {}

    /**
     * Adds a header to a copy.
     *
     * @throws IllegalArgumentException if the name or the value is not a legal one
     */
    static HttpFields with(HttpFields headers, String name, String value) {
        if (name.isEmpty() || !name.chars().allMatch(HttpHeaderRules::isToken)) {
            throw new IllegalArgumentException("not a header name: \"" + name + "\"");
        }
        if (FORBIDDEN.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("the header " + name + " cannot be set: HTTP/2 says it by other means");
        }
        if (value.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
            throw new IllegalArgumentException("the value of the header " + name + " has a line break in it");
        }
        return HttpFields.build(headers)
                .add(name.toLowerCase(Locale.ROOT), value)
                .asImmutable();
    }

    /** RFC 9110, section 5.6.2. */
    private static boolean isToken(int c) {
        return c > ' ' && c < 127 && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
    }
}
