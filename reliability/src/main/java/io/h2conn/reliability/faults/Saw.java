package io.h2conn.reliability.faults;

import io.h2conn.ConnectionFailure;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * That {@code closed()} of a connection completed, or that a blocked call came back.
 *
 * @param nanos when: {@code System.nanoTime()}, which on Linux all processes of a machine read from the same clock
 * @param role of the connection
 * @param call {@code closed}, {@code read} or {@code write}
 * @param type the failure's class; {@code end} if there was none
 * @param origin of the failure; {@code -} if it is not one of the library's
 * @param message of the failure
 */
record Saw(long nanos, Role role, String call, String type, String origin, String message) {
    private static final int HEAD = 64;

    static Saw now(Role role, String call, @Nullable Object failure) {
        String type = failure == null ? "end" : failure.getClass().getSimpleName();
        String origin =
                failure instanceof ConnectionFailure known ? known.origin().name() : "-";
        String message = failure instanceof Throwable thrown ? String.valueOf(thrown.getMessage()) : "-";
        return new Saw(System.nanoTime(), role, call, type, origin, message.replaceAll("\\p{Cntrl}+", " "));
    }

    String format() {
        return String.join("\t", String.valueOf(nanos), role.name(), call, type, origin, message);
    }

    static Saw parse(String line) {
        String[] words = line.split("\t", 6);
        return new Saw(Long.parseLong(words[0]), Role.valueOf(words[1]), words[2], words[3], words[4], words[5]);
    }

    boolean isClosed() {
        return call.equals("closed");
    }

    long millisAfter(long start) {
        return (nanos - start) / 1_000_000;
    }

    /** A write that began after the loss: whoever was told of that has closed the connection meanwhile. */
    boolean isRefusedAfterClose() {
        return call.equals("write") && type.equals("ConnectionClosedException");
    }

    /** Whether it is how the loss of a session has to look. */
    boolean isLoss() {
        return type.equals("ConnectionLostException") && (origin.equals("NETWORK") || origin.equals("PEER"));
    }

    private String what() {
        String head = message.length() > HEAD ? message.substring(0, HEAD) + "..." : message;
        return type + " " + origin + " \"" + head.replace("|", "/") + "\"";
    }

    /** All that one side saw, in a cell of a table. */
    static String summary(Iterable<Saw> all, long start) {
        Map<String, Map<Boolean, Span>> times = new TreeMap<>();
        for (Saw saw : all) {
            times.computeIfAbsent(saw.what(), each -> new TreeMap<>())
                    .computeIfAbsent(!saw.isClosed(), each -> new Span())
                    .add(saw.millisAfter(start));
        }
        StringBuilder text = new StringBuilder();
        times.forEach((what, spans) -> {
            text.append(text.isEmpty() ? "" : "; ").append(what);
            spans.forEach((call, span) ->
                    text.append(call ? ", calls " : ", closed() ").append(span));
        });
        return text.isEmpty() ? "nothing" : text.toString();
    }

    private static final class Span {
        private int count;
        private long first = Long.MAX_VALUE;
        private long last = Long.MIN_VALUE;

        void add(long millis) {
            count++;
            first = Math.min(first, millis);
            last = Math.max(last, millis);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%d x %s ms", count, first == last ? String.valueOf(first) : first + " to " + last);
        }
    }
}
