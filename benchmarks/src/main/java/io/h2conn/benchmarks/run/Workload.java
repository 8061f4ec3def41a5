package io.h2conn.benchmarks.run;

import io.h2conn.benchmarks.peer.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What is measured. */
enum Workload {
    W1(
            "ping-pong of 64 bytes, a thread waits for each echo",
            Unit.EXCHANGES,
            Pace.USUAL,
            pingPong("thread"),
            peer -> !peer.endsWith(Variant.UNGATHERED)),
    W1C(
            "ping-pong of 64 bytes, the next message leaves from the echo's callback",
            Unit.EXCHANGES,
            Pace.BRISK,
            pingPong("callback"),
            Workload::hasCallbacks),
    W2(
            "bulk one way, in writes of 64 KiB",
            Unit.MEBIBYTES,
            Pace.USUAL,
            List.of(new Scenario.Timed("up", "bulk direction=up"), new Scenario.Timed("down", "bulk direction=down")),
            Workload::isMain),
    W3(
            "bulk both ways at once, in writes of 64 KiB",
            Unit.MEBIBYTES,
            Pace.USUAL,
            List.of(new Scenario.Timed("both", "bulk direction=both")),
            Workload::isMain),
    W4(
            "messages of 64 bytes one way, never waiting",
            Unit.MESSAGES,
            Pace.USUAL,
            List.of(new Scenario.Timed("64 bytes", "messages bytes=64 gap=0")),
            Workload::isMainOrUngathered),
    W4_PACED(
            "one message of 64 bytes every so many microseconds, from its write to its arrival",
            Unit.MESSAGES,
            Pace.BRISK,
            Stream.of(10, 20, 50, 100)
                    .map(micros ->
                            (Scenario) new Scenario.Timed(micros + " us", "messages bytes=64 gap=" + micros * 1000))
                    .toList(),
            Workload::isMainOrUngathered),
    W5(
            "10,000 idle connections over 20 TCP connections, then 64 bytes to all of them",
            Unit.CONNECTIONS,
            Pace.USUAL,
            List.of(new Scenario.Idle(List.of("open", "broadcast"), new Layout(10_000, 20))),
            Workload::isMain),
    W6(
            "open without waiting, exchange 64 bytes, close; 16 at a time on a warm TCP connection",
            Unit.EXCHANGES,
            Pace.USUAL,
            List.of(new Scenario.Timed("16 at a time", "openandclose concurrent=16")),
            peer -> isMain(peer) || peer.endsWith(Variant.NON_BLOCKING)),
    SIZES(
            "messages one way by their size",
            Unit.MESSAGES,
            Pace.CURVE,
            IntStream.iterate(16, bytes -> bytes <= 1 << 20, bytes -> bytes * 4)
                    .mapToObj(bytes ->
                            (Scenario) new Scenario.Timed(String.valueOf(bytes), "messages bytes=" + bytes + " gap=0"))
                    .toList(),
            Workload::isMain),
    CONNECTIONS(
            "ping-pong of 64 bytes by the number of connections, up to 128 on each TCP connection",
            Unit.EXCHANGES,
            Pace.CURVE,
            IntStream.iterate(1, connections -> connections <= 1024, connections -> connections * 2)
                    .mapToObj(connections -> (Scenario) new Scenario.Timed(
                            String.valueOf(connections),
                            "pingpong waiting=thread connections=" + connections + " sessions="
                                    + Math.max(1, connections / 128),
                            false))
                    .toList(),
            peer -> isMain(peer) || peer.endsWith(Variant.NON_BLOCKING)),
    IDLE(
            "idle connections by their number, 500 on each TCP connection",
            Unit.CONNECTIONS,
            Pace.STEADY,
            Stream.of(1_000, 5_000, 10_000)
                    .map(connections -> (Scenario) new Scenario.Idle(
                            List.of(String.valueOf(connections)), new Layout(connections, connections / 500)))
                    .toList(),
            Workload::isMain);

    /** How the names of peers end that are variants of others. */
    private static final class Variant {
        static final String BLOCKING = "-blocking";
        static final String NON_BLOCKING = "-nonblocking";
        static final String UNGATHERED = "-ungathered";
        static final String DIRECT = "-direct";

        private Variant() {}
    }

    private final String title;
    private final Unit unit;
    private final Pace pace;
    private final List<Scenario> scenarios;
    private final Predicate<String> peers;

    Workload(String title, Unit unit, Pace pace, List<Scenario> scenarios, Predicate<String> peers) {
        this.title = title;
        this.unit = unit;
        this.pace = pace;
        this.scenarios = scenarios;
        this.peers = peers;
    }

    private static List<Scenario> pingPong(String waiting) {
        List<Scenario> scenarios = new ArrayList<>();
        for (Layout layout : List.of(new Layout(1, 1), new Layout(16, 1), new Layout(128, 1), new Layout(16, 16))) {
            scenarios.add(new Scenario.Timed(
                    layout.connections() + "/" + layout.sessions(),
                    "pingpong waiting=" + waiting + " connections=" + layout.connections() + " sessions="
                            + layout.sessions()));
        }
        return scenarios;
    }

    /** Whether a peer is no variant of another one. */
    private static boolean isMain(String peer) {
        return Stream.of(Variant.BLOCKING, Variant.NON_BLOCKING, Variant.UNGATHERED, Variant.DIRECT)
                .noneMatch(peer::endsWith);
    }

    private static boolean isMainOrUngathered(String peer) {
        return isMain(peer) || peer.endsWith(Variant.UNGATHERED);
    }

    /** Neither blocking sockets nor Go know a client that is called back. */
    private static boolean hasCallbacks(String peer) {
        return (isMain(peer) || peer.endsWith(Variant.NON_BLOCKING))
                && !peer.equals("sockets")
                && !peer.equals(GoProgram.NAME);
    }

    /** Finds the one that commands and files call so. */
    static Workload named(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** How commands and files call it. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String title() {
        return title;
    }

    Unit unit() {
        return unit;
    }

    Pace pace() {
        return pace;
    }

    List<Scenario> scenarios() {
        return scenarios;
    }

    /** Whether its points are numbers, which make a curve. */
    boolean isCurve() {
        return this == SIZES || this == CONNECTIONS || this == IDLE;
    }

    /** Whether a peer takes part unless it is asked to. */
    boolean isFor(String peer) {
        return peers.test(peer);
    }
}
