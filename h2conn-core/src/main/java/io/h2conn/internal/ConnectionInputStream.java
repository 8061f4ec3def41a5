package io.h2conn.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** The input half as a stream. Closing it discards the half, and nothing else. */
final class ConnectionInputStream extends InputStream {
    private final Engine engine;

    ConnectionInputStream(Engine engine) {
        this.engine = engine;
    }

    @Override
    public int read() throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        return engine.read(one) < 0 ? -1 : one.get(0) & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        // A read of nothing asks nobody: InputStream.readNBytes ends with one, and would lose what it has if that
        // failed.
        return length == 0 ? 0 : engine.read(ByteBuffer.wrap(bytes, offset, length));
    }

    @Override
    public int available() throws IOException {
        return engine.available();
    }

    @Override
    public void close() {
        engine.discardInput();
    }
}
