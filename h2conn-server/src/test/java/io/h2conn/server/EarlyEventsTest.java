package io.h2conn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionFailure;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer sends together with its request, before anybody has accepted it. */
class EarlyEventsTest {
    private static final byte[] WORDS = "last words".getBytes(UTF_8);

    /**
     * A Jetty connector that was not configured bears 128 resets in a second, and answers some of them with its own.
     */
    private static final int ATTEMPTS = 40;

    private final LinkedBlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    private Server server;

    /** What a handler read, and how that ended. */
    private record Outcome(String text, IOException failure, CompletableFuture<CloseReason> closed) {}

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    private RawPeer serve(boolean configured) throws Exception {
        return serve(configured, DuplexHandler.blocking(this::readAll));
    }

    private void readAll(DuplexConnection connection) {
        ByteBuffer read = ByteBuffer.allocate(1_000);
        IOException failure = null;
        try {
            while (connection.read(read) >= 0) {
                assertThat(read.hasRemaining()).isTrue();
            }
        } catch (IOException e) {
            failure = e;
        }
        String text = UTF_8.decode(read.flip()).toString();
        outcomes.add(new Outcome(text, failure, connection.closed().toCompletableFuture()));
    }

    private RawPeer serve(boolean configured, Handler handler) throws Exception {
        server = new Server();
        HttpConfiguration configuration = new HttpConfiguration();
        ServerConnector connector = new ServerConnector(
                server, new HttpConnectionFactory(configuration), new HTTP2CServerConnectionFactory(configuration));
        if (configured) {
            DuplexConnector.configure(connector);
        }
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(handler);
        server.start();
        return new RawPeer(connector.getLocalPort());
    }

    /** An end may only ever be seen after everything before it. */
    private static void assertNotSilentlyTruncated(Outcome outcome) {
        if (outcome.failure == null) {
            assertThat(outcome.text).isEqualTo("last words");
        } else {
            assertThat(outcome.failure).isInstanceOf(ConnectionFailure.class);
        }
    }

