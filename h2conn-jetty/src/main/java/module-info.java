/** The adapter between the engine and one Jetty HTTP/2 stream. Internal: only this library's own modules use it. */
module io.h2conn.jetty {
    requires static transitive org.jspecify;
    requires transitive io.h2conn;
    requires transitive org.eclipse.jetty.http2.common;

    exports io.h2conn.jetty to
            io.h2conn.server,
            io.h2conn.client;
}
