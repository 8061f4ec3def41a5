package io.h2conn.client;

import io.h2conn.ConnectionLostException;
import io.h2conn.ErrorCode;
import io.h2conn.NotHttp2Exception;
import io.h2conn.Origin;
import io.h2conn.TlsException;
import io.h2conn.UnreachableException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** Says why there is no session with a server, and what to do about it. */
final class OpenFailures {
    private OpenFailures() {}

    static OpenFailure unknownHost(WebOrigin origin, Exception cause) {
        return target -> new UnreachableException(
                "no connection for " + target + ": the host name " + origin.host() + " has no address", cause);
    }

    static OpenFailure unreachable(WebOrigin origin, int addresses, @Nullable Throwable cause) {
        String reason = cause instanceof ConnectException
                        && String.valueOf(cause.getMessage()).contains("refused")
                ? " refused the TCP connection"
                : " cannot be reached (" + describe(cause) + ")";
        String where = addresses > 1 ? ", at the last of its " + addresses + " addresses as at the others" : "";
        return target ->
                new UnreachableException("no connection for " + target + ": " + origin + reason + where, cause);
    }

    /**
     * The TLS handshake did not succeed.
     *
     * @param alpn what ALPN chose instead of h2: empty for nothing, {@code null} if it did not come to that
     */
    static OpenFailure handshakeFailed(WebOrigin origin, @Nullable String alpn, @Nullable Throwable cause) {
        if (alpn != null) {
            return target -> new NotHttp2Exception(
                    "no connection for " + target + ": " + origin + " does not offer HTTP/2; by ALPN it chose "
                            + (alpn.isEmpty() ? "nothing" : alpn),
                    cause);
        }
        String reason = describe(cause);
        if (reason.contains("no_application_protocol")) {
            return target -> new NotHttp2Exception(
                    "no connection for " + target + ": " + origin + " does not offer HTTP/2; it has no protocol in"
                            + " common with ALPN's h2",
                    cause);
        }
        if (reason.contains("nrecognized SSL message") || reason.contains("not an SSL/TLS record")) {
            return target -> new TlsException(
                    "no connection for " + target + ": " + origin + " does not answer in TLS; is http:// meant?",
                    Origin.PEER,
                    cause);
        }
        Origin culprit = reason.contains("fatal alert") || reason.contains("by peer") ? Origin.PEER : Origin.LOCAL;
        return target -> new TlsException(
                "no connection for " + target + ": the TLS handshake with " + origin + " failed: " + reason
                        + advice(reason),
                culprit,
                cause);
    }

    private static String advice(String reason) {
        if (reason.contains("unable to find valid certification path")) {
            return "; if its certificate is to be trusted, give the client a trustStore with it";
        }
        if (reason.contains("Abruptly closed by peer")) {
            return "; a server that does not offer HTTP/2 may do so"; // Jetty's does, instead of sending an alert
        }
        return "";
    }

    /** TLS 1.3: the server decides about the client's certificate after the client has finished its handshake. */
    static OpenFailure rejectedAfterHandshake(WebOrigin origin, Throwable cause) {
        return target -> new TlsException(
                "no connection for " + target + ": " + origin
                        + " ended TLS right after the handshake, as servers do that"
                        + " do not accept the client's certificate or want one: " + describe(cause),
                Origin.PEER,
                cause);
    }

    /**
     * The server sent something else than SETTINGS, or nothing.
     *
     * @param greeting the beginning of what it sent, if it is known
     */
    static OpenFailure noSettings(WebOrigin origin, @Nullable String greeting, @Nullable Throwable cause) {
        if (origin.tls() && cause instanceof ClosedChannelException) {
            return target -> new ConnectionLostException(
                    "no connection for " + target + ": " + origin + " closed the TCP connection right after the TLS"
                            + " handshake",
                    Origin.NETWORK,
                    null,
                    true,
                    cause);
        }
        if (greeting != null && isGoAway(greeting)) {
            return target -> new ConnectionLostException(
                    "no connection for " + target + ": " + origin + " shuts down; it began the session with its end",
                    Origin.PEER,
                    ErrorCode.NO_ERROR,
                    true,
                    cause);
        }
        String found;
        if (greeting == null) {
            found = cause instanceof ClosedChannelException
                    ? "closed the TCP connection without a word of HTTP/2"
                    : "did not send HTTP/2 SETTINGS first (" + describe(cause) + ")";
        } else if (greeting.startsWith("HTTP/1")) {
            found = "speaks HTTP/1.1 only; it answered '" + firstLine(greeting) + "'";
        } else if (greeting.startsWith("\u0015\u0003")) {
            found = "speaks TLS on this port; use https://";
        } else {
            found = "does not speak HTTP/2; it sent '" + firstLine(greeting) + "'";
        }
        return target -> new NotHttp2Exception("no connection for " + target + ": " + origin + " " + found, cause);
    }

    /** RFC 9113, sections 4.1 and 6.8: three bytes of length, and then the type. */
    private static boolean isGoAway(String greeting) {
        return greeting.length() > 3 && greeting.charAt(0) == 0 && greeting.charAt(3) == 7;
    }

    /** The session was opened and lost again before it could be used. */
    static OpenFailure lost(WebOrigin origin, @Nullable Throwable cause) {
        return target -> new ConnectionLostException(
                "no connection for " + target + ": the session with " + origin + " was lost (" + describe(cause) + ")",
                Origin.NETWORK,
                null,
                true,
                cause);
    }

    /** Printable, and only the first line. */
    private static String firstLine(String greeting) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < greeting.length() && "\r\n".indexOf(greeting.charAt(i)) < 0; i++) {
            char c = greeting.charAt(i);
            line.append(c < ' ' || c > '~' ? '.' : c);
        }
        return line.toString();
    }

    /** The server has not sent a byte in all the time that a connect was given. */
    static OpenFailure silent(WebOrigin origin) {
        return target -> new ConnectionLostException(
                "no connection for " + target + ": " + origin + " has sent nothing for the time of a connect",
                Origin.NETWORK,
                null,
                false,
                null);
    }

    /** The message of an exception, and that of its first cause where that says more. */
    static String describe(@Nullable Throwable failure) {
        if (failure == null) {
            return "for no known reason";
        }
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = message(failure);
        String deeper = message(root);
        return message.contains(deeper) ? message : message + ": " + deeper;
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }
}
