package io.h2conn.jetty;

import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionResetException;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.RetryableStreamException;
import org.jspecify.annotations.Nullable;

/** Turns what Jetty tells a stream about the loss of its session into a failure that says what happened. */
final class Losses {
    private Losses() {}

    /**
     * Explains a failure of a stream.
     *
     * @param session the stream's session
     * @param code Jetty's error code
     * @param reason Jetty's name for the event, or {@code null}
     * @param cause Jetty's exception
     */
    static ConnectionFailure explain(
            HTTP2Session session, ErrorCode code, @Nullable String reason, @Nullable Throwable cause) {
        SessionMemory memory = SessionMemory.of(session);
        ConnectionLostException diagnosis = memory.diagnosis();
        if (diagnosis != null) {
            return diagnosis;
        }
        SessionMemory.GoAway away = memory.goAway();
        if (cause instanceof RetryableStreamException) {
            return new ConnectionLostException(
                    "the peer shuts the session down" + describe(away) + " and has not processed this request; "
                            + "it is safe to send it again on a new session",
                    Origin.PEER,
                    away == null ? code : away.code(),
                    true,
                    cause);
        }
        if (away != null && !away.code().equals(ErrorCode.NO_ERROR)) {
            return new ConnectionLostException(
                    "the peer ended the session" + describe(away), Origin.PEER, away.code(), false, cause);
        }
        if (cause instanceof TimeoutException) {
            return new ConnectionLostException(
                    "the session was silent for too long: " + cause.getMessage(), Origin.NETWORK, null, false, cause);
        }
        return switch (reason == null ? "" : reason) {
            case "input_shutdown" ->
                away == null
                        ? network("the TCP connection ended before the peer ended this stream", cause)
                        : new ConnectionLostException(
                                "the peer shut the session down" + describe(away) + " before it ended this stream",
                                Origin.PEER,
                                away.code(),
                                false,
                                cause);
            case "write_failure" -> network("writing to the TCP connection failed: " + cause, cause);
            // Jetty says so whenever the TCP connection was closed, by whomever.
            case "stop" ->
                memory.isStopping()
                        ? new ConnectionLostException("this side stopped the session", Origin.LOCAL, null, false, cause)
                        : network("the TCP connection was closed before the peer ended this stream", cause);
            default -> brokenRules(session, code, reason, cause);
        };
    }

    /**
     * Explains the end of a stream whose event nobody was told, from the state it left behind.
     *
     * @param stream the stream
     * @param late whether it had ended before this library knew of it
     * @param cause what failed because of it, or {@code null}
     */
    static ConnectionFailure missed(HTTP2Stream stream, boolean late, @Nullable Throwable cause) {
        HTTP2Session session = stream.getSession();
        ErrorCode code = SessionMemory.peerReset(stream);
        if (code == null && stream.isReset() && !session.isDisconnected()) {
            if (!late) {
                return new ConnectionResetException(
                        "this side reset the stream, since the peer broke the rules of HTTP/2",
                        Origin.LOCAL,
                        ErrorCode.PROTOCOL_ERROR,
                        cause);
            }
            code = ErrorCode.CANCEL; // Came before anybody took a note of it; by far the likeliest.
        }
        return code == null
                ? explain(session, ErrorCode.NO_ERROR, "input_shutdown", cause)
                : new ConnectionResetException("the peer reset the stream with " + code, Origin.PEER, code, cause);
    }

    /** The stream was removed before this library knew of it, and took the code of its reset along. */
    static ConnectionFailure vanished(HTTP2Session session) {
        return session.isDisconnected()
                ? explain(session, ErrorCode.NO_ERROR, "input_shutdown", null)
                : new ConnectionResetException(
                        "the peer reset the stream before it was accepted", Origin.PEER, ErrorCode.CANCEL, null);
    }

    /** RFC 9113, section 8.1: trailers end the stream, or the message is malformed. */
    static ConnectionFailure trailersWithoutEnd() {
        return new ConnectionResetException(
                "this side reset the stream, since the peer sent trailers without ending it",
                Origin.LOCAL,
                ErrorCode.PROTOCOL_ERROR,
                null);
    }

    /** The request or the response never left. */
    static ConnectionFailure neverSent(Throwable cause) {
        return new ConnectionLostException(
                "the headers could not be sent: " + cause.getMessage(), Origin.LOCAL, null, true, cause);
    }

    private static ConnectionFailure brokenRules(
            HTTP2Session session, ErrorCode code, @Nullable String reason, @Nullable Throwable cause) {
        String detail = code + (reason == null ? cause == null ? "" : ": " + cause.getMessage() : " " + reason);
        return session.isClosed()
                ? new ConnectionLostException(
                        "this side ended the session, since the peer broke the rules of HTTP/2: " + detail,
                        Origin.LOCAL,
                        code,
                        false,
                        cause)
                : new ConnectionResetException(
                        "this side reset the stream, since the peer broke the rules of HTTP/2: " + detail,
                        Origin.LOCAL,
                        code,
                        cause);
    }

    private static ConnectionLostException network(String message, @Nullable Throwable cause) {
        return new ConnectionLostException(message, Origin.NETWORK, null, false, cause);
    }

    private static String describe(SessionMemory.@Nullable GoAway away) {
        if (away == null) {
            return "";
        }
        return " (GOAWAY " + away.code() + (away.reason().isEmpty() ? "" : ", \"" + away.reason() + "\"") + ")";
    }
}
