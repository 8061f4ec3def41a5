package io.h2conn;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What every failure of this library has in common: an {@link IOException} that knows who caused it.
 *
 * <p>A connection fails once. The first failure wins, and every later call on that connection reports it again, so
 * that the exception a user sees last is still the one that explains what happened. A
 * {@link ConnectionTimeoutException} at a deadline is different: it reports one call that took too long, and leaves the
 * connection as it was.
 *
 * <p>Catch {@code IOException} to handle all of them alike, or a type below to tell them apart:
 *
 * <table class="striped">
 * <caption>The family</caption>
 * <thead><tr><th>type</th><th>means</th></tr></thead>
 * <tbody>
 * <tr><td>{@link ConnectionResetException}</td><td>one side sent RST_STREAM</td></tr>
 * <tr><td>{@link ConnectionLostException}</td><td>the session beneath broke or was shut down</td></tr>
 * <tr><td>{@link ConnectionTimeoutException}</td><td>a deadline passed; the connection is still usable</td></tr>
 * <tr><td>{@link ConnectionClosedException}</td><td>this side had closed the connection, or that half of it</td></tr>
 * <tr><td>{@link ConnectionRefusedException}</td><td>the server answered with a status other than 2xx</td></tr>
 * <tr><td>{@link NotHttp2Exception}</td><td>the peer does not speak HTTP/2</td></tr>
 * <tr><td>{@link TlsException}</td><td>the TLS handshake failed</td></tr>
 * <tr><td>{@link UnreachableException}</td><td>no TCP connection could be made</td></tr>
 * </tbody>
 * </table>
 */
public sealed interface ConnectionFailure
        permits ConnectionResetException,
                ConnectionLostException,
                ConnectionTimeoutException,
                ConnectionClosedException,
                ConnectionRefusedException,
                NotHttp2Exception,
                TlsException,
                UnreachableException {

    /**
     * Who caused it.
     *
     * @return the culprit
     */
    Origin origin();

    /**
     * The HTTP/2 error code, where a frame carried one.
     *
     * @return the code, or {@code null} if no RST_STREAM or GOAWAY was involved
     */
    default @Nullable ErrorCode errorCode() {
        return null;
    }

    /**
     * Whether the request can safely be sent again, because the peer cannot have processed any of it: the stream was
     * reset with {@link ErrorCode#REFUSED_STREAM}, lay above the last stream of a GOAWAY (RFC 9113, section 8.7), or
     * was never sent at all.
     *
     * @return {@code true} only if it is certain
     */
    default boolean retrySafe() {
        return false;
    }

    /**
     * The same failure as a throwable.
     *
     * @return this
     */
    default IOException asException() {
        return (IOException) this;
    }

    /**
     * What happened and what to do about it, in a sentence, without secrets.
     *
     * @return the message
     */
    @Nullable
    String getMessage();
}
