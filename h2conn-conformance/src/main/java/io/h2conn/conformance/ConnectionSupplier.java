package io.h2conn.conformance;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.util.Collection;
import java.util.List;

/**
 * A transport as the suite sees it: something that makes connected pairs. One supplier serves a whole test class, from
 * before its first test until after its last; every test gets pairs of its own.
 */
@FunctionalInterface
public interface ConnectionSupplier {
    /**
     * Makes a connected pair. Both ends stay as they are until the suite closes or aborts them: a server's handler hands
     * its connection over and returns only when the connection has ended. Blocks until both ends are there; may be
     * called from several threads.
     *
     * @param options the options of both ends
     * @return the two ends
     * @throws Exception if there is no pair to be had; the test fails with it
     */
    DuplexConnection.Pair connect(ConnectionOptions options) throws Exception;

    /**
     * How much data the tests move over this transport.
     *
     * @return {@link Scale#FULL} unless the windows are so small that it would take minutes
     */
    default Scale scale() {
        return Scale.FULL;
    }

    /**
     * Whether data that arrived before the peer's end stays readable after a reset or a loss that follows the end. Where
     * it does not, the suite accepts a typed failure in its place, but never a shorter input that ends cleanly.
     *
     * @return {@code true}, as the contract says; {@code false} for a server that was not configured for these
     *     connections
     */
    default boolean keepsInputBeforeTheEnd() {
        return true;
    }

    /**
     * What the transport holds and must have given back after each test: buffers, streams, sessions.
     *
     * @return the probes; none by default
     */
    default Collection<LeakProbe> leakProbes() {
        return List.of();
    }

    /**
     * Stops the transport, after the last test.
     *
     * @throws Exception if it does not stop; the test class fails with it
     */
    default void close() throws Exception {}
}
