package io.h2conn.client;

import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionRefusedException;
import io.h2conn.ConnectionResetException;
import java.net.http.HttpHeaders;

/** Says how a server failed to accept a request that had been sent. */
final class Refusals {
    private Refusals() {}

    static ConnectionRefusedException describe(String target, int status, HttpHeaders headers, byte[] body) {
        String advice = status == 404 || status == 405 ? ". Is accept() mounted at this path?" : "";
        return new ConnectionRefusedException(
                "the server answered " + status + " to " + target + "; expected 2xx" + advice, status, headers, body);
    }

    /** The failure of a connection before its answer, as a failure of the connect. */
    static ConnectionFailure beforeAnswer(String target, ConnectionFailure failure) {
        String message = "no connection for " + target + ": " + failure.getMessage();
        Throwable cause = failure.asException().getCause();
        if (failure instanceof ConnectionResetException reset) {
            return new ConnectionResetException(message, reset.origin(), reset.errorCode(), cause);
        } else if (failure instanceof ConnectionLostException lost) {
            return new ConnectionLostException(message, lost.origin(), lost.errorCode(), lost.retrySafe(), cause);
        }
        return failure;
    }
}
