package io.h2conn.reliability.faults;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One fault under way. */
final class Run {
    private static final long CONNECT_MILLIS = 2_000;
    private static final long SLOW_DELAY_MILLIS = 200;
    private static final int SLOW_RATE = 1_000;

    private final Scene scene;
    private final Row row;
    private final Actor server;
    private final Actor client;
    private final long heartbeat;

    Run(Scene scene, Row row) {
        this.scene = scene;
        this.row = row;
        server = scene.server();
        client = scene.client();
        heartbeat = scene.settings().heartbeatMillis();
    }

    interface Step {
        void apply(Network network) throws IOException;
    }

    // ---------------------------------------------------------------- processes

    void killServer() throws IOException, InterruptedException, TimeoutException {
        row.serverKilled();
        long start = System.nanoTime();
        server.signal("KILL");
        row.client(lost("client", client, start, Scene.SLACK_MILLIS));
        row.meanwhile(connectFails());
    }

    void killClient() throws IOException, InterruptedException {
        row.clientKilled();
        long start = System.nanoTime();
        client.signal("KILL");
        row.server(lost("server", server, start, Scene.SLACK_MILLIS));
    }

    void stopServer() throws IOException, InterruptedException, TimeoutException {
        long start = System.nanoTime();
        server.signal("STOP");
        row.client(lost("client", client, start, scene.settings().silenceMillis()));
        row.meanwhile(connectFails());
        long again = System.nanoTime();
        server.signal("CONT");
        row.server("since SIGCONT: " + lost("server", server, again, Scene.SLACK_MILLIS));
    }

    void stopClient() throws IOException, InterruptedException {
        long start = System.nanoTime();
        client.signal("STOP");
        row.server(lost("server", server, start, scene.settings().silenceMillis()));
        long again = System.nanoTime();
        client.signal("CONT");
        row.client("since SIGCONT: " + lost("client", client, again, Scene.SLACK_MILLIS));
    }

    void pause(boolean serverSide) throws IOException, InterruptedException, TimeoutException {
        Actor paused = serverSide ? server : client;
        long start = System.nanoTime();
        paused.signal("STOP");
        TimeUnit.MILLISECONDS.sleep(heartbeat * 3 / 2); // is the fault itself
        paused.signal("CONT");
        unharmed(start, heartbeat * 4);
    }

    // ---------------------------------------------------------------- the relay

    void reset() throws IOException, InterruptedException {
        long start = System.nanoTime();
        scene.relay().reset();
        bothLost(start, Scene.SLACK_MILLIS);
    }

    void fin() throws IOException, InterruptedException {
        long start = System.nanoTime();
        scene.relay().end();
        bothLost(start, Scene.SLACK_MILLIS);
    }

    void forget() throws InterruptedException {
        long start = System.nanoTime();
        scene.relay().forget();
        bothLost(start, scene.settings().silenceMillis());
    }

    void slow() throws InterruptedException, TimeoutException {
        long start = System.nanoTime();
        scene.relay().slow(SLOW_DELAY_MILLIS, SLOW_RATE);
        long before = scene.relay().passed();
        unharmed(start, heartbeat * 9);
        row.meanwhile((scene.relay().passed() - before) / 1000 + " KB passed the relay");
        scene.relay().slow(0, 0);
    }

    // ---------------------------------------------------------------- the network

    void disconnect(Step fault, Step repair) throws IOException, InterruptedException, TimeoutException {
        long start = System.nanoTime();
        fault.apply(scene.network());
        bothLost(start, scene.settings().silenceMillis());
        row.meanwhile(connectFails());
        repair.apply(scene.network());
    }

    void interrupt(Step fault, Step repair) throws IOException, InterruptedException, TimeoutException {
        long start = System.nanoTime();
        fault.apply(scene.network());
        TimeUnit.MILLISECONDS.sleep(heartbeat * 6 / 5); // is the fault itself
        repair.apply(scene.network());
        unharmed(start, heartbeat * 4);
    }

    void vanish() throws IOException, InterruptedException {
        row.clientKilled();
        long start = System.nanoTime();
        scene.network().lose(100);
        client.signal("KILL");
        row.server(lost("server", server, start, scene.settings().silenceMillis()));
        scene.network().heal();
    }

