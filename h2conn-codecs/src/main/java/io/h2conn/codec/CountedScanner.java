package io.h2conn.codec;

import java.nio.ByteBuffer;

/** A scanner that knows how long a message is when it begins, and counts its bytes. */
abstract class CountedScanner implements Framing.Scanner {
    private long length;
    private long left;

    /** A message of so many bytes begins. */
    final void expect(long bytes) {
        length = bytes;
        left = bytes;
    }

    @Override
    public final long length() {
        return length;
    }

    @Override
    public final boolean end(ByteBuffer input) {
        int taken = (int) Math.min(left, input.remaining());
        input.position(input.position() + taken);
        left -= taken;
        return left == 0;
    }
}
