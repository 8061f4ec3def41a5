package io.h2conn.reliability;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.DuplexConnection;
import io.h2conn.benchmarks.peer.Identity;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import io.h2conn.reliability.Entry.Connected;
import io.h2conn.reliability.Entry.Fact;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The soak's client: begins connections at a rate, until it is told to stop. */
final class ClientProcess {
    private static final Duration CONNECTING = Clients.CONNECT_TIMEOUT.plusSeconds(30);

    private static final Duration DRAINING = Duration.ofSeconds(200);
    private static final long REPLACE_MILLIS = 5_000;

    private final Settings settings;
    private final Surroundings surroundings;
    private final Clients clients;
    private final CountDownLatch stop = new CountDownLatch(1);

    private ClientProcess(Settings settings, Surroundings surroundings, Clients clients) {
        this.settings = settings;
        this.surroundings = surroundings;
        this.clients = clients;
    }

    /**
     * Runs until the input ends. The word {@code go} begins, and {@code drain} stops new connections; when the last one
     * has ended, and the clients are closed, the answer is {@code drained}.
     *
     * @param args none
     * @throws Exception if it cannot start
     */
    public static void main(String[] args) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        Surroundings surroundings = new Surroundings(System.out);
        Settings settings = Settings.parse(input.readLine());
        surroundings.say("ready", null);
        long start = System.nanoTime();
        Obedience.run(input, surroundings, start); // until it may begin
        Clients clients = new Clients(surroundings, Identity.context(), settings.alone());
        ClientProcess process = new ClientProcess(settings, surroundings, clients);
        Thread pace = new Thread(process::begin, "soak-pace");
        pace.start();
        Obedience.run(input, surroundings, start);
        process.stop.countDown();
        pace.join();
        process.drain();
        clients.close();
        surroundings.say("drained", null);
        Obedience.run(input, surroundings, start);
    }

    private void begin() {
        try {
            long start = System.nanoTime();
            long replaced = start;
            long id = 0;
            while (!stop.await(pause(start, id), TimeUnit.NANOSECONDS)) {
                if (surroundings.open().get() < settings.maxOpen()) {
                    begin(Plan.of(settings.seed(), ++id));
                } else {
                    Party.sleep(10);
                    start = System.nanoTime() - (long) (id / settings.rate() * 1e9);
                }
                if (System.nanoTime() - replaced > TimeUnit.MILLISECONDS.toNanos(REPLACE_MILLIS)) {
                    replaced = System.nanoTime();
                    surroundings.execute(this::replace);
                }
            }
            surroundings.say("begun", id);
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
    }

    private long pause(long start, long id) {
        return start + (long) (id / settings.rate() * 1e9) - System.nanoTime();
    }

    private void replace() {
        try {
            clients.replace();
        } catch (IOException | GeneralSecurityException e) {
            surroundings.find("a client could not be made: " + e);
        }
    }

    private void drain() {
        long deadline = System.nanoTime() + DRAINING.toNanos();
        while (surroundings.open().get() > 0 && System.nanoTime() < deadline) {
            Party.sleep(50);
        }
        if (surroundings.open().get() > 0) {
            surroundings.find(surroundings.open().get() + " connections have not ended when all should have");
        }
    }

    // ---------------------------------------------------------------- one connection

    private void begin(Plan plan) {
        surroundings.open().incrementAndGet();
        Entry entry = new Entry(plan.id(), Side.CLIENT);
        String scheme = plan.tls() ? "https" : "http";
        ConnectRequest request = ConnectRequest.to(scheme + "://127.0.0.1:" + settings.port(plan) + plan.path())
                .header(ServerProcess.ID, String.valueOf(plan.id()))
                .options(plan.client().options());
        DuplexClient client = clients.of(plan);
        switch (plan.start()) {
            case CONNECT -> surroundings.execute(() -> connect(plan, client, request, entry));
            case CONNECT_ASYNC -> connectAsync(plan, client, request, entry);
            case OPEN -> {
                try {
                    serve(plan, client.open(request), entry, Connected.NOT_AWAITED);
                } catch (IOException e) {
                    failed(entry, e);
                }
            }
        }
    }

    private void connect(Plan plan, DuplexClient client, ConnectRequest request, Entry entry) {
        DuplexConnection connection;
        Watchdog.Watch watch = watch(plan);
        try {
            connection = client.connect(request);
        } catch (IOException e) {
            failed(entry, e);
            return;
        } catch (Throwable t) {
            failed(entry, t);
            return;
        } finally {
            watch.over();
        }
        serve(plan, connection, entry, Connected.YES);
    }

    private void connectAsync(Plan plan, DuplexClient client, ConnectRequest request, Entry entry) {
        Watchdog.Watch watch = watch(plan);
        AtomicBoolean cancelled = new AtomicBoolean();
        CompletableFuture<DuplexConnection> connecting = client.connectAsync(request);
        var unused = connecting.whenComplete((connection, thrown) -> {
            watch.over();
            if (thrown == null) {
                serve(plan, connection, entry, Connected.YES);
            } else if (cancelled.get()) {
                entry.set(Fact.CONNECTED, Connected.CANCELLED);
                end(entry);
            } else {
                failed(entry, thrown);
            }
        });
        if (plan.ending() == Ending.CONNECT_CANCELLED) {
            surroundings.executeLater(
                    () -> {
                        cancelled.set(true);
                        connecting.cancel(true);
                    },
                    plan.endAfterMillis() % 20);
        }
    }

    private Watchdog.Watch watch(Plan plan) {
        return surroundings.watchdog().watch("connecting, " + plan, CONNECTING);
    }

    private void serve(Plan plan, DuplexConnection connection, Entry entry, Connected how) {
        entry.set(Fact.CONNECTED, how);
        var unused = new Party(plan, connection, entry, surroundings).run();
    }

    private void failed(Entry entry, Throwable thrown) {
        Failure failure = Failure.of(thrown);
        entry.set(Fact.CONNECTED, Connected.FAILED);
        entry.set(Fact.CONNECT_FAILURE, failure);
        if (!failure.isTyped()) {
            entry.find("connect failed with " + failure);
        }
        end(entry);
    }

    private void end(Entry entry) {
        surroundings.journal(entry);
        surroundings.open().decrementAndGet();
    }
}
