package io.h2conn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.security.Principal;
import java.util.Base64;
import java.util.Objects;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.security.Constraint;
import org.eclipse.jetty.security.HashLoginService;
import org.eclipse.jetty.security.SecurityHandler;
import org.eclipse.jetty.security.UserStore;
import org.eclipse.jetty.security.authentication.BasicAuthenticator;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.StatisticsHandler;
import org.eclipse.jetty.util.security.Credential;
import org.junit.jupiter.api.Test;

/** Jetty's own authentication around connections. */
class SecurityHandlerTest {
    private static SecurityHandler.PathMapped security() {
        UserStore store = new UserStore();
        store.addUser("alice", Credential.getCredential("hush"), new String[] {"staff"});
        HashLoginService users = new HashLoginService("test");
        users.setUserStore(store);
        SecurityHandler.PathMapped security = new SecurityHandler.PathMapped();
        security.put("/private/*", Constraint.from("staff"));
        security.put("/vault/*", Constraint.from("director"));
        security.setAuthenticator(new BasicAuthenticator());
        security.setLoginService(users);
        return security;
    }

    private static HttpFields login(String password) {
        String pair = Base64.getEncoder().encodeToString(("alice:" + password).getBytes(UTF_8));
        return HttpFields.build().add("authorization", "Basic " + pair);
    }

    private static final ConnectionHandler WHO = connection -> {
        Principal principal = connection.info().principal();
        String name = principal == null ? "nobody" : principal.getName();
        connection.output().write(name.getBytes(UTF_8));
    };

    private static void check(Peer peer) throws Exception {
        Peer.Exchange stranger = peer.open("POST", "/private/room");
        assertThat(stranger.response().getStatus()).isEqualTo(401);
        assertThat(stranger.response().getHttpFields().get("www-authenticate")).startsWith("Basic");
        assertThat(peer.open("POST", "/private/room", login("guess"), true)
                        .response()
                        .getStatus())
                .isEqualTo(401);
        assertThat(peer.open("POST", "/vault/1", login("hush"), true).response().getStatus())
                .isEqualTo(403);
        assertThat(peer.open("POST", "/private/room", login("hush"), true).body())
                .isEqualTo("alice");
        assertThat(peer.open("POST", "/public", HttpFields.EMPTY, true).body()).isEqualTo("nobody");
    }

    @Test
    void aroundAnEmbeddedServer() throws Exception {
        StatisticsHandler outermost = new StatisticsHandler();
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .handle("/*", WHO)
                        .around(outermost)
                        .around(security())
                        .start();
                Peer peer = new Peer(server.uri())) {
            check(peer);
            assertThat(outermost.getRequestTotal()).isEqualTo(5);
        }
    }

    @Test
    void inFrontOfAMountedHandler() throws Exception {
        Server server = new Server();
        ServerConnector connector =
                new ServerConnector(server, 1, 1, new HTTP2CServerConnectionFactory(new HttpConfiguration()));
        connector.setHost("127.0.0.1");
        server.addConnector(DuplexConnector.configure(connector));
        SecurityHandler.PathMapped security = security();
        security.setHandler(DuplexHandler.blocking(WHO));
        server.setHandler(security);
        server.start();
        try (Peer peer = new Peer(URI.create("http://127.0.0.1:" + connector.getLocalPort()))) {
            check(peer);
        } finally {
            server.stop();
        }
    }

    @Test
    void theAdmissionSeesWhoLoggedIn() throws Exception {
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .handle("/*", WHO)
                        .around(security())
                        .admission(request -> {
                            Principal who =
                                    Request.getAuthenticationState(request).getUserPrincipal();
                            return who == null
                                    ? null
                                    : Refusal.status(403).body("no " + Objects.toString(who.getName()));
                        })
                        .start();
                Peer peer = new Peer(server.uri())) {
            assertThat(peer.open("POST", "/private/room", login("hush"), true).body())
                    .isEqualTo("no alice");
        }
    }
}
