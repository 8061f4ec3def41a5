package io.h2conn.internal;

import java.nio.ByteBuffer;

/** A piece of received data in memory that the transport wants back. */
public interface Chunk {
    /** The bytes not yet taken; its position moves as they are. At least one byte on arrival. */
    ByteBuffer data();

    /**
     * Bytes of the transport's memory that this piece may hold on to, beyond what the pieces before it do, by keeping its
     * network buffer from being used again. Always the same.
     */
    default int held() {
        return 0; // the memory of nobody else
    }

    /** Gives the memory back. Called exactly once for every chunk given to the engine. */
    void release();
}
