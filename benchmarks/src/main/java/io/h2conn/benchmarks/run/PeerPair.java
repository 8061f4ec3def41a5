package io.h2conn.benchmarks.run;

import io.h2conn.benchmarks.peer.Security;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The server and the client of one peer, each in a process of its own, started when they are first needed. */
final class PeerPair implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Program program;
    private final Security security;
    private @Nullable ChildProcess server;
    private @Nullable ChildProcess client;
    private long broadcasts;

    PeerPair(Program program, Security security) {
        this.program = program;
        this.security = security;
    }

    String peer() {
        return program.peer();
    }

    private ChildProcess server() throws IOException {
        ChildProcess process = server;
        if (process == null) {
            process = start("server");
            server = process;
        }
        return process;
    }

    private ChildProcess client() throws IOException {
        ChildProcess process = client;
        if (process == null) {
            ChildProcess other = server();
            String port = String.valueOf(ask(other, PATIENCE).number("port"));
            process = start("client", port);
            client = process;
            ask(process, PATIENCE);
        }
        return process;
    }

    private ChildProcess start(String role, String... more) throws IOException {
        List<String> command = new ArrayList<>(program.command());
        command.addAll(List.of(role, peer(), security.name().toLowerCase(Locale.ROOT)));
        command.addAll(Arrays.asList(more));
        return ChildProcess.start(role + " of " + peer(), command, program.environment());
    }

    /** Waits for an answer; the process that gives none prints what its threads do, and so does the other. */
    private Answer ask(ChildProcess process, Duration limit) throws IOException {
        try {
            return Answer.parse(process.readLine(limit));
        } catch (ChildProcess.SilentException e) {
            dumpThreads(client);
            dumpThreads(server);
            throw e;
        }
    }

    private static void dumpThreads(@Nullable ChildProcess process) throws IOException {
        if (process != null) {
            process.dumpThreads();
        }
    }

    /** Runs a client's command, and measures what both processes use. */
    Slice measure(String command) throws IOException {
        return measure(command, 0);
    }

    /**
     * Runs a client's command that takes a given time, and counts in the middle of it how often both processes wait: at
     * its end their threads may have ended, and their counts with them.
     *
     * @param nanos the time, or 0 not to count
     */
    Slice measure(String command, long nanos) throws IOException {
        ChildProcess theClient = client();
        ChildProcess theServer = server();
        Duration clientCpu = theClient.cpu();
        Duration serverCpu = theServer.cpu();
        theClient.writeLine(command);
        double clientWaits = Double.NaN;
        double serverWaits = Double.NaN;
        if (nanos > 0) {
            LockSupport.parkNanos(nanos / 4);
            long clientTime = System.nanoTime();
            Waits clientBefore = Waits.of(theClient.pid());
            long serverTime = System.nanoTime();
            Waits serverBefore = Waits.of(theServer.pid());
            LockSupport.parkNanos(nanos / 2);
            clientWaits = Waits.of(theClient.pid()).since(clientBefore) * 1e9 / (System.nanoTime() - clientTime);
            serverWaits = Waits.of(theServer.pid()).since(serverBefore) * 1e9 / (System.nanoTime() - serverTime);
        }
        Answer answer = ask(theClient, PATIENCE.plusNanos(nanos));
        return new Slice(
                answer.number("operations"),
                answer.number("nanos"),
                new Usage(theClient.cpu().minus(clientCpu).toNanos(), clientWaits),
                new Usage(theServer.cpu().minus(serverCpu).toNanos(), serverWaits),
                answer.latencies(),
                Memory.UNKNOWN,
                null);
    }

    /** Sends messages from the server to all open connections to the feed, each when the one before has arrived. */
    Slice broadcast(int messages) throws IOException {
        ChildProcess theClient = client();
        ChildProcess theServer = server();
        Duration clientCpu = theClient.cpu();
        Duration serverCpu = theServer.cpu();
        long start = System.nanoTime();
        long operations = 0;
        for (int i = 0; i < messages; i++) {
            theClient.writeLine("receive n=" + broadcasts);
            theServer.writeLine("broadcast n=" + broadcasts);
            ask(theServer, PATIENCE);
            operations += ask(theClient, PATIENCE).number("operations");
            broadcasts++;
        }
        return new Slice(
                operations,
                System.nanoTime() - start,
                new Usage(theClient.cpu().minus(clientCpu).toNanos(), Double.NaN),
                new Usage(theServer.cpu().minus(serverCpu).toNanos(), Double.NaN));
    }

    /** Runs a client's command that tells nothing. */
    void order(String command) throws IOException {
        client().writeLine(command);
        ask(client(), PATIENCE);
    }

    /** Waits until the server has so many connections to the feed. */
    void awaitReceivers(long receivers) throws IOException {
        client();
        long start = System.nanoTime();
        long now = -1;
        while (now != receivers) {
            server().writeLine("receivers");
            now = ask(server(), PATIENCE).number("receivers");
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IOException("the server has " + now + " receivers, not " + receivers);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    Memory serverMemory() throws IOException {
        client();
        return program.jvm() ? Memory.ofJvm(server().pid()) : Memory.of(server().pid());
    }

    /** Ends both processes at once: they are in a state that nobody knows. The next command starts new ones. */
    void restart() {
        if (client != null) {
            client.kill();
        }
        if (server != null) {
            server.kill();
        }
        client = null;
        server = null;
        broadcasts = 0;
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
        if (server != null) {
            server.close();
        }
    }
}
