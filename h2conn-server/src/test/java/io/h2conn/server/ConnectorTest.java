package io.h2conn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionOptions;
import io.h2conn.NotHttp2Exception;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.compression.gzip.GzipCompression;
import org.eclipse.jetty.compression.server.CompressionConfig;
import org.eclipse.jetty.compression.server.CompressionHandler;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a Jetty server of the application's own, with handlers and a connector of its own. */
class ConnectorTest {
    private final Server server = new Server();
    private final HttpConfiguration configuration = new HttpConfiguration();
    private final ServerConnector connector = new ServerConnector(
            server, new HttpConnectionFactory(configuration), new HTTP2CServerConnectionFactory(configuration));

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    private URI start(Handler handler) throws Exception {
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(handler);
        server.start();
        return URI.create("http://127.0.0.1:" + connector.getLocalPort() + "/");
    }

    private static DuplexHandler echo() {
        return DuplexHandler.blocking(connection -> connection.input().transferTo(connection.output()));
    }

    private static void assertEchoes(Peer peer) throws Exception {
        Peer.Exchange exchange = peer.open("POST", "/");
        exchange.send("hello").received(5);
        exchange.send(", again").end();
        assertThat(exchange.body()).isEqualTo("hello, again");
    }

    private static HttpResponse<String> getByHttp1(URI uri) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(uri).version(HttpClient.Version.HTTP_1_1).build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aConnectorThatIsNotConfiguredWorksAndWarnsOnce() throws Exception {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        PrintStream err = System.err;
        System.setErr(new PrintStream(log, true, UTF_8));
        try (Peer peer = new Peer(start(echo()))) {
            assertEchoes(peer);
            assertEchoes(peer);
            assertThat(peer.sawReset()).isFalse();
        } finally {
            System.setErr(err);
        }
        try (Peer peer = new Peer(server.getURI())) {
            assertEchoes(peer);
        }

        assertThat(log.toString(UTF_8).lines().filter(line -> line.contains("DuplexConnector.configure(connector)")))
                .hasSize(1)
                .allSatisfy(line -> assertThat(line).contains("flow control").contains("rate control"));
    }

    @Test
    void aConfiguredConnectorDoesNotWarn() throws Exception {
        DuplexConnector.configure(connector);
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        PrintStream err = System.err;
        System.setErr(new PrintStream(log, true, UTF_8));
        try (Peer peer = new Peer(start(echo()))) {
            assertEchoes(peer);
        } finally {
            System.setErr(err);
        }

        assertThat(log.toString(UTF_8)).doesNotContain("WARN");
    }

    @Test
    void bulkDataGoesThroughAConnectorThatIsNotConfigured() throws Exception {
        try (Peer peer = new Peer(start(echo()))) {
            Peer.Exchange exchange = peer.open("POST", "/");
            exchange.send(new byte[3_000_000], true);
            assertThat(exchange.body()).hasSize(3_000_000);
        }
    }

    @Test
    void aConnectorWithoutHttp2CannotBeConfigured() {
        ServerConnector http1 = new ServerConnector(server, new HttpConnectionFactory());

        assertThatThrownBy(() -> DuplexConnector.configure(http1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HTTP2CServerConnectionFactory");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void otherRequestsAreServedAsBefore(boolean http1) throws Exception {
        DuplexConnector.configure(connector);
        URI uri = start(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                // Reads all, answers with as much: many times the stream's window.
                long length = 0;
                try (InputStream in = Content.Source.asInputStream(request)) {
                    length = in.transferTo(OutputStream.nullOutputStream());
                }
                response.write(true, ByteBuffer.allocate((int) length), callback);
                return true;
            }
        });
        byte[] body = new byte[5_000_000];

        if (http1) {
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .version(HttpClient.Version.HTTP_1_1)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                    .build();
            HttpResponse<byte[]> response =
                    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(response.body()).hasSize(body.length);
        } else {
            try (Peer peer = new Peer(uri)) {
                Peer.Exchange exchange = peer.open("POST", "/");
                exchange.send(body, true);
                assertThat(exchange.body()).hasSize(body.length);
                assertThat(peer.sawReset()).isFalse();
            }
        }
    }

    @Test
    void aRequestByHttp1IsTurnedAwayWith505() throws Exception {
        HttpResponse<String> response = getByHttp1(start(echo()));

        assertThat(response.statusCode()).isEqualTo(505);
        assertThat(response.body()).contains("HTTP/2").contains("--http2-prior-knowledge");
    }

