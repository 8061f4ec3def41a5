package io.h2conn.internal;

import java.nio.ByteBuffer;

/** A piece of received data in memory that the transport wants back. */
public interface Chunk {
    /** The bytes not yet taken; its position moves as they are. At least one byte on arrival. */
    ByteBuffer data();

    /** Gives the memory back. Called exactly once for every chunk given to the engine. */
    void release();
}
