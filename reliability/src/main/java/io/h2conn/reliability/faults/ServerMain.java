package io.h2conn.reliability.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.benchmarks.peer.Identity;
import io.h2conn.server.ConnectorOptions;
import io.h2conn.server.DuplexServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Connector;

/** The server that is broken, or sees how its client breaks. Obeys lines on its standard input, and answers on the output. */
final class ServerMain {
    /** Answers with what it is sent. */
    static final String ECHO = "/echo";

    private ServerMain() {}

    /**
     * Runs until the input ends.
     *
     * @param args host, port, heartbeat in milliseconds, and whether with TLS
     * @throws Exception if it cannot start
     */
    public static void main(String[] args) throws Exception {
        Watch watch = new Watch(System.out, true);
        DuplexServer.Builder builder = DuplexServer.builder()
                .host(args[0])
                .port(Integer.parseInt(args[1]))
                .connector(ConnectorOptions.defaults().heartbeat(Duration.ofMillis(Long.parseLong(args[2]))));
        if (Boolean.parseBoolean(args[3])) {
            builder.tls(Identity.context());
        }
        for (Role role : Role.values()) {
            builder.handleAsync(role.path(), connection -> watch.begin(role, connection));
        }
        builder.handle(ECHO, connection -> {
            var unused = watch.count(connection);
            connection.input().transferTo(connection.output());
        });
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        try (DuplexServer server = builder.start()) {
            watch.say("ready", ProcessHandle.current().pid() + " " + server.port());
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                switch (line) {
                    case "measure" -> watch.say("left", measure(watch, server).format());
                    case "received" -> watch.say("received", watch.received());
                    default -> throw new IllegalArgumentException("unknown word: " + line);
                }
            }
        }
    }

    private static Left measure(Watch watch, DuplexServer server) {
        int sessions = 0;
        int streams = 0;
        for (Connector connector : server.jetty().getConnectors()) {
            for (EndPoint endPoint : connector.getConnectedEndPoints()) {
                sessions++;
                Connection connection = endPoint.getConnection();
                if (connection instanceof SslConnection ssl) {
                    connection = ssl.getSslEndPoint().getConnection();
                }
                if (connection instanceof HTTP2Connection http2) {
                    streams += http2.getSession().getStreams().size();
                }
            }
        }
        return Left.measure(watch.open(), sessions, streams);
    }
}
