import org.jspecify.annotations.NullMarked;

/**
 * Full-duplex byte connections over HTTP/2 streams: {@link io.h2conn.DuplexConnection}, its options, errors and facts.
 */
@NullMarked
module io.h2conn {
    requires transitive java.net.http;
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports io.h2conn;
    exports io.h2conn.internal to
            io.h2conn.jetty,
            io.h2conn.server,
            io.h2conn.client,
            io.h2conn.codec,
            io.h2conn.conformance,
            io.h2conn.testkit;
}
