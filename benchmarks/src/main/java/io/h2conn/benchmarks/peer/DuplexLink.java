package io.h2conn.benchmarks.peer;

import io.h2conn.DuplexConnection;
import io.h2conn.codec.Codecs;
import io.h2conn.codec.MessageConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One of our connections. A message is its length in 4 bytes, then its bytes. */
final class DuplexLink implements Link {
    private final DuplexConnection connection;
    private @Nullable MessageConnection<byte[], byte[]> messages;

    DuplexLink(DuplexConnection connection) {
        this.connection = connection;
    }

    private MessageConnection<byte[], byte[]> messages() {
        MessageConnection<byte[], byte[]> made = messages;
        if (made == null) {
            made = MessageConnection.of(connection, Codecs.bytes());
            messages = made;
        }
        return made;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        connection.write(bytes);
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
        return connection.read(buffer);
    }

    @Override
    public void send(byte[] message) throws IOException {
        messages().send(message);
    }

    @Override
    public byte @Nullable [] receive() throws IOException {
        return messages().receive();
    }

    @Override
    public void closeOutput() throws IOException {
        connection.closeOutput();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
