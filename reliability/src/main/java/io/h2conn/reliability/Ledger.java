package io.h2conn.reliability;

import io.h2conn.reliability.Entry.Connected;
import io.h2conn.reliability.Entry.Fact;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Brings the journals of both sides together, and counts. Safe for threads. */
final class Ledger {
    /** How long the server's entry is waited for: as long as it may take, and it comes before that or never. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(240);

    private static final int KEPT_VIOLATIONS = 200;

    private final long seed;
    private final Map<Long, Waiting> clients = new HashMap<>();
    private final Map<Long, Entry> servers = new HashMap<>();
    private final Counts clean = new Counts();
    private final Counts faulty = new Counts();
    private final Map<Ending, Long> endings = new EnumMap<>(Ending.class);
    private final Map<String, Long> failures = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();
    private long violationCount;

    Ledger(long seed) {
        this.seed = seed;
    }

    private record Waiting(Entry entry, long since) {}

    /** What was counted, of sessions of one kind. */
    static final class Counts {
        long connections;
        long refused;
        long cancelled;
        long notConnected;
        long orderly;
        long timeouts;
        long bytesAccepted;
        long bytesReceived;
        long messagesSent;
        long messagesReceived;
        long messagesUnwanted;
        long messagesLostTyped;
        final Map<Rules.Fate, Long> directions = new EnumMap<>(Rules.Fate.class);

        long count(Rules.Fate fate) {
            return directions.getOrDefault(fate, 0L);
        }
    }

    /** Takes an entry, and judges when its other side is there. */
    synchronized void add(Entry entry) {
        if (entry.side() == Side.CLIENT) {
            Entry server = servers.remove(entry.id());
            Plan plan = Plan.of(seed, entry.id());
            if (server != null || plan.ending() == Ending.REFUSED) {
                judge(plan, entry, server);
            } else {
                clients.put(entry.id(), new Waiting(entry, System.nanoTime()));
            }
        } else {
            Waiting client = clients.remove(entry.id());
            if (client != null) {
                judge(Plan.of(seed, entry.id()), client.entry, entry);
            } else if (servers.put(entry.id(), entry) != null) {
                violate("connection " + entry.id() + ": the handler was called twice");
            }
        }
    }

    /** Judges those whose other side will not come any more. */
    synchronized void judgeOld(boolean all) {
        long now = System.nanoTime();
        List<Waiting> old = clients.values().stream()
                .filter(waiting -> all || now - waiting.since > PATIENCE_NANOS)
                .sorted(Comparator.comparingLong(waiting -> waiting.entry.id()))
                .toList();
        for (Waiting waiting : old) {
            clients.remove(waiting.entry.id());
            judge(Plan.of(seed, waiting.entry.id()), waiting.entry, null);
        }
        if (all) {
            servers.values().forEach(entry -> violate("the client says nothing about " + entry));
            servers.clear();
        }
    }

    private void judge(Plan plan, Entry client, @Nullable Entry server) {
        Rules rules = new Rules(plan, client, server);
        Counts counts = plan.faulty() ? faulty : clean;
        counts.connections++;
        endings.merge(plan.ending(), 1L, Long::sum);
        Connected connected = client.connected();
        Failure refusal = client.failure(client.has(Fact.CONNECT_FAILURE) ? Fact.CONNECT_FAILURE : Fact.CLOSED_FAILURE);
        if (refusal != null && refusal.type().equals("ConnectionRefusedException")) {
            counts.refused++;
        } else if (connected == Connected.CANCELLED) {
            counts.cancelled++;
        } else if (connected == Connected.FAILED) {
            counts.notConnected++;
        }
        if (client.is(Fact.CLOSED_ORDERLY) && server != null && server.is(Fact.CLOSED_ORDERLY)) {
            counts.orderly++;
        }
        for (Side side : Side.values()) {
            direction(plan, rules, counts, side, client, server);
        }
        note(client);
        if (server != null) {
            note(server);
        }
        if (!rules.violations().isEmpty()) {
            violate("connection " + plan.id() + ": " + String.join("; ", rules.violations()) + " -- " + plan + " -- "
                    + client + " -- " + server);
        }
    }

    private void direction(Plan plan, Rules rules, Counts counts, Side from, Entry client, @Nullable Entry server) {
        Rules.Fate fate = rules.fate(from);
        Entry sender = from == Side.CLIENT ? client : server;
        Entry receiver = from == Side.CLIENT ? server : client;
        if (fate == null || sender == null) {
            return;
        }
        counts.directions.merge(fate, 1L, Long::sum);
        Content content = plan.content(from);
        int sent = content.complete(sender.number(Fact.ACCEPTED));
        int received = receiver == null ? 0 : content.complete(receiver.number(Fact.RECEIVED));
        counts.messagesSent += sent;
        counts.messagesReceived += received;
        int missing = Math.max(0, sent - received);
        if (fate == Rules.Fate.UNWANTED) {
            counts.messagesUnwanted += missing;
        } else if (fate == Rules.Fate.LOST_TYPED) {
            counts.messagesLostTyped += missing;
        }
        counts.bytesAccepted += sender.number(Fact.ACCEPTED);
        counts.bytesReceived += receiver == null ? 0 : receiver.number(Fact.RECEIVED);
        counts.timeouts += sender.number(Fact.TIMEOUTS);
    }

    private void note(Entry entry) {
        for (Fact key : List.of(Fact.CONNECT_FAILURE, Fact.CLOSED_FAILURE)) {
            Failure failure = entry.failure(key);
            if (failure != null) {
                String what = key == Fact.CONNECT_FAILURE ? "connect" : "closed()";
                failures.merge(
                        entry.side() + ", " + what + ": " + failure.type() + " by " + failure.origin(), 1L, Long::sum);
            }
        }
    }

    /** Something that must not be. */
    synchronized void violate(String violation) {
        violationCount++;
        if (violations.size() < KEPT_VIOLATIONS) {
            violations.add(violation);
        }
    }

    synchronized long violationCount() {
        return violationCount;
    }

    /** The first ones. */
    synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    Counts clean() {
        return clean;
    }

    Counts faulty() {
        return faulty;
    }

    synchronized Map<Ending, Long> endings() {
        return new EnumMap<>(endings);
    }

    synchronized Map<String, Long> failures() {
        return new TreeMap<>(failures);
    }

    synchronized long judged() {
        return clean.connections + faulty.connections;
    }

    synchronized int waiting() {
        return clients.size() + servers.size();
    }
}
