package io.h2conn.jetty;

import java.net.SocketAddress;
import java.net.http.HttpHeaders;
import java.time.Duration;
import javax.net.ssl.SSLSession;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/** What is the same for the streams of one session, so that it is kept once and not for each. Safe for any thread. */
final class SessionFacts {
    final @Nullable SocketAddress local;
    final @Nullable SocketAddress remote;
    final @Nullable SSLSession tls;
    private volatile @Nullable Answer lastAnswer;
    /** Nanoseconds; 0 while there is none. */
    private volatile long roundTrip;

    SessionFacts(HTTP2Session session) {
        EndPoint endPoint = session.getEndPoint();
        EndPoint.SslSessionData data = endPoint.getSslSessionData();
        local = endPoint.getLocalSocketAddress();
        remote = endPoint.getRemoteSocketAddress();
        tls = data == null ? null : data.sslSession();
    }

    void roundTrip(long nanos) {
        roundTrip = Math.max(1, nanos);
    }

    @Nullable
    Duration roundTripTime() {
        long known = roundTrip;
        return known == 0 ? null : Duration.ofNanos(known);
    }

    /** The last answer on this session if it was an equal one, as most are; otherwise the one given. */
    Answer shared(Answer answer) {
        Answer last = lastAnswer;
        if (last != null && last.status == answer.status && last.fields.isEqualTo(answer.fields)) {
            return last;
        }
        lastAnswer = answer;
        return answer;
    }

    /** A response's status and headers; translated when somebody asks. */
    static final class Answer {
        final int status;
        private final HttpFields fields;
        private volatile @Nullable HttpHeaders headers;

        /** @param fields may change later */
        Answer(int status, HttpFields fields) {
            this.status = status;
            this.fields = fields.asImmutable();
        }

        HttpHeaders headers() {
            HttpHeaders result = headers;
            if (result == null) {
                result = Headers.of(fields);
                headers = result;
            }
            return result;
        }
    }
}
