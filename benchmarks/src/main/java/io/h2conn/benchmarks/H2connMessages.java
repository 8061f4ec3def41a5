package io.h2conn.benchmarks;

import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;
import io.h2conn.codec.Codec;
import io.h2conn.codec.Codecs;
import io.h2conn.codec.MessageConnection;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;

/** Our own, as it comes out of the box: blocking handlers, one {@code send} for each message. */
final class H2connMessages implements MessagePeer {
    private final String name;
    private final Codec<byte[]> codec;
    private final URI uri;
    private final DuplexClient client = DuplexClient.create();

    private H2connMessages(String name, Codec<byte[]> codec, URI uri) {
        this.name = name;
        this.codec = codec;
        this.uri = uri;
    }

    static H2connMessages fixed(int port) {
        return new H2connMessages("h2conn, fixed", Codecs.fixedBytes(Payload.BYTES), uri(port, "/fixed"));
    }

    static H2connMessages prefixed(int port) {
        return new H2connMessages("h2conn, length-prefixed", Codecs.bytes(), uri(port, "/prefixed"));
    }

    private static URI uri(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    static DuplexServer server() throws Exception {
        return DuplexServer.builder()
                .host("127.0.0.1")
                .port(0)
                .handle("/fixed", connection -> count(connection, Codecs.fixedBytes(Payload.BYTES)))
                .handle("/prefixed", connection -> count(connection, Codecs.bytes()))
                .start();
    }

    private static void count(DuplexConnection connection, Codec<byte[]> codec) throws IOException {
        long received = 0;
        MessageConnection<byte[], byte[]> messages = MessageConnection.of(connection, codec);
        for (byte[] message = messages.receive(); message != null; message = messages.receive()) {
            Payload.check(message, received++);
        }
        connection.write(ByteBuffer.allocate(Long.BYTES).putLong(0, received));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long send(long nanos) throws IOException {
        try (DuplexConnection connection = client.connect(uri.toString())) {
            MessageConnection<byte[], byte[]> messages = MessageConnection.of(connection, codec);
            long sent = 0;
            for (long end = System.nanoTime() + nanos; System.nanoTime() < end; ) {
                messages.send(Payload.make(sent++));
            }
            messages.closeOutput();
            return MessageRun.checked(
                    sent, ByteBuffer.wrap(connection.input().readAllBytes()).getLong());
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
