import org.jspecify.annotations.NullMarked;

/** The adapter between the engine and one Jetty HTTP/2 stream. Internal: only this library's own modules use it. */
@NullMarked
@SuppressWarnings("module") // the modules that this is exported to are built after this one
module io.h2conn.jetty {
    requires transitive io.h2conn;
    requires transitive org.eclipse.jetty.http2.common;
    requires static transitive org.jspecify;

    exports io.h2conn.jetty to
            io.h2conn.server,
            io.h2conn.client;
}
