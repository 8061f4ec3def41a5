package io.h2conn.jetty;

import io.h2conn.internal.Durations;
import io.h2conn.internal.Engine;
import io.h2conn.internal.Lead;
import io.h2conn.internal.Sighting;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.jetty.http2.CloseState;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what connections and sessions look like, for people. Looks at one connection after the other, each for a moment
 * under its own lock, so that it is safe at any time, and what it shows of different connections is not of the same instant.
 */
public final class Dump {
    /** Connections, and sessions, that are shown unless told otherwise. */
    public static final int MOST = 100;

    private static final String NO_SESSION = "without a session";

    private final int most;
    private final Map<@Nullable Object, List<Sighting>> bySession = new LinkedHashMap<>();
    private final Map<Sighting.Stall, Integer> stalls = new EnumMap<>(Sighting.Stall.class);
    private final StringBuilder text = new StringBuilder();
    private int connections;
    private int shown;

    private Dump(int most) {
        this.most = most;
    }

    /**
     * Writes a dump. Stalled connections come first, and with them their sessions.
     *
     * @param title says of what
     * @param connections all of them, in any order
     * @param sessions all of them, those without connections included
     * @param most how many connections, and how many sessions, are shown; the others are counted
     * @return lines, each with its end
     * @throws IllegalArgumentException if {@code most} is negative
     */
    public static String of(String title, Collection<Engine> connections, Collection<HTTP2Session> sessions, int most) {
        if (most < 0) {
            throw new IllegalArgumentException("the most that a dump shows must not be negative but was " + most);
        }
        Dump dump = new Dump(most);
        dump.look(connections, sessions);
        dump.write(title);
        return dump.text.toString();
    }

    private void look(Collection<Engine> engines, Collection<HTTP2Session> sessions) {
        Map<@Nullable Object, List<Sighting>> calm = new LinkedHashMap<>();
        for (Engine engine : engines) {
            Sighting sighting = engine.look();
            Sighting.Stall stall = sighting.stall();
            connections++;
            if (stall != null) {
                stalls.merge(stall, 1, Integer::sum);
            }
            (stall == null ? calm : bySession)
                    .computeIfAbsent(engine.carrier(), unused -> new ArrayList<>())
                    .add(sighting);
        }
        calm.forEach((session, list) ->
                bySession.computeIfAbsent(session, unused -> new ArrayList<>()).addAll(list));
        sessions.forEach(session -> bySession.computeIfAbsent(session, unused -> new ArrayList<>()));
    }

    private void write(String title) {
        long sessions = bySession.keySet().stream()
                .filter(HTTP2Session.class::isInstance)
                .count();
        line(
                "",
                title + ": " + count(connections, "connection") + " on " + count(sessions, "session")
                        + (stalls.isEmpty()
                                ? ""
                                : ", stalled: "
                                        + stalls.entrySet().stream()
                                                .map(entry -> entry.getValue() + " (" + entry.getKey() + ")")
                                                .collect(Collectors.joining(", "))));
        int sessionsShown = 0;
        for (Map.Entry<@Nullable Object, List<Sighting>> entry : bySession.entrySet()) {
            if (sessionsShown++ == most) {
                break;
            }
            line("", entry.getKey() instanceof HTTP2Session session ? describe(session) : NO_SESSION);
            write(entry.getValue());
        }
        if (shown < connections || bySession.size() > most) {
            line(
                    "",
                    "not shown: " + count(connections - shown, "connection") + ", "
                            + count(Math.max(0, bySession.size() - most), "session"));
        }
    }

    private void write(List<Sighting> sightings) {
        for (Sighting sighting : sightings) {
            if (shown == most) {
                return;
            }
            shown++;
            List<String> lines = sighting.lines();
            line("  ", lines.get(0));
            lines.subList(1, lines.size()).forEach(detail -> line("    ", detail));
        }
    }

    private void line(String indent, String line) {
        text.append(indent).append(line).append('\n');
    }

    private static String describe(HTTP2Session session) {
        SessionFacts facts = SessionMemory.of(session).facts(session);
        long age =
                Math.max(0, System.currentTimeMillis() - session.getEndPoint().getCreatedTimeStamp());
        Duration roundTrip = facts.roundTripTime();
        String bytes = session.getEndPoint().getConnection() instanceof HTTP2Connection connection
                ? ", received " + connection.getBytesIn() + " bytes, sent " + connection.getBytesOut()
                : "";
        Lead lead = SessionMemory.of(session).writer().lead();
        return "session " + address(facts.local) + " to " + address(facts.remote) + ", "
                + (facts.tls == null ? "no TLS" : facts.tls.getProtocol() + " " + facts.tls.getCipherSuite())
                + ", open for " + Durations.passed(age * 1_000_000) + ", "
                + count(session.getStreams().size(), "stream") + bytes + ", takes " + session.getRecvWindow()
                + " more, the peer takes " + session.getSendWindow() + " more"
                + (roundTrip == null ? "" : ", round trip " + roundTrip.toNanos() / 1000 + " microseconds")
                + (lead == null ? "" : ", read by " + lead)
                + (session.getCloseState() == CloseState.NOT_CLOSED ? "" : ", " + session.getCloseState());
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static String address(@Nullable SocketAddress address) {
        String text = String.valueOf(address);
        return text.substring(text.indexOf('/') + 1);
    }
}
