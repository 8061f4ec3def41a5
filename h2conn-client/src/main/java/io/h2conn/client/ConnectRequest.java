package io.h2conn.client;

import io.h2conn.ConnectionOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to connect to, and how. Immutable: each method that sets something returns a copy.
 *
 * <pre>{@code
 * ConnectRequest request = ConnectRequest.to(URI.create("https://host/events"))
 *         .header("authorization", "Bearer " + token)
 *         .timeout(Duration.ofSeconds(3));
 * }</pre>
 *
 * <p>The request has no {@code content-length}, since a connection's length is not known, and no {@code content-type}
 * unless one is set.
 */
public final class ConnectRequest {
    /** RFC 9110, section 5.6.2: what the names of fields and methods consist of. */
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    /** RFC 9113, section 8.2.2: fields about the TCP connection, which HTTP/2 says in other ways. */
    private static final Set<String> CONNECTION_SPECIFIC =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings");

    private final URI uri;
    private final String method;
    private final Map<String, List<String>> headers;
    private final @Nullable Duration timeout;
    private final @Nullable ConnectionOptions options;

    private ConnectRequest(
            URI uri,
            String method,
            Map<String, List<String>> headers,
            @Nullable Duration timeout,
            @Nullable ConnectionOptions options) {
        this.uri = uri;
        this.method = method;
        this.headers = headers;
        this.timeout = timeout;
        this.options = options;
    }

    /**
     * Starts a request: a POST without further headers.
     *
     * @param uri {@code https} for TLS, or {@code http} for HTTP/2 without TLS, with prior knowledge (RFC 9113, section
     *     3.3); a host name, an IPv4 address or an IPv6 address in brackets; an empty path means {@code /}
     * @return the request
     * @throws IllegalArgumentException if the URI has another scheme, no host, user info, a fragment, or a port that
     *     does not exist
     */
    public static ConnectRequest to(URI uri) {
        return new ConnectRequest(validated(uri), "POST", Map.of(), null, null);
    }

    /**
     * Starts a request: a POST without further headers.
     *
     * @param uri as {@link #to(URI)}
     * @return the request
     * @throws IllegalArgumentException if it is not a URI, or as {@link #to(URI)}
     */
    public static ConnectRequest to(String uri) {
        try {
            return to(new URI(uri));
        } catch (URISyntaxException e) {
            // Neither the text nor the cause, which has it in its message, is repeated: it may hold a password.
            throw new IllegalArgumentException("not a URI to connect to: " + e.getReason()
                    + (e.getIndex() < 0 ? "" : " at index " + e.getIndex()));
        }
    }

    private static URI validated(URI uri) {
        String scheme = uri.getScheme();
        if (!"http".equalsIgnoreCase(scheme) && !"https".equalsIgnoreCase(scheme)) {
            throw unusable(uri, "its scheme must be http or https");
        }
        if (uri.getRawUserInfo() != null) {
            // The message must not repeat it: it may hold a password.
            throw new IllegalArgumentException("cannot connect to a URI with user info at " + uri.getHost()
                    + ": send credentials in an authorization header");
        }
        if (uri.getHost() == null || uri.getHost().isEmpty()) {
            throw unusable(uri, "it has no host, or one that is not a legal host name");
        }
        if (uri.getRawPath() == null) {
            throw unusable(uri, "it has no path");
        }
        if (uri.getRawFragment() != null) {
            throw unusable(uri, "a fragment is never sent to the server");
        }
        if (uri.getPort() == 0 || uri.getPort() > 65_535) {
            throw unusable(uri, "its port must be 1 to 65535");
        }
        return uri;
    }

    private static IllegalArgumentException unusable(URI uri, String reason) {
        return new IllegalArgumentException("cannot connect to " + RequestTarget.describe(uri) + ": " + reason);
    }

    /**
     * Sets the method.
     *
     * @param method any but CONNECT, which has no path; POST by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code method} is CONNECT or not a token (RFC 9110, section 9.1)
     */
    public ConnectRequest method(String method) {
        if (!method.matches(TOKEN)) {
            throw new IllegalArgumentException("the method '" + method + "' is not a token");
        }
        if (method.equals("CONNECT")) {
            throw new IllegalArgumentException("the method CONNECT asks a proxy for a tunnel; use POST");
        }
        return new ConnectRequest(uri, method, headers, timeout, options);
    }

