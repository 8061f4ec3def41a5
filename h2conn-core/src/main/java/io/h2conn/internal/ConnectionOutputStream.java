package io.h2conn.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** The output half as a stream. Closing it ends the half, and nothing else. */
final class ConnectionOutputStream extends OutputStream {
    private final Engine engine;

    ConnectionOutputStream(Engine engine) {
        this.engine = engine;
    }

    @Override
    public void write(int b) throws IOException {
        engine.write(ByteBuffer.wrap(new byte[] {(byte) b}));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        engine.write(ByteBuffer.wrap(bytes, offset, length));
    }

    @Override
    public void flush() throws IOException {
        engine.flush();
    }

    @Override
    public void close() throws IOException {
        engine.closeOutput();
    }
}
