package io.h2conn.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Picks the handler of a path: an exact one, else the longest prefix, else the one for the rest, else 404. */
final class Router extends Handler.Sequence {
    private static final String WILDCARD = "/*";
    private static final Refusal NOT_FOUND =
            Refusal.status(HttpStatus.NOT_FOUND_404).body("Nothing is served at this path.\n");

    private final Map<String, ? extends Handler> exact;
    private final List<? extends Map.Entry<String, ? extends Handler>> prefixes;
    private final @Nullable Handler rest;

    /**
     * @param routes by path; one that ends with {@code /*} is a prefix
     * @param rest for all other paths, or {@code null}
     */
    Router(Map<String, ? extends Handler> routes, @Nullable Handler rest) {
        super(false, children(routes, rest));
        this.exact = routes;
        this.prefixes = routes.entrySet().stream()
                .filter(route -> route.getKey().endsWith(WILDCARD))
                .map(route -> Map.entry(prefix(route.getKey()), route.getValue()))
                .sorted(Comparator.comparingInt(route -> -route.getKey().length()))
                .toList();
        this.rest = rest;
    }

    /** @throws IllegalArgumentException if {@code path} is not one that can be matched */
    static String requirePath(String path) {
        int star = path.indexOf('*');
        boolean prefix = star == path.length() - 1 && path.endsWith(WILDCARD);
        if (!path.startsWith("/") || path.indexOf('?') >= 0 || (star >= 0 && !prefix)) {
            throw new IllegalArgumentException("not a path to serve: \"" + path + "\"; give an absolute path such as"
                    + " /chat, or one that ends with /* for everything below it");
        }
        return path;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Handler handler = find(request.getHttpURI().getCanonicalPath());
        if (handler == null || !handler.handle(request, response, callback)) {
            NOT_FOUND.send(response, callback);
        }
        return true;
    }

    private @Nullable Handler find(@Nullable String path) {
        if (path == null) {
            return rest;
        }
        Handler handler = path.endsWith(WILDCARD) ? null : exact.get(path);
        if (handler != null) {
            return handler;
        }
        for (Map.Entry<String, ? extends Handler> route : prefixes) {
            String prefix = route.getKey();
            if (path.startsWith(prefix) && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/')) {
                return route.getValue();
            }
        }
        return rest;
    }

    /** {@code /chat} for <code>/chat/*</code>: what the path must start with, at a slash or at its end. */
    private static String prefix(String path) {
        return path.substring(0, path.length() - WILDCARD.length());
    }

    private static List<Handler> children(Map<String, ? extends Handler> routes, @Nullable Handler rest) {
        List<Handler> children = new ArrayList<>(routes.values());
        if (rest != null) {
            children.add(rest);
        }
        return children;
    }
}
