package io.h2conn.codec;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A message could not be encoded or decoded. Unless its text says that nothing more can be received, only that message is
 * lost: the connection is as it was, and the next {@code send} or {@code receive} works.
 */
public class CodecException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Instead of an offset, where there is none. */
    static final long NO_OFFSET = -1;

    private final long offset;

    /**
     * Describes what is wrong with a message.
     *
     * @param message which message, and why
     * @param cause the codec's own report, or {@code null}
     */
    public CodecException(String message, @Nullable Throwable cause) {
        this(message, cause, NO_OFFSET);
    }

    CodecException(String message, @Nullable Throwable cause, long offset) {
        super(message, cause);
        this.offset = offset;
    }

    /**
     * Where in the input the message begins that could not be decoded.
     *
     * @return how many bytes were received before it, or -1 if it was not received
     */
    public long offset() {
        return offset;
    }
}
