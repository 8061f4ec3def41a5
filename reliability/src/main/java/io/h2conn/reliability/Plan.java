package io.h2conn.reliability;

import io.h2conn.ConnectionOptions;
import io.h2conn.ErrorCode;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * All that is decided about one connection before it begins. It follows from the seed of the run and the connection's id,
 * so that each process knows it without asking.
 *
 * @param id of the connection, from 1
 * @param tls whether by TLS
 * @param faulty whether over a session that the relay disturbs
 * @param start how the client connects
 * @param flow who sends when
 * @param ending how it ends
 * @param endAfter after how many messages, sent by the one who ends it, that happens
 * @param endAfterMillis after how long it happens if that comes first
 * @param code of a reset
 * @param lazy who does not end its output by itself, but only by closing; {@code null} for nobody
 * @param idle how long both sides wait, connected, before they begin
 * @param client what the client's side does
 * @param server what the server's side does
 */
record Plan(
        long id,
        boolean tls,
        boolean faulty,
        Start start,
        Flow flow,
        Ending ending,
        int endAfter,
        int endAfterMillis,
        ErrorCode code,
        @org.jspecify.annotations.Nullable Side lazy,
        Duration idle,
        Manner client,
        Manner server) {

    enum Start {
        CONNECT,
        CONNECT_ASYNC,
        OPEN
    }

    enum Flow {
        /** Both send from the start. */
        BOTH,
        /** The server begins when it has read the client's end. */
        CLIENT_FIRST,
        /** The client begins when it has read the server's end. */
        SERVER_FIRST,
        /** The server sends back what it reads. */
        ECHO
    }

    /** How a program uses the connection. */
    enum Face {
        BLOCKING,
        STREAMS,
        ASYNC,
        LISTENER
    }

    /**
     * What one side does.
     *
     * @param face by which methods
     * @param messages how many it sends
     * @param bulky whether they are large
     * @param pauseMillis how long it waits now and then between two messages
     * @param slowMillis how long it waits now and then between two reads
     * @param impatient whether its reads and writes have short timeouts, after which it tries again
     * @param flushes whether it flushes now and then
     * @param options of the connection
     */
    record Manner(
            Face face,
            int messages,
            boolean bulky,
            int pauseMillis,
            int slowMillis,
            boolean impatient,
            boolean flushes,
            ConnectionOptions options) {
        private Manner with(Face other) {
            return new Manner(other, messages, bulky, pauseMillis, slowMillis, impatient, flushes, options);
        }

        boolean blocks() {
            return face == Face.BLOCKING || face == Face.STREAMS;
        }
    }

    /** The first connections are idle only briefly, so that a short run is soon over. */
    private static final long IDLE_MILLIS_EACH = 5;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    static Plan of(long seed, long id) {
        SplittableRandom random = new SplittableRandom(Content.mix(seed) + id * 0x9E37_79B9_7F4A_7C15L);
        boolean tls = random.nextInt(2) == 0;
        boolean faulty = random.nextInt(2) == 0;
        Start start = Start.values()[random.nextInt(3)];
        Flow flow = Flow.values()[random.nextInt(4)];
        Ending ending = Ending.of(random.nextInt(Integer.MAX_VALUE));
        Manner client = manner(random);
        if (ending == Ending.CLIENT_DEADLINE) {
            // Only calls that block have deadlines.
            flow = Flow.BOTH;
            client = client.with(random.nextBoolean() ? Face.BLOCKING : Face.STREAMS);
        }
        Manner server = manner(random);
        int most = ending.actor == Side.SERVER ? server.messages() : client.messages();
        Side lazy = random.nextInt(4) > 0 ? null : flow == Flow.SERVER_FIRST ? Side.CLIENT : Side.SERVER;
        Duration idle = Duration.ofMillis(
                random.nextInt(4) == 0 ? 500 + random.nextInt((int) Math.min(29_500, IDLE_MILLIS_EACH * id)) : 0);
        ErrorCode code = random.nextInt(3) == 0 ? ErrorCode.of(random.nextInt()) : ErrorCode.of(random.nextInt(14));
        return new Plan(
                id,
                tls,
                faulty,
                ending == Ending.CONNECT_CANCELLED ? Start.CONNECT_ASYNC : start,
                flow,
                ending,
                random.nextInt(most + 1),
                random.nextInt(3_000),
                code,
                lazy,
                idle,
                client,
                server);
    }

    private static Manner manner(SplittableRandom random) {
        Face face = Face.values()[random.nextInt(4)];
        int kind = random.nextInt(100);
        boolean slow = kind < 5;
        boolean bulky = kind < 8;
        int messages = bulky ? 10 + random.nextInt(40) : kind < 50 ? random.nextInt(12) : random.nextInt(60);
        int pause = random.nextInt(3) == 0 ? 1 + random.nextInt(120) : 0;
        int buffer = random.nextInt(4) == 0 ? 1 + random.nextInt(8_000) : ConnectionOptions.DEFAULT_SEND_BUFFER_BYTES;
        ConnectionOptions options = ConnectionOptions.defaults()
                .closeTimeout(CLOSE_TIMEOUT)
                .sendBufferBytes(buffer)
                .gatherWrites(random.nextInt(3) > 0)
                .nonBlockingCallbacks(random.nextInt(3) == 0);
        return new Manner(
                face,
                messages,
                bulky,
                pause,
                slow ? 10 + random.nextInt(50) : 0,
                random.nextInt(4) == 0,
                random.nextInt(4) == 0,
                options);
    }

    Manner manner(Side side) {
        return side == Side.CLIENT ? client : server;
    }

    /** What a side sends. */
    Content content(Side from) {
        if (flow == Flow.ECHO) {
            return new Content(id, Side.CLIENT, client.messages(), client.bulky());
        }
        Manner manner = manner(from);
        return new Content(id, from, manner.messages(), manner.bulky());
    }

    /** Whether a side is expected to end its output by itself. */
    boolean endsByItself(Side side) {
        return lazy != side;
    }

    String path() {
        return server.blocks() ? "/blocking" : "/async";
    }
}
