import org.jspecify.annotations.NullMarked;

/** Accepts {@link io.h2conn.DuplexConnection}s on any Jetty 12.1 connector, or on an embedded server. */
@NullMarked
module io.h2conn.server {
    requires transitive io.h2conn;
    requires transitive org.eclipse.jetty.http2.server;
    requires transitive org.eclipse.jetty.server;
    requires static transitive org.jspecify;
    requires io.h2conn.jetty;
    requires org.eclipse.jetty.alpn.server;
    requires org.slf4j;

    exports io.h2conn.server;
}