    @Test
    void acceptingARequestByHttp1FailsAndLeavesItToBeAnswered() throws Exception {
        URI uri = start(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                try {
                    Acceptor.defaults().accept(request, response, callback);
                } catch (NotHttp2Exception | NotAcceptedException e) {
                    response.write(true, BufferUtil.toBuffer(e.getMessage()), callback);
                }
                return true;
            }
        });

        HttpResponse<String> response = getByHttp1(uri);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("GET / came by HTTP/1.1; accept() needs a stream of HTTP/2");
    }

    @Test
    void acceptAfterTheResponseWasCommittedIsAMistake() throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        URI uri = start(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                response.write(false, BufferUtil.toBuffer("already "), Callback.from(() -> {
                    try {
                        Acceptor.defaults().accept(request, response, callback);
                    } catch (Exception e) {
                        thrown.complete(e);
                        response.write(true, BufferUtil.toBuffer("answered"), callback);
                    }
                }));
                return true;
            }
        });
        try (Peer peer = new Peer(uri)) {
            Peer.Exchange exchange = peer.open("GET", "/", HttpFields.EMPTY, true);

            assertThat(exchange.body()).isEqualTo("already answered");
            assertThat(Peer.get(thrown))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("call it before anything is written");
        }
    }

    @Test
    void whatIsWrittenInsideTheHandlerFollowsTheHeaders() throws Exception {
        CompletableFuture<CompletableFuture<Void>> both = new CompletableFuture<>();
        DuplexConnector.configure(connector);
        URI uri = start(new Handler.Abstract.NonBlocking() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                Acceptor acceptor =
                        Acceptor.defaults().options(ConnectionOptions.defaults().nonBlockingCallbacks(true));
                var connection = acceptor.accept(request, response, callback);
                CompletableFuture<?> written = connection.writeAsync(BufferUtil.toBuffer("at once"));
                CompletableFuture<?> closed = connection.closeAsync();
                both.complete(CompletableFuture.allOf(written, closed));
                return true;
            }
        });
        try (Peer peer = new Peer(uri)) {
            Peer.Exchange exchange = peer.open("POST", "/");
            exchange.end();

            assertThat(exchange.body()).isEqualTo("at once");
            Peer.get(Peer.get(both));
            assertThat(peer.sawReset()).isFalse();
        }
    }

    @Test
    @SuppressWarnings({"deprecation", "removal"})
    void aCompressingHandlerInFrontLeavesTheConnectionAlone() throws Exception {
        DuplexConnector.configure(connector);
        org.eclipse.jetty.server.handler.gzip.GzipHandler gzip =
                new org.eclipse.jetty.server.handler.gzip.GzipHandler();
        gzip.setMinGzipSize(0);
        gzip.setIncludedMethods("POST");
        gzip.setHandler(echo());
        requirePlainEcho(gzip);
    }

    @Test
    void jettysOtherCompressingHandlerDoesSo() throws Exception {
        DuplexConnector.configure(connector);
        GzipCompression gzip = new GzipCompression();
        gzip.setMinCompressSize(0);
        CompressionHandler compressing = new CompressionHandler(echo());
        compressing.putCompression(gzip);
        compressing.putConfiguration(
                "/*",
                CompressionConfig.builder()
                        .compressIncludeMethod("POST")
                        .decompressIncludeMethod("POST")
                        .build());
        requirePlainEcho(compressing);
    }

    private void requirePlainEcho(Handler handler) throws Exception {
        try (Peer peer = new Peer(start(handler))) {
            Peer.Exchange exchange =
                    peer.open("POST", "/", HttpFields.build().add(HttpHeader.ACCEPT_ENCODING, "gzip"), false);

            assertThat(exchange.response().getHttpFields().contains(HttpHeader.CONTENT_ENCODING))
                    .isFalse();
            exchange.send("plain").received(5);
            exchange.end();
            assertThat(exchange.body()).isEqualTo("plain");
        }
    }

    @Test
    void thePrincipalIsTheOneOfJettysAuthentication() throws Exception {
        Principal user = () -> "alice";
        CompletableFuture<Principal> seen = new CompletableFuture<>();
        URI uri = start(
                new Handler.Wrapper(DuplexHandler.blocking(
                        connection -> seen.complete(connection.info().principal()))) {
                    @Override
                    public boolean handle(Request request, Response response, Callback callback) throws Exception {
                        Request.setAuthenticationState(request, new Request.AuthenticationState() {
                            @Override
                            public Principal getUserPrincipal() {
                                return user;
                            }
                        });
                        return super.handle(request, response, callback);
                    }
                });
        try (Peer peer = new Peer(uri)) {
            peer.open("POST", "/").end();

            assertThat(Peer.get(seen)).isSameAs(user);
        }
    }

    @Test
    void jettyIsToldWhenTheConnectionHasEnded() throws Exception {
        CompletableFuture<Void> completed = new CompletableFuture<>();
        URI uri = start(new Handler.Wrapper(echo()) {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                Request.addCompletionListener(request, failure -> {
                    if (failure == null) {
                        completed.complete(null);
                    } else {
                        completed.completeExceptionally(failure);
                    }
                });
                return super.handle(request, response, callback);
            }
        });
        try (Peer peer = new Peer(uri)) {
            Peer.Exchange exchange = peer.open("POST", "/");
            exchange.response();
            assertThat(completed).isNotDone();

            exchange.end().body();

            Peer.get(completed);
        }
    }

    @Test
    void directReadsAreRefusedWhereTheyAreAskedForAndImpossible() {
        assertThatThrownBy(() -> DuplexConnector.configure(
                        connector, ConnectorOptions.defaults().directReads(true)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DuplexConnector.create");
        assertThatThrownBy(() -> DuplexConnector.configure(
                        connector, ConnectorOptions.defaults().busyPoll(Duration.ofMillis(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("busyPoll");
        assertThat(DuplexConnector.configure(connector)).isSameAs(connector); // it was not asked for
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 11})
    void aTimeOfBusyPollingThatMakesNoSenseIsRefused(long millis) {
        assertThatThrownBy(() -> ConnectorOptions.defaults().busyPoll(Duration.ofMillis(millis)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Duration.ofMillis(millis).toString());
    }
}
