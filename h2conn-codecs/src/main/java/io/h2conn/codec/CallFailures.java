package io.h2conn.codec;

import io.h2conn.ConnectionFailure;
import io.h2conn.ErrorCode;
import io.h2conn.internal.Failures;
import java.io.EOFException;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;

/** What goes wrong with calls, and what is done about it. */
final class CallFailures {
    private CallFailures() {}

    /** A copy for one call, with the stack of the thread that makes it, as far as several calls may get the same. */
    static IOException again(IOException failure) {
        if (failure instanceof ConnectionFailure e) {
            return Failures.again(e);
        } else if (failure instanceof CallException e) {
            return new CallException(e.reason(), e.text());
        } else if (failure instanceof EOFException e) {
            return new EOFException(e.getMessage());
        } else if (failure instanceof CodecException e && e.getClass() == CodecException.class) {
            return new CodecException(String.valueOf(e.getMessage()), e, e.offset(), e.isFatal());
        }
        return failure;
    }

    /** What a future of calls has failed with. */
    static IOException of(ExecutionException failure) {
        return again(asIOException(Objects.requireNonNull(failure.getCause())));
    }

    static IOException asIOException(Throwable failure) {
        return failure instanceof IOException e ? e : new IOException("calls cannot go on: " + failure, failure);
    }

    /** What the peer is told when a failure ends the connection. */
    static ErrorCode code(IOException failure) {
        if (failure instanceof CallException) {
            return ErrorCode.ENHANCE_YOUR_CALM;
        } else if (failure instanceof CodecException || failure instanceof EOFException) {
            return ErrorCode.PROTOCOL_ERROR;
        }
        return ErrorCode.INTERNAL_ERROR;
    }
}
