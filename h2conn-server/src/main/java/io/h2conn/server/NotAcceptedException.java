package io.h2conn.server;

import java.io.IOException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.server.Request;

/**
 * {@link Acceptor#accept} made no connection, since the server's rules or limits do not allow one for this request: it comes
 * from a script on a page of another site, or there are too many connections. Nothing was answered; send {@link #refusal}. If
 * a handler lets this exception pass, Jetty answers with the refusal's status.
 */
public final class NotAcceptedException extends IOException implements HttpException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;
    private final int status;

    NotAcceptedException(Refusal refusal, Request request) {
        super("no connection for " + Acceptor.describe(request) + ": it is refused with " + refusal.status());
        this.refusal = refusal;
        this.status = refusal.status();
    }

    /**
     * What to answer.
     *
     * @return 403, 429, 431 or 503, with a body that says why
     */
    public Refusal refusal() {
        return refusal;
    }

    @Override
    public int getCode() {
        return status;
    }

    @Override
    public String getReason() {
        return String.valueOf(getMessage());
    }
}
