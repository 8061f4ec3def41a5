package io.h2conn.jetty;

import io.h2conn.internal.Chunk;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.api.Stream;
import org.jspecify.annotations.Nullable;

/** What one stream's data costs beyond its bytes. Not safe for threads: used by whoever delivers the stream's data. */
final class Inflow {
    /** Bytes. The largest network buffer that Jetty pools, and the one that both sides read with. */
    private static final int NETWORK_BUFFER = 64 * 1024;

    /** Bytes that the session had received when this stream's last piece came. */
    private long before;
    /** Bytes of padding received and not yet given back. */
    private int padding;

    /**
     * A piece as the engine gets it. What it holds on to is not for Jetty to say, but network buffers are filled one after
     * the other: since the last piece, no more can have come into use than the session has received meanwhile.
     */
    Chunk chunk(HTTP2Stream stream, Stream.Data data) {
        int held = NETWORK_BUFFER;
        if (stream.getSession().getEndPoint().getConnection() instanceof HTTP2Connection connection) {
            long received = connection.getBytesIn();
            held = (int) Math.min(NETWORK_BUFFER, received - before);
            before = received;
        }
        return new DataChunk(data, held);
    }

    /**
     * Padding is nothing that the application could ever consume. It is given back in batches, or else each of the peer's
     * frames would cost one of ours. Together with what the engine has not given back it leaves the peer a quarter of the
     * window.
     */
    void creditPadding(@Nullable DuplexFlowControl flowControl, HTTP2Stream stream, int bytes) {
        padding += bytes;
        if (flowControl != null && padding > flowControl.getInitialStreamRecvWindow() / 4) {
            flowControl.credit(stream, padding);
            padding = 0;
        }
    }
}
