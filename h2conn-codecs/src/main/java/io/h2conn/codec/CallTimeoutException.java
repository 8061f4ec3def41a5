package io.h2conn.codec;

import java.net.SocketTimeoutException;

/**
 * A call was not answered in time. The peer was told to cancel it, and may have handled it nevertheless; the connection is as
 * it was.
 */
public final class CallTimeoutException extends SocketTimeoutException {
    private static final long serialVersionUID = 1L;

    CallTimeoutException(String message) {
        super(message);
    }
}
