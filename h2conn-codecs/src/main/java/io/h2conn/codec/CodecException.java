package io.h2conn.codec;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One message could not be encoded or decoded. Only that message is lost: the connection is as it was, and the next
 * {@code send} or {@code receive} works.
 */
public class CodecException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Describes what is wrong with a message.
     *
     * @param message which message, and why
     * @param cause the codec's own report, or {@code null}
     */
    public CodecException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
