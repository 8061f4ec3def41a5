package io.h2conn.reliability;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line of the journal: what one side knows about one connection when it is over. Numbers that were not set are 0,
 * failures and words {@code null}. Not safe for threads; formed as one line of text between processes.
 */
final class Entry {
    enum Fact {
        /** How the client's connect went: a {@link Connected}. */
        CONNECTED,
        CONNECT_FAILURE,
        /** Bytes that writes have certainly accepted. */
        ACCEPTED,
        /** Bytes that writes may have accepted at most: an asynchronous write that failed says nothing. */
        ACCEPTED_AT_MOST,
        /** Which call ended the output in an orderly way: any word. */
        OUTPUT_ENDED,
        /** Whether this side closed the connection, or returned from its handler. */
        LEFT,
        /** Whether this side reset the connection. */
        ABORTED,
        /** Bytes that arrived and are right. */
        RECEIVED,
        DEFECT,
        /** How reading ended: an {@link InputEnd}. */
        INPUT_END,
        READ_FAILURE,
        WRITE_FAILURE,
        /** Bytes that had been accepted when the last flush that succeeded was called. */
        FLUSHED,
        /** Whether close returned normally. */
        CLOSE_RETURNED,
        CLOSE_FAILURE,
        /** What closed() told: whether it was orderly; absent if it has not completed. */
        CLOSED_ORDERLY,
        CLOSED_FAILURE,
        CLOSED_BYTES_RECEIVED,
        CLOSED_BYTES_SENT,
        CLOSED_BYTES_NOT_DELIVERED,
        /** Timeouts of single reads and writes after which the side went on. */
        TIMEOUTS,
        /** Something that must not happen. */
        FINDING
    }

    enum Connected {
        YES,
        NOT_AWAITED,
        FAILED,
        CANCELLED
    }

    enum InputEnd {
        /** The peer's end was read. */
        END,
        /** A read failed. */
        FAILURE,
        /** This side closed, aborted, or discarded its input. */
        STOPPED
    }

    private final long id;
    private final Side side;
    private final Map<Fact, String> values = new EnumMap<>(Fact.class);

    Entry(long id, Side side) {
        this.id = id;
        this.side = side;
    }

    long id() {
        return id;
    }

    Side side() {
        return side;
    }

    Entry set(Fact key, @Nullable Object value) {
        if (value == null) {
            values.remove(key);
        } else if (value instanceof Failure failure) {
            values.put(key, failure.format());
        } else {
            values.put(key, value.toString().replaceAll("\\p{Cntrl}+", " "));
        }
        return this;
    }

    /** Adds a finding to those that are there. */
    void find(String finding) {
        String before = text(Fact.FINDING);
        set(Fact.FINDING, before == null ? finding : before + "; " + finding);
    }

    @Nullable
    String text(Fact key) {
        return values.get(key);
    }

    boolean has(Fact key) {
        return values.containsKey(key);
    }

    long number(Fact key) {
        String value = values.get(key);
        return value == null ? 0 : Long.parseLong(value);
    }

    boolean is(Fact key) {
        return Boolean.parseBoolean(values.get(key));
    }

    @Nullable
    Failure failure(Fact key) {
        String value = values.get(key);
        return value == null ? null : Failure.parse(value);
    }

    @Nullable
    InputEnd inputEnd() {
        String value = values.get(Fact.INPUT_END);
        return value == null ? null : InputEnd.valueOf(value);
    }

    @Nullable
    Connected connected() {
        String value = values.get(Fact.CONNECTED);
        return value == null ? null : Connected.valueOf(value);
    }

    /** One line without its end. */
    String format() {
        StringBuilder line = new StringBuilder().append(id).append('\t').append(side);
        values.forEach((key, value) -> line.append('\t').append(key).append('=').append(value));
        return line.toString();
    }

    static Entry parse(String line) {
        String[] parts = line.split("\t", -1);
        Entry entry = new Entry(Long.parseLong(parts[0]), Side.valueOf(parts[1]));
        for (int i = 2; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            entry.values.put(Fact.valueOf(parts[i].substring(0, equals)), parts[i].substring(equals + 1));
        }
        return entry;
    }

    @Override
    public String toString() {
        return format().replace("\t", ", ");
    }
}
