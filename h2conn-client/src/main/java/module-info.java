import org.jspecify.annotations.NullMarked;

/** The client: {@link io.h2conn.client.DuplexClient} opens connections to HTTP/2 servers. */
@NullMarked
module io.h2conn.client {
    requires static transitive org.jspecify;
    requires transitive io.h2conn;
    requires io.h2conn.jetty;
    requires org.eclipse.jetty.http2.client;
    requires org.slf4j;

    exports io.h2conn.client;
}
