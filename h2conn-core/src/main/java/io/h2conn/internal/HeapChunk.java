package io.h2conn.internal;

import java.nio.ByteBuffer;

/**
 * Received data in heap memory that nobody wants back.
 *
 * @param data at least one byte
 */
public record HeapChunk(ByteBuffer data) implements Chunk {
    @Override
    public void release() {
        // The garbage collector's.
    }
}
