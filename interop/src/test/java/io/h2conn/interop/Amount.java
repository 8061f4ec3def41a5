package io.h2conn.interop;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.zip.CRC32C;

/**
 * What went through one half.
 *
 * @param bytes how much
 * @param crc32c its checksum
 */
record Amount(long bytes, long crc32c) {
    private static final int PIECE_BYTES = 32 * 1024;

    /**
     * Both halves.
     *
     * @param sent what this side sent
     * @param received what the peer sent
     */
    record Exchange(Amount sent, Amount received) {}

    /** Sends random bytes, ends the output, and receives all there is, both at the same time. */
    static Exchange exchange(DuplexConnection connection, long bytes, long seed)
            throws IOException, InterruptedException, ExecutionException {
        Callable<Amount> send = () -> send(connection, bytes, seed);
        FutureTask<Amount> sent = new FutureTask<>(send);
        Thread sender = new Thread(sent, "sender of " + connection.id());
        sender.setDaemon(true);
        sender.start();
        Amount received = receive(connection);
        return new Exchange(sent.get(), received);
    }

    private static Amount send(DuplexConnection connection, long bytes, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        CRC32C crc = new CRC32C();
        byte[] piece = new byte[PIECE_BYTES];
        for (long left = bytes; left > 0; ) {
            int length = (int) Math.min(left, piece.length);
            random.nextBytes(piece);
            crc.update(piece, 0, length);
            connection.write(ByteBuffer.wrap(piece, 0, length));
            left -= length;
        }
        connection.closeOutput();
        return new Amount(bytes, crc.getValue());
    }

    /** Receives to the end. */
    static Amount receive(DuplexConnection connection) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        long bytes = 0;
        for (int count = connection.read(piece); count >= 0; count = connection.read(piece)) {
            crc.update(piece.flip());
            piece.clear();
            bytes += count;
        }
        return new Amount(bytes, crc.getValue());
    }

    /** The same words as the Go program's. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%d bytes crc32c %08x", bytes, crc32c);
    }
}
