package io.h2conn.internal;

import io.h2conn.ConnectionInfo;
import io.h2conn.ErrorCode;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What carries one stream: the engine's way down to the wire. No method blocks, and the engine holds no lock when it
 * calls one, so that each may call the engine back on the same thread.
 *
 * <p>The way up is {@link Engine}'s {@code on...} methods.
 */
public interface Transport {
    /**
     * Sends one piece. The engine sends one at a time: the next comes after {@link Engine#onSent} or
     * {@link Engine#onSendFailed}, which must be called exactly once for each piece, at the latest when the transport is
     * torn down, and only when it no longer reads the buffer.
     *
     * <p>One that throws instead has not sent the piece and will not answer: the connection fails with what it threw, as after
     * {@link Engine#onSendFailed}, and the buffer is left to the garbage collector, since something may read it still. Once it
     * has answered it must not throw: the answer stands, and what it throws is only logged.
     *
     * @param data the bytes, direct memory; empty only if {@code end}
     * @param end whether the stream's half ends with it
     * @param trailers sent after the data, or {@code null}; only if {@code end}
     */
    void send(ByteBuffer data, boolean end, @Nullable HttpHeaders trailers);

    /**
     * Somebody is about to wait, for what was sent or for the peer's answer to it: what holds a piece back for the company of
     * other streams' pieces lets it go.
     *
     * @param blocking whether the calling thread itself is about to wait, so that nothing may be left for it to do later
     */
    default void hurry(boolean blocking) {}

    /**
     * Gives credit for bytes that the application has consumed: the peer may send as many more.
     *
     * @param bytes greater than 0
     */
    void consumed(int bytes);

    /**
     * Sends RST_STREAM.
     *
     * @param code why
     */
    void reset(ErrorCode code);

    /**
     * Told once, when the connection has ended and the engine makes no further calls.
     */
    void ended();

    /**
     * What it could send at this moment.
     *
     * @return what is known of windows, or {@code null} while there is no stream
     */
    default @Nullable Outlet outlet() {
        return null;
    }

    /**
     * What it shares with other transports.
     *
     * @return the session, or {@code null} if there is none, or none yet
     */
    default @Nullable Object carrier() {
        return null;
    }

    /**
     * How threads can read what they wait for themselves.
     *
     * @return the session's lead, or {@code null} if there is none, or none yet; always the same
     */
    default @Nullable Lead lead() {
        return null;
    }

    /** The facts that the transport knows. */
    ConnectionInfo info();
}
