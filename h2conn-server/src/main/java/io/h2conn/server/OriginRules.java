package io.h2conn.server;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may connect. A browser sends a user's cookies along with what any page asks for, and says in headers, which
 * the page cannot change, where the page is from. Everything but a browser sends none of them, and passes.
 *
 * <p>Immutable.
 */
final class OriginRules {
    /** Only pages of the server itself. */
    static final OriginRules SAME_ORIGIN = new OriginRules(Set.of(), false);

    /** All pages. */
    static final OriginRules ANY = new OriginRules(Set.of(), true);

    private static final String SEC_FETCH_SITE = "sec-fetch-site";

    private static final Refusal CROSS_SITE = Refusal.status(HttpStatus.FORBIDDEN_403)
            .body("Pages of other sites may not connect here. The server can allow their origin.\n");

    private final Set<String> allowed;
    private final boolean any;

    private OriginRules(Set<String> allowed, boolean any) {
        this.allowed = allowed;
        this.any = any;
    }

    /** @throws IllegalArgumentException if one of them is not an origin */
    static OriginRules allow(String... origins) {
        return new OriginRules(
                Arrays.stream(origins).map(OriginRules::required).collect(Collectors.toUnmodifiableSet()), false);
    }

    private static String required(String origin) {
        String normal = normal(origin);
        if (normal == null) {
            throw new IllegalArgumentException("not an origin: \"" + origin
                    + "\"; give a scheme, a host and perhaps a port, such as https://app.example.com:8443");
        }
        return normal;
    }

    /** What to answer a request from a page that may not connect, or {@code null}. */
    @Nullable
    Refusal refusal(Request request) {
        return any || permits(request) ? null : CROSS_SITE;
    }

    private boolean permits(Request request) {
        HttpFields headers = request.getHeaders();
        List<String> origins = headers.getValuesList(HttpHeader.ORIGIN);
        String site = headers.get(SEC_FETCH_SITE);
        if ("same-origin".equals(site)) {
            return true; // The browser knows its own address bar; this side may know only a proxy's idea of it.
        }
        if (origins.isEmpty()) {
            return site == null || site.equals("none"); // "none": the user's own doing, such as a bookmark
        }
        String origin = origins.size() == 1 ? normal(origins.get(0)) : null;
        return origin != null && (allowed.contains(origin) || origin.equals(own(request.getHttpURI())));
    }

    private static @Nullable String own(HttpURI uri) {
        return uri.getScheme() == null || uri.getHost() == null
                ? null
                : normal(uri.getScheme(), uri.getHost(), uri.getPort());
    }

    /** An origin in lower case and with its port; {@code null} if it is none, as {@code null}, the opaque one. */
    private static @Nullable String normal(String origin) {
        try {
            URI uri = new URI(origin);
            boolean bare = uri.getUserInfo() == null && uri.getQuery() == null && uri.getFragment() == null;
            return bare
                            && uri.getHost() != null
                            && uri.getScheme() != null
                            && uri.getRawPath().isEmpty()
                    ? normal(uri.getScheme(), uri.getHost(), uri.getPort())
                    : null;
        } catch (URISyntaxException e) {
            return null; // not an origin, so it is not one that is allowed
        }
    }

    private static String normal(String scheme, String host, int port) {
        String lower = scheme.toLowerCase(Locale.ROOT);
        int effective = port > 0 ? port : lower.equals("https") ? 443 : 80;
        return lower + "://" + host.toLowerCase(Locale.ROOT) + ":" + effective;
    }

    @Override
    public String toString() {
        return any ? "any origin" : "same origin" + (allowed.isEmpty() ? "" : " and " + allowed);
    }
}
