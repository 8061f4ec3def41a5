package io.h2conn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {
    private static DuplexServer.Builder builder() {
        return DuplexServer.builder()
                .host("127.0.0.1")
                .handle("/", connection -> connection.input().transferTo(connection.output()));
    }

    private static int status(Peer peer, String authority, HttpFields headers) throws Exception {
        Peer.Exchange exchange = new Peer.Exchange();
        MetaData.Request request =
                new MetaData.Request("POST", HttpURI.from("http://" + authority + "/"), HttpVersion.HTTP_2, headers);
        CompletableFuture<Stream> opened = peer.newStream(new HeadersFrame(request, null, true), exchange);
        Peer.get(opened);
        return exchange.response().getStatus();
    }

    private static HttpFields origin(String origin) {
        return HttpFields.build().add("Origin", origin);
    }

    @ParameterizedTest
    @CsvSource({
        "app.example,      http://app.example,           200",
        "app.example,      http://app.example:80,        200",
        "app.example:80,   http://app.example,           200",
        "App.Example,      HTTP://app.EXAMPLE,           200",
        "app.example:8080, http://app.example:8080,      200",
        "[::1]:8080,       http://[::1]:8080,            200",
        "[2001:DB8::1],    http://[2001:db8::1],         200",
        "127.0.0.1:8080,   http://127.0.0.1:8080,        200",
        "app.example,      https://app.example,          403",
        "app.example,      http://app.example:81,        403",
        "app.example:8080, http://app.example,           403",
        "app.example,      http://evil.example,          403",
        "app.example,      http://app.example.evil,      403",
        "app.example,      http://app.example@evil,      403",
        "app.example,      http://app.example/path,      403",
        "app.example,      http://sub.app.example,       403",
        "[::1]:8080,       http://[::2]:8080,            403",
        "app.example,      null,                         403",
        "app.example,      'http://app.example http://evil.example', 403",
        "app.example,      not an origin,                403",
        "app.example,      '',                           403",
        "app.example,      file://,                      403",
    })
    void aPageMayConnectToItsOwnServerOnly(String authority, String origin, int expected) throws Exception {
        try (DuplexServer server = builder().start();
                Peer peer = new Peer(server.uri())) {
            assertThat(status(peer, authority, origin(origin))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"same-origin, 200", "none, 200", "same-site, 403", "cross-site, 403", "nonsense, 403"})
    void withoutAnOriginTheBrowsersOwnWordCounts(String site, int expected) throws Exception {
        try (DuplexServer server = builder().start();
                Peer peer = new Peer(server.uri())) {
            assertThat(status(peer, "app.example", HttpFields.build().add("Sec-Fetch-Site", site)))
                    .isEqualTo(expected);
        }
    }

    @Test
    void behindAProxyThatEndsTlsTheBrowsersOwnWordIsEnough() throws Exception {
        try (DuplexServer server = builder().start();
                Peer peer = new Peer(server.uri())) {
            HttpFields headers =
                    HttpFields.build().add("Origin", "https://app.example").add("Sec-Fetch-Site", "same-origin");

            assertThat(status(peer, "backend:8080", headers)).isEqualTo(200);
        }
    }

    @Test
    void everythingButABrowserPasses() throws Exception {
        try (DuplexServer server = builder().start();
                Peer peer = new Peer(server.uri())) {
            assertThat(status(peer, "anything", HttpFields.EMPTY)).isEqualTo(200);
        }
    }

    @Test
    void severalOriginsAreNone() throws Exception {
        try (DuplexServer server = builder().start();
                Peer peer = new Peer(server.uri())) {
            HttpFields headers =
                    HttpFields.build().add("Origin", "http://app.example").add("Origin", "http://app.example");

            assertThat(status(peer, "app.example", headers)).isEqualTo(403);
        }
    }

    @Test
    void allowedOriginsMayConnect() throws Exception {
        try (DuplexServer server = builder()
                        .allowedOrigins("https://App.example", "https://other.example:8443")
                        .start();
                Peer peer = new Peer(server.uri())) {
            assertThat(status(peer, "api.example", origin("https://app.example")))
                    .isEqualTo(200);
            assertThat(status(peer, "api.example", origin("https://app.example:443")))
                    .isEqualTo(200);
            assertThat(status(peer, "api.example", origin("https://other.example:8443")))
                    .isEqualTo(200);
            assertThat(status(peer, "api.example", origin("http://app.example")))
                    .isEqualTo(403);
            assertThat(status(peer, "api.example", origin("https://other.example")))
                    .isEqualTo(403);
            assertThat(status(peer, "api.example", origin("null"))).isEqualTo(403);
        }
    }

    @Test
    void allOriginsMayConnectWhereThatIsSaid() throws Exception {
        try (DuplexServer server =
                        builder().acceptor(Acceptor.defaults().allowAnyOrigin()).start();
                Peer peer = new Peer(server.uri())) {
            assertThat(status(peer, "api.example", origin("https://evil.example")))
                    .isEqualTo(200);
            assertThat(status(peer, "api.example", origin("null"))).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "null", "app.example", "https://app.example/", "https://u@app.example", ""})
    void whatIsNotAnOriginCannotBeAllowed(String origin) {
        assertThatThrownBy(() -> builder().allowedOrigins(origin))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + origin + "\"");
    }

    @Test
    void theAdmissionIsNotAskedAboutPagesOfOtherSites() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (DuplexServer server = builder()
                        .admission(request -> {
                            asked.incrementAndGet();
                            return null;
                        })
                        .start();
                Peer peer = new Peer(server.uri())) {
            assertThat(status(peer, "api.example", origin("https://evil.example")))
                    .isEqualTo(403);
            assertThat(asked).hasValue(0);
        }
    }

    @Test
    void acceptByHandMakesNoConnectionForAPageOfAnotherSite() throws Exception {
        Server server = new Server();
        ServerConnector connector =
                new ServerConnector(server, 1, 1, new HTTP2CServerConnectionFactory(new HttpConfiguration()));
        connector.setHost("127.0.0.1");
        server.addConnector(DuplexConnector.configure(connector));
        CompletableFuture<NotAcceptedException> thrown = new CompletableFuture<>();
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                try {
                    Acceptor.defaults().accept(request, response, callback);
                } catch (NotAcceptedException e) {
                    thrown.complete(e);
                    if (request.getHeaders().contains("x-careless")) {
                        throw e;
                    }
                    e.refusal().send(response, callback);
                }
                return true;
            }
        });
        server.start();
        try (Peer peer = new Peer(java.net.URI.create("http://127.0.0.1:" + connector.getLocalPort()))) {
            assertThat(status(peer, "api.example", origin("https://evil.example")))
                    .isEqualTo(403);
            assertThat(Peer.get(thrown)).hasMessageContaining("POST /").hasMessageNotContaining("evil");
            assertThat(Peer.get(thrown).refusal().toString()).startsWith("Refusal[403");
            assertThat(status(
                            peer,
                            "api.example",
                            HttpFields.build()
                                    .add("Origin", "https://evil.example")
                                    .add("x-careless", "yes")))
                    .isEqualTo(403);
            assertThat(DuplexConnections.of(server).count()).isZero();
        } finally {
            server.stop();
        }
    }
}
