package io.h2conn.codec;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A message could not be encoded or decoded. Unless {@link #isFatal()}, only that message is lost: the connection is as it
 * was, and the next {@code send} or {@code receive} works.
 */
public class CodecException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Instead of an offset, where there is none. */
    static final long NO_OFFSET = -1;

    private final long offset;
    private final boolean fatal;

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
        this(message, cause, offset, false);
    }

    CodecException(String message, @Nullable Throwable cause, long offset, boolean fatal) {
        super(message, cause);
        this.offset = offset;
        this.fatal = fatal;
    }

    /**
     * Whether nothing more can be received, because the input cannot be divided into messages any more. Every later
     * receive says so again; sending goes on.
     *
     * @return {@code false} if only one message is lost
     */
    public boolean isFatal() {
        return fatal;
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
