package io.h2conn.reliability.isolation;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** What the connection that behaves can do. */
final class Probe {
    private static final int MESSAGE_BYTES = 64;
    private static final int BULK_BYTES = 32 * 1024;

    private Probe() {}

    /**
     * One slice.
     *
     * @param exchanges in a second
     * @param median nanoseconds of one exchange
     * @param p99 nanoseconds that 99 of 100 exchanges do not exceed
     * @param bulk bytes in a second
     */
    record Result(double exchanges, double median, double p99, double bulk) {}

    static Result measure(DuplexConnection echo, DuplexConnection sink, long nanos) throws IOException {
        long[] latencies = new long[4_000_000];
        ByteBuffer message = ByteBuffer.allocate(MESSAGE_BYTES);
        long start = System.nanoTime();
        long now = start;
        int n = 0;
        while (now - start < nanos && n < latencies.length) {
            echo.write(message.clear());
            message.clear();
            while (message.hasRemaining()) {
                if (echo.read(message) < 0) {
                    throw new IOException("the echo has ended");
                }
            }
            long then = System.nanoTime();
            latencies[n++] = then - now;
            now = then;
        }
        double exchanges = n * 1e9 / (now - start);
        Arrays.sort(latencies, 0, n);
        return new Result(exchanges, latencies[n / 2], latencies[(int) (n * 0.99)], bulk(sink, nanos));
    }

    private static double bulk(DuplexConnection sink, long nanos) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(BULK_BYTES);
        long start = System.nanoTime();
        long sent = 0;
        long now = start;
        while (now - start < nanos) {
            sent += sink.write(data.clear());
            now = System.nanoTime();
        }
        return sent * 1e9 / (now - start);
    }
}
