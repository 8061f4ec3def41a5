package io.h2conn.client;

import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import org.eclipse.jetty.http.HttpURI;

/** What a request says about where it goes, on the wire and in messages. */
final class RequestTarget {
    private RequestTarget() {}

    /** The pseudo-header fields {@code :scheme}, {@code :authority} and {@code :path} (RFC 9113, section 8.3.1). */
    static HttpURI of(URI uri) {
        URI ascii = URI.create(uri.toASCIIString());
        String host = ascii.getHost();
        int zone = host.indexOf('%');
        if (zone >= 0) {
            host = host.substring(0, zone) + "]"; // RFC 6874, section 4: means nothing outside this machine
        }
        String path = ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
        String query = ascii.getRawQuery();
        return HttpURI.from(
                ascii.getScheme().toLowerCase(Locale.ROOT),
                host,
                ascii.getPort(),
                query == null ? path : path + "?" + query);
    }

    /** The method and the URI for messages, without the query, which may hold secrets. */
    static String describe(ConnectRequest request) {
        return request.method() + " " + describe(request.uri());
    }

    /** A URI, legal or not, without user, query and fragment. */
    static String describe(URI uri) {
        if (uri.isOpaque()) {
            return uri.getScheme() + ":..."; // such as user:password@host, which looks like a scheme
        }
        String authority = uri.getRawAuthority();
        String host = authority == null ? "" : authority.substring(authority.lastIndexOf('@') + 1);
        return (uri.getScheme() == null ? "" : uri.getScheme() + ":")
                + (uri.getScheme() == null && authority == null ? "" : "//" + host)
                + Objects.requireNonNullElse(uri.getRawPath(), "");
    }
}