    void lose(int percent) throws IOException, InterruptedException, TimeoutException {
        long start = System.nanoTime();
        scene.network().lose(percent);
        unharmed(start, heartbeat * 10);
        scene.network().heal();
    }

    // ---------------------------------------------------------------- what must be so

    private void bothLost(long start, long millis) throws InterruptedException {
        row.server(lost("server", server, start, millis));
        row.client(lost("client", client, start, millis));
    }

    /** All connections and all calls of a side end in time, as a loss. */
    private String lost(String name, Actor actor, long start, long limitMillis) throws InterruptedException {
        long elapsed = (System.nanoTime() - start) / 1_000_000;
        int connections = scene.roles().size();
        int calls = (int) scene.roles().stream().filter(Role::blocks).count();
        List<Saw> saws = actor.awaitAll(connections + calls, Math.max(1, limitMillis + Scene.SLACK_MILLIS - elapsed));
        long closed = saws.stream().filter(Saw::isClosed).count();
        if (closed != connections || saws.size() != connections + calls) {
            row.violate("the " + name + " should have seen all of its connections and calls end, but saw " + saws);
        }
        for (Saw saw : saws) {
            if (!saw.isLoss() && !saw.isRefusedAfterClose()) {
                row.violate("the " + name + " saw something that is not a loss: " + saw);
            }
            if (saw.millisAfter(start) > limitMillis) {
                row.violate("the " + name + " saw it only after " + saw.millisAfter(start) + " ms: " + saw);
            }
        }
        return Saw.summary(saws, start);
    }

    /** Neither side sees anything, for a time, and bytes go on in both directions. */
    private void unharmed(long start, long millis) throws InterruptedException, TimeoutException {
        long down = client.received();
        long up = server.received();
        List<Saw> ofClient = client.awaitAny(millis);
        List<Saw> ofServer = server.awaitAny(1);
        if (!ofClient.isEmpty() || !ofServer.isEmpty()) {
            row.violate("nothing should have ended, but the server saw " + ofServer + ", the client " + ofClient);
        }
        long downMoved = client.received() - down;
        long upMoved = server.received() - up;
        if (downMoved == 0 || (upMoved == 0 && scene.roles().contains(Role.UP))) {
            row.violate("bytes do not go on: " + downMoved + " down, " + upMoved + " up");
        }
        row.server(Saw.summary(ofServer, start) + "; received " + upMoved / 1000 + " KB");
        row.client(Saw.summary(ofClient, start) + "; received " + downMoved / 1000 + " KB");
    }

    /** A connect fails with one of the library's failures, in its time. */
    private String connectFails() throws InterruptedException, TimeoutException {
        String[] words = scene.connect(CONNECT_MILLIS).split(" ", 2);
        List<String> wrong = new ArrayList<>();
        if (words[1].equals("works")) {
            wrong.add("works");
        } else if (!words[1].contains(" ")) {
            wrong.add("failed with " + words[1]);
        }
        if (Long.parseLong(words[0]) > CONNECT_MILLIS + Scene.SLACK_MILLIS) {
            wrong.add("took " + words[0] + " ms");
        }
        if (!wrong.isEmpty()) {
            row.violate("a connect meanwhile should fail in time, with a failure of the library's, but " + wrong);
        }
        return words[1] + " after " + words[0] + " ms";
    }

    /** A connect works, perhaps after some that fail while the operating system still knows no way to the peer. */
    private String connectWorks() throws InterruptedException, TimeoutException {
        long start = System.nanoTime();
        Set<String> failures = new LinkedHashSet<>();
        while (true) {
            String result = scene.connect(Actor.PATIENCE.toMillis() / 2).split(" ", 2)[1];
            long millis = (System.nanoTime() - start) / 1_000_000;
            if (result.equals("works")) {
                return "works after " + millis + " ms" + (failures.isEmpty() ? "" : ", before that " + failures);
            }
            failures.add(result);
            if (!result.contains(" ") || millis > Scene.SLACK_MILLIS * 2) {
                row.violate("a connect afterwards: " + failures + " after " + millis + " ms");
                return failures.toString();
            }
        }
    }

    /** A new connection works, and nothing is left. */
    void finish() throws IOException, InterruptedException, TimeoutException {
        scene.replaceKilled();
        row.afterwards(connectWorks());
        row.left(scene.leftBehind(row));
    }
}
