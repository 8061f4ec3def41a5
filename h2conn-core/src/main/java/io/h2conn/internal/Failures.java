package io.h2conn.internal;

import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionRefusedException;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.NotHttp2Exception;
import io.h2conn.TlsException;
import io.h2conn.UnreachableException;
import java.io.IOException;

/** Makes failures that can be thrown. */
public final class Failures {
    private Failures() {}

    /**
     * A copy of a failure with the caller's own stack. Each call gets one: an exception that two threads throw mixes up
     * their traces, and one that both a {@code try} block and its {@code close()} throw cannot suppress itself.
     *
     * @param failure what happened
     * @return the same, to be thrown
     */
    public static IOException again(ConnectionFailure failure) {
        IOException copy = copy(failure);
        if (copy.getCause() == null && failure.asException().getCause() != null) {
            copy.initCause(failure.asException().getCause());
        }
        return copy;
    }

    private static IOException copy(ConnectionFailure failure) {
        String message = String.valueOf(failure.getMessage());
        Throwable cause = failure.asException().getCause();
        if (failure instanceof ConnectionResetException e) {
            return new ConnectionResetException(message, e.origin(), e.errorCode(), cause);
        } else if (failure instanceof ConnectionLostException e) {
            return new ConnectionLostException(message, e.origin(), e.errorCode(), e.retrySafe(), cause);
        } else if (failure instanceof ConnectionTimeoutException e) {
            return new ConnectionTimeoutException(message, e.bytesTransferred);
        } else if (failure instanceof ConnectionClosedException) {
            return new ConnectionClosedException(message);
        } else if (failure instanceof ConnectionRefusedException e) {
            return new ConnectionRefusedException(message, e.status(), e.headers(), e.body());
        } else if (failure instanceof NotHttp2Exception) {
            return new NotHttp2Exception(message, cause);
        } else if (failure instanceof TlsException e) {
            return new TlsException(message, e.origin(), cause);
        } else if (failure instanceof UnreachableException) {
            return new UnreachableException(message, cause);
        }
        throw new AssertionError("a failure that is not in the family: " + failure);
    }
}
