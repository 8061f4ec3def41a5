package io.h2conn.jetty;

import io.h2conn.internal.Chunk;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http2.api.Stream;

/** Jetty's network buffer on its way through the engine. */
final class DataChunk implements Chunk {
    private final Stream.Data data;

    DataChunk(Stream.Data data) {
        this.data = data;
    }

    @Override
    public ByteBuffer data() {
        return data.frame().getByteBuffer();
    }

    @Override
    public void release() {
        data.release();
    }
}