    /**
     * Adds a header. A name that was added before gets a further value.
     *
     * @param name sent in lower case, as HTTP/2 demands
     * @param value characters of ISO 8859-1 without control characters
     * @return a copy with this header
     * @throws IllegalArgumentException if the name or the value is not legal, or if the field belongs to the
     *     protocol: a pseudo-header, {@code host}, {@code content-length}, what RFC 9113, section 8.2.2 forbids, and
     *     {@code te} with another value than {@code trailers}
     */
    public ConnectRequest header(String name, String value) {
        String lowerCase = name.toLowerCase(Locale.ROOT);
        if (lowerCase.startsWith(":")) {
            throw new IllegalArgumentException("the pseudo-header '" + name + "' is set from the URI and the method");
        }
        if (!lowerCase.matches(TOKEN)) {
            throw new IllegalArgumentException("'" + name + "' is not a legal header name");
        }
        if (CONNECTION_SPECIFIC.contains(lowerCase)
                || (lowerCase.equals("te") && !value.equalsIgnoreCase("trailers"))) {
            throw new IllegalArgumentException("HTTP/2 has no header '" + name + "' (RFC 9113, section 8.2.2)");
        }
        if (lowerCase.equals("host") || lowerCase.equals("content-length")) {
            throw new IllegalArgumentException("the header '" + name + "' cannot be set: "
                    + (lowerCase.equals("host") ? "the URI says the host" : "a connection's length is not known"));
        }
        validateValue(name, value);
        Map<String, List<String>> copy = new LinkedHashMap<>(headers);
        copy.merge(lowerCase, List.of(value), (old, added) -> {
            List<String> all = new ArrayList<>(old);
            all.addAll(added);
            return List.copyOf(all);
        });
        return new ConnectRequest(uri, method, copy, timeout, options);
    }

    /** RFC 9113, section 8.2.1. The message does not repeat the value: it may be a secret. */
    private static void validateValue(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean space = c == ' ' || c == '\t';
            boolean outside = i == 0 || i == value.length() - 1;
            if (space ? outside : c < ' ' || c == 0x7f || c > 0xff) {
                throw new IllegalArgumentException("the value of the header '" + name + "' has an illegal character, U+"
                        + String.format("%04X", (int) c) + ", at index " + i);
            }
        }
    }

    /**
     * Limits how long the connection may take from the call to the headers of the answer: name resolution, TCP, TLS, a
     * place on a session, the request, and whatever the server does before it answers. For
     * {@link DuplexClient#open}, which does not wait for the answer, the time until the request is sent.
     *
     * @param limit greater than zero; the client's {@link DuplexClient.Builder#connectTimeout} unless set
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code limit} is zero or negative
     */
    public ConnectRequest timeout(Duration limit) {
        if (limit.isZero() || limit.isNegative()) {
            throw new IllegalArgumentException("timeout must be greater than zero but was " + limit);
        }
        return new ConnectRequest(uri, method, headers, limit, options);
    }

    /**
     * Sets how the connection behaves on this side.
     *
     * @param options replace the client's {@link DuplexClient.Builder#options}
     * @return a copy with this setting
     */
    public ConnectRequest options(ConnectionOptions options) {
        return new ConnectRequest(uri, method, headers, timeout, options);
    }

    /**
     * Where the request goes.
     *
     * @return an absolute URI
     */
    public URI uri() {
        return uri;
    }

    /**
     * The method.
     *
     * @return {@code POST} by default
     */
    public String method() {
        return method;
    }

    /**
     * The headers that were added.
     *
     * @return the headers, names in lower case
     */
    public HttpHeaders headers() {
        return HttpHeaders.of(headers, (name, value) -> true);
    }

    /**
     * The limit of this request.
     *
     * @return greater than zero, or {@code null} for the client's
     */
    public @Nullable Duration timeout() {
        return timeout;
    }

    /**
     * The options of this request.
     *
     * @return the options, or {@code null} for the client's
     */
    public @Nullable ConnectionOptions options() {
        return options;
    }

    /** The method and the URI without its query; that, and the headers, may hold secrets. */
    @Override
    public String toString() {
        return RequestTarget.describe(this);
    }
}