    private List<Outcome> collect() throws InterruptedException {
        List<Outcome> all = new ArrayList<>();
        Outcome next;
        // A request whose stream is gone when Jetty comes to it is not even shown to a handler.
        while ((next = outcomes.poll(all.isEmpty() ? 10_000 : 300, TimeUnit.MILLISECONDS)) != null) {
            all.add(next);
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void dataAndEndThatComeWithTheRequestAreRead(boolean configured) throws Exception {
        try (RawPeer peer = serve(configured)) {
            peer.headers(1, 0).frame(RawPeer.DATA, RawPeer.END_STREAM, 1, WORDS).flush();

            Outcome outcome = outcomes.poll(10, TimeUnit.SECONDS);

            assertThat(outcome.failure).isNull();
            assertThat(outcome.text).isEqualTo("last words");
            RawPeer.Received end = peer.await(RawPeer.DATA);
            assertThat(end.flags() & RawPeer.END_STREAM).isEqualTo(RawPeer.END_STREAM);
        }
    }

    /** Waits for a moment that grows from attempt to attempt, so that all interleavings have their turn. */
    private static void spin(int attempt) {
        long end = System.nanoTime() + attempt * 30_000L;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aResetWhileTheRequestIsAcceptedNeverLooksLikeAnEarlyEnd(boolean configured) throws Exception {
        try (RawPeer peer = serve(configured)) {
            byte[] code = ByteBuffer.allocate(4).putInt(ErrorCode.CANCEL.wire()).array();
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                int stream = 2 * attempt + 1;
                peer.headers(stream, 0)
                        .frame(RawPeer.DATA, RawPeer.END_STREAM, stream, WORDS)
                        .flush();
                spin(attempt);
                peer.frame(RawPeer.RST_STREAM, 0, stream, code).flush();
            }
            int stream = 2 * ATTEMPTS + 1;
            peer.headers(stream, 0)
                    .frame(RawPeer.DATA, RawPeer.END_STREAM, stream, WORDS)
                    .flush();

            List<Outcome> all = collect();

            assertThat(all).isNotEmpty().allSatisfy(EarlyEventsTest::assertNotSilentlyTruncated);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTcpEndWhileTheRequestIsAcceptedNeverLooksLikeAnEarlyEnd(boolean configured) throws Exception {
        serve(configured).close();
        int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try (RawPeer peer = new RawPeer(port)) {
                peer.headers(1, 0)
                        .frame(RawPeer.DATA, RawPeer.END_STREAM, 1, WORDS)
                        .flush();
                spin(attempt);
            }
        }
        RawPeer patient = new RawPeer(port);
        patient.headers(1, 0).frame(RawPeer.DATA, RawPeer.END_STREAM, 1, WORDS).flush();

        List<Outcome> all = collect();
        patient.close();

        assertThat(all).isNotEmpty().allSatisfy(EarlyEventsTest::assertNotSilentlyTruncated);
        for (Outcome outcome : all) {
            outcome.closed.get(10, TimeUnit.SECONDS); // Nothing is left hanging, whatever came first.
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void acceptingAStreamThatIsGoneMakesAConnectionThatHasFailed(boolean byReset) throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch proceed = new CountDownLatch(1);
        CompletableFuture<DuplexConnection> accepted = new CompletableFuture<>();
        CompletableFuture<HTTP2Session> session = new CompletableFuture<>();
        CompletableFuture<Void> completed = new CompletableFuture<>();
        RawPeer peer = serve(true, new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                session.complete(
                        ((HTTP2Connection) request.getConnectionMetaData().getConnection()).getSession());
                Request.addCompletionListener(request, failure -> completed.complete(null));
                entered.countDown();
                proceed.await();
                accepted.complete(Acceptor.defaults().accept(request, response, callback));
                return true;
            }
        });
        peer.headers(1, 0).frame(RawPeer.DATA, RawPeer.END_STREAM, 1, WORDS).flush();
        entered.await();
        if (byReset) {
            byte[] code = ByteBuffer.allocate(4).putInt(ErrorCode.CANCEL.wire()).array();
            peer.frame(RawPeer.RST_STREAM, 0, 1, code).flush();
        } else {
            peer.close();
        }
        while (session.join().getStream(1) != null) {
            Thread.onSpinWait();
        }
        proceed.countDown();

        CloseReason reason = Peer.get(Peer.get(accepted).closed().toCompletableFuture());

        assertThat(reason.origin()).isEqualTo(byReset ? Origin.PEER : Origin.NETWORK);
        assertThat(reason.code()).isEqualTo(byReset ? ErrorCode.CANCEL : null);
        Peer.get(completed);
        peer.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void paddingIsCreditedWithTheData(boolean configured) throws Exception {
        try (RawPeer peer = serve(configured)) {
            peer.headers(1, 0);
            // 1 byte of data in 257 of flow control: half a window in all, if padding stayed on the account.
            byte[] padded = new byte[257];
            padded[0] = (byte) 255;
            peer.flush();
            long credit = 512 * 1024;
            for (int sent = 0; sent < 999; sent++) {
                peer.frame(RawPeer.DATA, RawPeer.PADDED, 1, padded).flush();
                credit -= padded.length;
            }
            peer.frame(RawPeer.DATA, RawPeer.END_STREAM, 1, new byte[0]).flush();
            Outcome outcome = outcomes.poll(10, TimeUnit.SECONDS);
            assertThat(outcome.failure).isNull();
            assertThat(outcome.text).hasSize(999);

            while (true) {
                RawPeer.Received frame = peer.next();
                if (frame.type() == RawPeer.WINDOW_UPDATE && frame.stream() == 1) {
                    credit += frame.payload().getInt();
                } else if (frame.type() == RawPeer.DATA) {
                    break;
                }
            }
            if (configured) {
                // Given back in batches of a quarter of the window.
                assertThat(credit).isBetween(384L * 1024 - 999 - 257, 512L * 1024);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void trailersThatDoNotEndTheStreamAreAProtocolError(boolean configured) throws Exception {
        try (RawPeer peer = serve(configured)) {
            peer.headers(1, 0).flush();
            peer.await(RawPeer.HEADERS);
            // RFC 7541, section 6.2.2: a literal field, new name: "a: b".
            peer.frame(RawPeer.HEADERS, RawPeer.END_HEADERS, 1, new byte[] {0, 1, 'a', 1, 'b'})
                    .flush();

            Outcome outcome = outcomes.poll(10, TimeUnit.SECONDS);

            CloseReason reason = outcome.closed.get(10, TimeUnit.SECONDS);
            assertThat(reason.origin()).isEqualTo(Origin.LOCAL);
            assertThat(reason.code()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
            assertThat(peer.await(RawPeer.RST_STREAM).payload().getInt()).isEqualTo(ErrorCode.PROTOCOL_ERROR.wire());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void dataAfterTheEndResetsTheStreamAndIsReported(boolean configured) throws Exception {
        try (RawPeer peer = serve(configured)) {
            peer.headers(1, 0).frame(RawPeer.DATA, 0, 1, WORDS).flush();
            peer.await(RawPeer.HEADERS);
            peer.frame(RawPeer.DATA, RawPeer.END_STREAM, 1, new byte[0])
                    .frame(RawPeer.DATA, 0, 1, WORDS)
                    .flush();

            Outcome outcome = outcomes.poll(10, TimeUnit.SECONDS);

            assertNotSilentlyTruncated(outcome);
            outcome.closed.get(10, TimeUnit.SECONDS);
        }
    }
}
