package io.h2conn.codec;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A call was not answered, and the connection is as it was. A handler throws one, or fails its stage with one, to say why:
 * the peer gets the same reason and text. Of anything else that a handler throws, the peer learns nothing but that the
 * handler failed.
 */
public final class CallException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why a call was not answered. */
    public enum Reason {
        /** The handler failed. It may have done part of its work. */
        FAILED(1),
        /** The request could not be decoded, or was too large: it was not handled. */
        NOT_UNDERSTOOD(2),
        /** The other side does not handle this request, or none at all. */
        NOT_SUPPORTED(3),
        /** Too many calls are in progress: this one was not handled and may be made again later. */
        BUSY(4),
        /** The handler was cancelled by its own side. It may have done part of its work. */
        CANCELLED(5),
        /** The other side is closing: the call was not handled and may be made again on another connection. */
        CLOSING(6);

        private static final Reason[] ALL = values();

        private final int code;

        Reason(int code) {
            this.code = code;
        }

        /** As it goes over the wire. */
        int code() {
            return code;
        }

        /** A code that is not known here is of a later version, and a failure in any case. */
        static Reason of(int code) {
            return code >= 1 && code <= ALL.length ? ALL[code - 1] : FAILED;
        }
    }

    private final Reason reason;
    private final String text;

    /**
     * Says why a call is not answered.
     *
     * @param reason why
     * @param text the same for people, without secrets: the peer reads it, the first 1024 bytes of UTF-8. {@code null}, as an
     *     exception's message may be, is the same as none
     */
    public CallException(Reason reason, @Nullable String text) {
        super("the call was not answered, " + reason + ": " + text);
        this.reason = reason;
        this.text = text == null ? "" : text;
    }

    /**
     * Why the call was not answered.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * What the other side says about it.
     *
     * @return its text alone, without what {@link #getMessage()} adds
     */
    public String text() {
        return text;
    }
}
