package io.h2conn.examples.demo;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.CRC32C;

/**
 * Sends many bytes and receives many at the same time. The checksum of what was sent follows it as a trailer, and the
 * other side compares.
 */
final class Transfer {
    private static final String TRAILER = "crc32c";
    private static final int BLOCK_BYTES = 64 * 1024;

    /**
     * How it went for one side.
     *
     * @param sentChecksum of what this side sent
     * @param received bytes
     * @param receivedChecksum of what this side received
     */
    record Result(String sentChecksum, long received, String receivedChecksum) {
        boolean matches(Result other) {
            return received == other.received
                    && sentChecksum.equals(other.receivedChecksum)
                    && receivedChecksum.equals(other.sentChecksum);
        }
    }

    private Transfer() {}

    /**
     * Starts one side; both sides do the same.
     *
     * @param connection the connection; both of its halves have ended when the result is there
     * @param bytes how many to send
     * @param progress counts what is received
     * @return how it went; fails if the connection breaks or a checksum is wrong
     */
    static CompletableFuture<Result> start(DuplexConnection connection, long bytes, LongAdder progress) {
        CompletableFuture<String> sent = inThread("send-" + connection.id(), () -> send(connection, bytes));
        LongAdder received = new LongAdder();
        return inThread("receive-" + connection.id(), () -> receive(connection, received, progress))
                .thenCombine(sent, (checksum, sentChecksum) -> new Result(sentChecksum, received.sum(), checksum));
    }

    private static <T> CompletableFuture<T> inThread(String name, Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(task.call());
                    } catch (Exception e) {
                        result.completeExceptionally(e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    private static String send(DuplexConnection connection, long bytes) throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        ThreadLocalRandom.current().nextBytes(block);
        CRC32C checksum = new CRC32C();
        for (long left = bytes; left > 0; left -= BLOCK_BYTES) {
            // Makes each block different, so that a lost or a swapped one would be noticed.
            ByteBuffer.wrap(block).putLong(left);
            ByteBuffer next = ByteBuffer.wrap(block, 0, (int) Math.min(left, BLOCK_BYTES));
            checksum.update(next.duplicate());
            connection.write(next);
        }
        connection.closeOutput(HttpHeaders.of(Map.of(TRAILER, List.of(text(checksum))), (name, value) -> true));
        return text(checksum);
    }

    private static String receive(DuplexConnection connection, LongAdder received, LongAdder progress)
            throws IOException {
        CRC32C checksum = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocate(BLOCK_BYTES);
        for (int count = connection.read(buffer); count >= 0; count = connection.read(buffer.clear())) {
            checksum.update(buffer.flip());
            received.add(count);
            progress.add(count);
        }
        HttpHeaders trailers = connection.info().trailers();
        String expected = trailers == null ? "" : trailers.firstValue(TRAILER).orElse("");
        if (!expected.equals(text(checksum))) {
            throw new IOException("the checksum of " + received + " bytes is " + text(checksum)
                    + ", but their sender says " + (expected.isEmpty() ? "nothing" : expected));
        }
        return expected;
    }

    private static String text(CRC32C checksum) {
        return String.format("%08x", checksum.getValue());
    }
}
