package io.h2conn.reliability;

import io.h2conn.ConnectionFailure;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * What a call failed with, as journals keep it.
 *
 * @param type simple name of the exception's class
 * @param origin who caused it, or {@code null} if it is none of the family of failures
 * @param code HTTP/2 error code, or -1
 * @param message without line breaks
 */
record Failure(String type, @Nullable Origin origin, long code, String message) {
    static Failure of(Throwable thrown) {
        Throwable failure =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        String message = String.valueOf(failure.getMessage()).replaceAll("[\\p{Cntrl}|]+", " ");
        String type = failure.getClass().getSimpleName();
        if (failure instanceof ConnectionFailure known) {
            ErrorCode code = known.errorCode();
            return new Failure(type, known.origin(), code == null ? -1 : code.value(), message);
        }
        return new Failure(type, null, -1, message);
    }

    /** Whether it is one of the family of failures. */
    boolean isTyped() {
        return origin != null;
    }

    boolean isReset() {
        return type.equals("ConnectionResetException");
    }

    boolean isReset(Origin by) {
        return isReset() && origin == by;
    }

    boolean isClosedHere() {
        return type.equals("ConnectionClosedException");
    }

    boolean isTimeout() {
        return type.equals("ConnectionTimeoutException");
    }

    String format() {
        return type + "|" + (origin == null ? "-" : origin) + "|" + code + "|" + message;
    }

    static Failure parse(String text) {
        String[] parts = text.split("\\|", 4);
        return new Failure(
                parts[0], parts[1].equals("-") ? null : Origin.valueOf(parts[1]), Long.parseLong(parts[2]), parts[3]);
    }

    @Override
    public String toString() {
        return type + (isTyped() ? " by " + origin + (code < 0 ? "" : ", code " + code) : "") + ": " + message;
    }
}
