package io.h2conn.jetty;

import io.h2conn.internal.Chunk;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http2.api.Stream;

/** Jetty's network buffer on its way through the engine. */
final class DataChunk implements Chunk {
    private final Stream.Data data;
    private final int held;

    DataChunk(Stream.Data data, int held) {
        this.data = data;
        this.held = held;
    }

    @Override
    public ByteBuffer data() {
        return data.frame().getByteBuffer();
    }

    @Override
    public int held() {
        return held;
    }

    @Override
    public void release() {
        data.release();
    }
}
