package io.h2conn.reliability.faults;

import io.h2conn.benchmarks.peer.Identity;
import io.h2conn.benchmarks.run.ChildProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A server process and a client process, one TCP connection between them, and a connection of each role on it. */
final class Scene implements AutoCloseable {
    /** What lies between the two. */
    enum Wire {
        LOOPBACK,
        RELAY,
        /** A relay with small receive buffers. */
        NARROW_RELAY,
        NETWORK
    }

    /**
     * How it is set up.
     *
     * @param heartbeatMillis of both sides
     * @param tls whether with TLS
     * @param out takes the logs
     * @param identity of the server
     */
    record Settings(long heartbeatMillis, boolean tls, Path out, Path identity) {
        /** Within which silence must be found: three heartbeats, half a one until it is seen to begin, and a busy machine. */
        long silenceMillis() {
            return heartbeatMillis * 7 / 2 + SLACK_MILLIS;
        }
    }

    /** For a machine that others keep busy. */
    static final long SLACK_MILLIS = 3_000;

    private static final int NARROW_BYTES = 4096;
    private static final long SETTLING_NANOS = 30_000_000_000L;

    private final Settings settings;
    private final Set<Role> roles;
    private final List<AutoCloseable> open = new ArrayList<>();
    private @Nullable Network network;
    private @Nullable FaultyRelay relay;
    private Actor server;
    private Actor client;
    private final Left serverBefore;
    private final Left clientBefore;
    private final String uri;

    Scene(Settings settings, Wire wire, Set<Role> roles) throws IOException, InterruptedException, TimeoutException {
        this.settings = settings;
        this.roles = roles;
        boolean complete = false;
        try {
            if (wire == Wire.NETWORK) {
                network = keep(Network.create());
            }
            server = startServer(0);
            client = startClient();
            int port = port();
            if (wire == Wire.RELAY || wire == Wire.NARROW_RELAY) {
                relay = keep(new FaultyRelay(port, wire == Wire.RELAY ? 0 : NARROW_BYTES));
                port = relay.port();
            }
            uri = (settings.tls ? "https://" : "http://") + host() + ":" + port;
            connect(Actor.PATIENCE.toMillis()); // what is loaded and opened once is so from now on
            client.ask("renew", "renewed");
            serverBefore = settle(server, new Left(0, 0, 0, 0, Long.MAX_VALUE, Integer.MAX_VALUE));
            clientBefore = client.measure();
            client.ask("open " + uri + " " + Role.format(roles), "opened");
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.add(0, resource);
        return resource;
    }

    private String host() {
        return network == null ? "127.0.0.1" : Network.SERVER;
    }

    private int port() {
        return Integer.parseInt(server.facts());
    }

    private Actor startServer(int port) throws IOException, InterruptedException, TimeoutException {
        return start(
                "server",
                ServerMain.class,
                host(),
                String.valueOf(port),
                String.valueOf(settings.heartbeatMillis),
                String.valueOf(settings.tls));
    }

    private Actor startClient() throws IOException, InterruptedException, TimeoutException {
        return start("client", ClientMain.class, String.valueOf(settings.heartbeatMillis));
    }

    private Actor start(String name, Class<?> main, String... args)
            throws IOException, InterruptedException, TimeoutException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-D" + Identity.PROPERTY + "=" + settings.identity,
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "-Dorg.slf4j.simpleLogger.log.org.eclipse.jetty=warn",
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(args));
        List<String> inside = Network.inside(network, name.equals("server"), command);
        return keep(new Actor(name, ChildProcess.start(name, inside, settings.out.resolve(name + ".log"))));
    }

    Settings settings() {
        return settings;
    }

    Set<Role> roles() {
        return roles;
    }

    Actor server() {
        return server;
    }

    Actor client() {
        return client;
    }

    FaultyRelay relay() {
        return Objects.requireNonNull(relay);
    }

    Network network() {
        return Objects.requireNonNull(network);
    }

    /** Has the client make a new connection; returns the milliseconds, and how it went. */
    String connect(long timeoutMillis) throws InterruptedException, TimeoutException {
        return client.ask("connect " + uri + " " + timeoutMillis, "connect");
    }

    /** Puts a new process in the place of one that was killed. */
    void replaceKilled() throws IOException, InterruptedException, TimeoutException {
        if (server.isKilled()) {
            server = startServer(port());
        }
        if (client.isKilled()) {
            client = startClient();
        }
    }

    /** Ends what has not ended yet, and looks at what is left of each process that was there from the beginning. */
    String leftBehind(Row row) throws InterruptedException, TimeoutException {
        client.ask("renew", "renewed");
        String ofServer = row.serverWasKilled() ? "-" : compare("server", server, serverBefore, row);
        String ofClient = row.clientWasKilled() ? "-" : compare("client", client, clientBefore, row);
        return "server " + ofServer + ", client " + ofClient;
    }

    private static String compare(String name, Actor actor, Left before, Row row)
            throws InterruptedException, TimeoutException {
        Left left = settle(actor, before);
        if (!left.isNoMoreThan(before)) {
            row.violate("left in the " + name + ": " + left + ", before: " + before);
        }
        return left.comparedWith(before);
    }

    /** Waits until no more is left than this. */
    private static Left settle(Actor actor, Left wanted) throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + SETTLING_NANOS;
        Left left = actor.measure();
        while (!left.isNoMoreThan(wanted) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(20_000_000); // there is nothing to wait on in another process
            left = actor.measure();
        }
        return left;
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        for (AutoCloseable resource : open) {
            try {
                resource.close();
            } catch (Exception e) {
                failure = new IllegalStateException("cannot clean up", e);
            }
        }
        open.clear();
        if (failure != null) {
            throw failure;
        }
    }
}
