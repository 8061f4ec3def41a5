package io.h2conn.codec;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What is in front of each body: the length of all that follows in 4 bytes, a kind in one, and the call's id in 8, all
 * big-endian. Known before the body is looked at, so that whatever is wrong with the body costs that call only.
 *
 * <p>One for each message that goes out, as its framing; and one for all that come in on a connection, filled anew by each.
 */
final class CallEnvelope extends CountedScanner implements Framing {
    static final int REQUEST = 1;
    static final int REPLY = 2;
    static final int ERROR = 3;
    static final int CANCEL = 4;
    /** Not on the wire: there is no envelope yet. */
    private static final int NONE = 0;

    private static final int LENGTH_BYTES = 4;
    private static final int KIND_AND_ID_BYTES = 1 + Long.BYTES;

    private int kind;
    private long id;

    /** For what comes in. */
    CallEnvelope() {}

    /** For one message that goes out. */
    CallEnvelope(int kind, long id) {
        this.kind = kind;
        this.id = id;
    }

    int kind() {
        return kind;
    }

    long id() {
        return id;
    }

    // ---------------------------------------------------------------- out

    @Override
    public int maxHeaderBytes() {
        return LENGTH_BYTES + KIND_AND_ID_BYTES;
    }

    @Override
    public void frame(MessageOutput output) {
        int body = output.length();
        prepend(id, Long.BYTES, output);
        prepend(kind, 1, output);
        prepend(body + KIND_AND_ID_BYTES, LENGTH_BYTES, output);
    }

    private static void prepend(long number, int bytes, MessageOutput output) {
        for (int i = 0; i < bytes; i++) {
            output.prepend((int) (number >>> (8 * i)));
        }
    }

    // ---------------------------------------------------------------- in

    @Override
    public Framing.Scanner scanner(int maxMessageBytes) {
        return this;
    }

    @Override
    public boolean begin(ByteBuffer input) throws IOException {
        kind = NONE;
        if (input.remaining() < LENGTH_BYTES) {
            return false;
        }
        long announced = input.getInt(input.position()) & 0xFFFF_FFFFL;
        if (announced < KIND_AND_ID_BYTES) {
            throw new CodecException("an envelope of " + announced + " bytes; a kind and an id need 9", null);
        } else if (input.remaining() < LENGTH_BYTES + KIND_AND_ID_BYTES) {
            return false;
        }
        int found = input.get(input.position() + LENGTH_BYTES);
        if (found < REQUEST || found > CANCEL) {
            throw new CodecException("an envelope of kind " + (found & 0xFF) + "; known are 1 to 4", null);
        }
        kind = found;
        id = input.getLong(input.position() + LENGTH_BYTES + 1);
        expect(announced - KIND_AND_ID_BYTES);
        input.position(input.position() + LENGTH_BYTES + KIND_AND_ID_BYTES);
        return true;
    }
}
