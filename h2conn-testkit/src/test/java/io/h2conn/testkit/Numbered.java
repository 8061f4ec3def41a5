package io.h2conn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes that say where in the stream they belong, with a period of a prime. */
final class Numbered {
    private static final int PERIOD = 251;

    private Numbered() {}

    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i % PERIOD);
        }
        return bytes;
    }

    static void write(DuplexConnection connection, int count) throws IOException {
        connection.write(ByteBuffer.wrap(bytes(count)));
    }

    /** Reads to the end, and returns how many there were. */
    static int readToEnd(DuplexConnection connection) throws IOException {
        return readToEnd(connection, new int[1]);
    }

    /** Reads until it ends or fails; {@code count} says how many there were, in either case. */
    static int readToEnd(DuplexConnection connection, int[] count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1000);
        while (connection.read(bytes.clear()) >= 0) {
            bytes.flip();
            while (bytes.hasRemaining()) {
                assertThat(bytes.get()).isEqualTo((byte) (count[0]++ % PERIOD));
            }
        }
        return count[0];
    }

    static void read(DuplexConnection connection, int count) throws IOException {
        assertThat(connection.input().readNBytes(count)).isEqualTo(bytes(count));
    }
}
