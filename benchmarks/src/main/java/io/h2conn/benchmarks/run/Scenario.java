package io.h2conn.benchmarks.run;

import io.h2conn.benchmarks.peer.Layout;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a peer is told to do in one slice. */
interface Scenario {
    /** About what each slice takes besides. */
    Duration OVERHEAD = Duration.ofMillis(20);

    /** What of the workload it measures. */
    List<String> points();

    /** About how long one slice takes. */
    Duration time(Pace pace);

    /**
     * Runs it.
     *
     * @param nanos how long, if it has no end of its own
     * @return what was measured at each point
     */
    Map<String, Slice> run(PeerPair pair, long nanos) throws IOException;

    /**
     * One command of a client that runs for a given time.
     *
     * @param point what it measures
     * @param command all but the time
     * @param countWaits whether to count how often threads wait, which costs time itself if there are many
     */
    record Timed(String point, String command, boolean countWaits) implements Scenario {
        Timed(String point, String command) {
            this(point, command, true);
        }

        @Override
        public List<String> points() {
            return List.of(point);
        }

        @Override
        public Duration time(Pace pace) {
            return pace.slice().plus(OVERHEAD);
        }

        @Override
        public Map<String, Slice> run(PeerPair pair, long nanos) throws IOException {
            return Map.of(point, pair.measure(command + " nanos=" + nanos, countWaits ? nanos : 0));
        }
    }

    /**
     * Opens idle connections, looks what they cost, sends messages to all of them, and closes them.
     *
     * @param points for opening them, and if there is a second one, for the messages
     * @param layout how many
     */
    record Idle(List<String> points, Layout layout) implements Scenario {
        private static final int MESSAGES = 10;
        /** About what a connection takes to be opened and closed. */
        private static final Duration EACH = Duration.ofNanos(300_000);

        @Override
        public Duration time(Pace pace) {
            return EACH.multipliedBy(layout.connections()).plus(Duration.ofSeconds(1));
        }

        @Override
        public Map<String, Slice> run(PeerPair pair, long nanos) throws IOException {
            pair.awaitReceivers(0);
            Memory before = pair.serverMemory();
            Map<String, Slice> slices = new LinkedHashMap<>();
            Slice opened = pair.measure("open connections=" + layout.connections() + " sessions=" + layout.sessions());
            pair.awaitReceivers(layout.connections());
            slices.put(points.get(0), opened.withMemory(pair.serverMemory().minus(before)));
            if (points.size() > 1) {
                pair.broadcast(1); // the first one is not like the others: buffers are made
                slices.put(points.get(1), pair.broadcast(MESSAGES));
            }
            pair.order("release");
            return slices;
        }
    }
}
