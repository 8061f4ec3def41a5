package io.h2conn;

import java.io.Serializable;
import java.util.List;

/**
 * An HTTP/2 error code (RFC 9113, section 7): the 32 bits that RST_STREAM and GOAWAY carry to say why.
 *
 * <p>The registered codes are constants here; a peer may send any other number, and then {@link #of} makes a code that
 * keeps it. Codes are equal when their numbers are. Immutable and safe for any thread.
 *
 * @param value the code as it goes over the wire, 0 to 4,294,967,295
 */
public record ErrorCode(long value) implements Serializable {
    /** No error: an orderly end. Sent in RST_STREAM by a server that needs no more input. */
    public static final ErrorCode NO_ERROR = new ErrorCode(0x0);
    /** The peer broke the protocol in a way no other code names. */
    public static final ErrorCode PROTOCOL_ERROR = new ErrorCode(0x1);
    /** An unexpected failure inside the sender; what a failed connection handler resets with. */
    public static final ErrorCode INTERNAL_ERROR = new ErrorCode(0x2);
    /** The peer sent more than the window allowed. */
    public static final ErrorCode FLOW_CONTROL_ERROR = new ErrorCode(0x3);
    /** SETTINGS were not acknowledged in time. */
    public static final ErrorCode SETTINGS_TIMEOUT = new ErrorCode(0x4);
    /** A frame arrived on a half that had already ended. */
    public static final ErrorCode STREAM_CLOSED = new ErrorCode(0x5);
    /** A frame had a wrong size. */
    public static final ErrorCode FRAME_SIZE_ERROR = new ErrorCode(0x6);
    /** The request was not processed at all: it is safe to send it again (RFC 9113, section 8.7). */
    public static final ErrorCode REFUSED_STREAM = new ErrorCode(0x7);
    /** The sender no longer needs the stream; the code of {@link DuplexConnection#abort()}. */
    public static final ErrorCode CANCEL = new ErrorCode(0x8);
    /** The header compression state was lost. */
    public static final ErrorCode COMPRESSION_ERROR = new ErrorCode(0x9);
    /** The connection that a CONNECT request asked for failed. */
    public static final ErrorCode CONNECT_ERROR = new ErrorCode(0xa);
    /** The peer generates excessive load. */
    public static final ErrorCode ENHANCE_YOUR_CALM = new ErrorCode(0xb);
    /** TLS is weaker than the sender requires. */
    public static final ErrorCode INADEQUATE_SECURITY = new ErrorCode(0xc);
    /** The sender wants HTTP/1.1 for this request. */
    public static final ErrorCode HTTP_1_1_REQUIRED = new ErrorCode(0xd);

    private static final long MAX_VALUE = 0xFFFF_FFFFL;

    private static final List<String> NAMES = List.of(
            "NO_ERROR",
            "PROTOCOL_ERROR",
            "INTERNAL_ERROR",
            "FLOW_CONTROL_ERROR",
            "SETTINGS_TIMEOUT",
            "STREAM_CLOSED",
            "FRAME_SIZE_ERROR",
            "REFUSED_STREAM",
            "CANCEL",
            "COMPRESSION_ERROR",
            "CONNECT_ERROR",
            "ENHANCE_YOUR_CALM",
            "INADEQUATE_SECURITY",
            "HTTP_1_1_REQUIRED");

    /**
     * Makes a code of any number.
     *
     * @throws IllegalArgumentException if {@code value} is not an unsigned 32-bit number
     */
    public ErrorCode {
        if (value < 0 || value > MAX_VALUE) {
            throw new IllegalArgumentException(
                    "an HTTP/2 error code is an unsigned 32-bit number, but the value was " + value);
        }
    }

    /**
     * Makes the code of a number as frames carry it, unsigned in a signed {@code int}.
     *
     * @param wire the 32 bits of the frame
     * @return the code; never fails
     */
    public static ErrorCode of(int wire) {
        return new ErrorCode(Integer.toUnsignedLong(wire));
    }

    /**
     * The code as frames carry it.
     *
     * @return the 32 bits, unsigned in a signed {@code int}
     */
    public int wire() {
        return (int) value;
    }

    /** The registered name, such as {@code CANCEL}, or {@code 0x2a} for a number that has none. */
    @Override
    public String toString() {
        return value < NAMES.size() ? NAMES.get((int) value) : "0x" + Long.toHexString(value);
    }
}
