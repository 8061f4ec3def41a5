package io.h2conn.testkit;

import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.internal.Engine;
import io.h2conn.internal.Threads;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Two connections that are each other's peer over a bad network, in memory, so that a handler can be tested against delays,
 * cuts, breaks and silence without a server. Both keep the contract of {@link DuplexConnection}: what the network does to them
 * is what HTTP/2 over a real one does, nothing is lost without a failure, and the order is kept.
 *
 * <pre>{@code
 * try (FaultyPair pair = FaultyPair.builder()
 *         .toServer(NetworkConditions.perfect().fragments(1))
 *         .toClient(NetworkConditions.perfect().loseAt(100))
 *         .connect()) {
 *     CompletableFuture<?> served = pair.serve(handler::handle);
 *     pair.client().output().write(...);
 * }
 * }</pre>
 *
 * <p><b>Repeating a run.</b> What is random comes from the seed, which is part of both connections' ids and so of logs and
 * failures, and of {@link #toString}. The same seed and the same writes give the same fragments: from one thread to each side,
 * with {@link ConnectionOptions#gatherWrites} off, as it is by default here, and while the window is not exhausted, which cuts
 * wherever the reader happens to be. Threads still take their turns as they like.
 *
 * <p><b>The peer's window.</b> As in HTTP/2, a side may send a window's worth before the other reads, and what gives it credit
 * to send more travels in the opposite direction. So latency costs throughput, and a frozen direction stops the other one, too,
 * once its window is used up.
 *
 * <p>All methods may be called from any thread, and none blocks. A pair needs no thread of its own.
 */
public final class FaultyPair implements AutoCloseable {
    private static final AtomicLong COUNT = new AtomicLong();
    private static final String SEED_PROPERTY = "h2conn.testkit.seed";
    private static final int LARGEST_RANDOM_SEED = 1_000_000;

    private final long seed;
    private final NetworkConditions toServer;
    private final NetworkConditions toClient;
    private final ConnectionOptions serverOptions;
    private final Terminal client;
    private final Terminal server;

    private FaultyPair(Builder builder) {
        seed = builder.seed;
        toServer = builder.toServer;
        toClient = builder.toClient;
        serverOptions = builder.serverOptions;
        long number = COUNT.incrementAndGet();
        Random seeds = new Random(seed);
        client = new Terminal(
                builder.clientOptions,
                Engine.Role.CLIENT,
                "faulty-client-seed" + seed,
                number,
                toServer,
                builder.windowBytes,
                seeds.nextLong(),
                () -> strike(toServer, Direction.TO_SERVER));
        server = new Terminal(
                serverOptions,
                Engine.Role.SERVER,
                "faulty-server-seed" + seed,
                number,
                toClient,
                builder.windowBytes,
                seeds.nextLong(),
                () -> strike(toClient, Direction.TO_CLIENT));
    }

    /**
     * A pair over a perfect network, until something is set.
     *
     * @return the settings to change
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The side that behaves as the one that called {@code connect}.
     *
     * @return the same connection every time
     */
    public DuplexConnection client() {
        return client.engine();
    }

    /**
     * The side that behaves as the one that called {@code accept}.
     *
     * @return the same connection every time
     */
    public DuplexConnection server() {
        return server.engine();
    }

    /**
     * What all that is random here comes from.
     *
     * @return the seed
     */
    public long seed() {
        return seed;
    }

    /**
     * Serves the server's side as a server does, on a thread of its own: a normal return of the handler closes the connection,
     * and an exception aborts it with {@link ErrorCode#INTERNAL_ERROR}.
     *
     * @param handler what is tested
     * @return completes when the handler has returned and the connection is closed; fails with what the handler threw, or with
     *     what {@link DuplexConnection#close()} did
     */
    public CompletableFuture<@Nullable Void> serve(Handler handler) {
        Objects.requireNonNull(handler, "handler");
        CompletableFuture<@Nullable Void> served = new CompletableFuture<>();
        Threads.execute(serverOptions.executor(), () -> {
            try {
                handler.handle(server());
                server().close();
                served.complete(null);
            } catch (Throwable t) {
                server().abort(ErrorCode.INTERNAL_ERROR); // no event, if it was the close that failed
                served.completeExceptionally(t);
            }
        });
        return served;
    }

    /**
     * Stops a direction: nothing arrives any more, neither data nor an end, nor a reset, nor credit for the other direction. What
     * is arriving at this moment still does. Nobody is told, as when a network swallows packets: writes block once the window and
     * the send buffer are full, reads wait, deadlines and close timeouts work. Does nothing if it is frozen.
     *
     * @param direction which one
     */
    public void freeze(Direction direction) {
        terminal(direction.sender()).out().freeze();
    }

    /**
     * Lets a frozen direction go on where it stopped, as late as it was frozen for. Does nothing if it is not frozen.
     *
     * @param direction which one
     */
    public void thaw(Direction direction) {
        terminal(direction.sender()).out().thaw();
    }

    /**
     * Resets the stream from in between, as a proxy does: both sides see a reset by their peer, now, whatever is on its way or
     * frozen. For a reset by one of the two sides, {@linkplain DuplexConnection#abort(ErrorCode) abort} that side.
     *
     * @param code what both sides see
     */
    public void reset(ErrorCode code) {
        Objects.requireNonNull(code, "code");
        reset(code, "");
    }

    private void reset(ErrorCode code, String where) {
        String message = "something in between reset the stream with " + code + where + " (" + this + ")";
        sever();
        for (Terminal side : List.of(client, server)) {
            side.engine().onFailure(new ConnectionResetException(message, Origin.PEER, code, null));
            side.out().refuse();
        }
    }

    /**
     * Loses the session, as when a TCP connection is reset: both sides fail with {@link ConnectionLostException}, now, and what
     * is on its way is gone.
     */
    public void lose() {
        lose(null, "");
    }

    /**
     * Loses the session so that only one side hears of it, which fails with {@link ConnectionLostException}. The connection is
     * half-open then: the other side never hears anything again. As with {@link #freeze}, it finds out by its own deadlines
     * only, and its writes block once the window and the send buffer are full; but there is no way back.
     *
     * @param noticedBy who fails
     */
    public void lose(Side noticedBy) {
        lose(Objects.requireNonNull(noticedBy, "noticedBy"), "");
    }

    private void lose(@Nullable Side noticedBy, String where) {
        String message = "the network lost the session" + where + " (" + this + ")";
        sever();
        for (Terminal side : noticedBy == null ? List.of(client, server) : List.of(terminal(noticedBy))) {
            side.engine().onFailure(new ConnectionLostException(message, Origin.NETWORK, null, false, null));
            side.out().refuse();
        }
    }

    private void sever() {
        client.out().sever();
        server.out().sever();
    }

    /**
     * Announces an end to both sides, as when the server drains: {@link DuplexConnection#isDraining} becomes true, and nothing
     * else happens.
     */
    public void drain() {
        client.engine().onDraining();
        server.engine().onDraining();
    }

    /** The bytes before a breakage have been read. */
    private void strike(NetworkConditions conditions, Direction direction) {
        Breakage breakage = Objects.requireNonNull(conditions.breakage());
        String where = " after " + breakage.at() + " bytes " + direction;
        ErrorCode code = breakage.reset();
        Side side = breakage.side();
        if (code == null) {
            lose(side, where);
        } else if (side == null) {
            reset(code, where);
        } else {
            terminal(side).engine().abort(code);
            terminal(side)
                    .out()
                    .sendReset(code); // also if that side had said all it had to say, and no longer could abort
        }
    }

    private Terminal terminal(Side side) {
        return side == Side.CLIENT ? client : server;
    }

    /** Aborts both sides, whatever state they are in. */
    @Override
    public void close() {
        client().abort();
        server().abort();
    }

    /** The seed, and what the network does. */
    @Override
    public String toString() {
        return "FaultyPair, seed " + seed + ", " + Direction.TO_SERVER + ": " + toServer + "; " + Direction.TO_CLIENT
                + ": " + toClient;
    }

    /** What serves a connection; as the handlers of a server. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Serves a connection, on a thread of its own.
         *
         * @param connection the server's side
         * @throws Exception to abort the connection
         */
        void handle(DuplexConnection connection) throws Exception;
    }

    /** The settings of a pair. */
    public static final class Builder {
        private static final ConnectionOptions DEFAULT_OPTIONS =
                ConnectionOptions.defaults().gatherWrites(false);
        private static final int DEFAULT_WINDOW_BYTES = 64 * 1024;

        private long seed =
                Long.getLong(SEED_PROPERTY, ThreadLocalRandom.current().nextInt(LARGEST_RANDOM_SEED));
        private NetworkConditions toServer = NetworkConditions.perfect();
        private NetworkConditions toClient = NetworkConditions.perfect();
        private ConnectionOptions clientOptions = DEFAULT_OPTIONS;
        private ConnectionOptions serverOptions = DEFAULT_OPTIONS;
        private int windowBytes = DEFAULT_WINDOW_BYTES;

        private Builder() {}

        /**
         * Sets what all that is random comes from.
         *
         * @param seed any number; by default the system property {@code h2conn.testkit.seed}, or else a random one
         * @return this
         */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Sets what the network does to what the client sends.
         *
         * @param conditions perfect by default
         * @return this
         */
        public Builder toServer(NetworkConditions conditions) {
            toServer = Objects.requireNonNull(conditions, "conditions");
            return this;
        }

        /**
         * Sets what the network does to what the server sends.
         *
         * @param conditions perfect by default
         * @return this
         */
        public Builder toClient(NetworkConditions conditions) {
            toClient = Objects.requireNonNull(conditions, "conditions");
            return this;
        }

        /**
         * Sets the options of both sides.
         *
         * @param options the defaults by default, but without gathering, so that the same writes are cut alike every time
         * @return this
         */
        public Builder options(ConnectionOptions options) {
            return clientOptions(options).serverOptions(options);
        }

        /**
         * Sets the options of the client's side.
         *
         * @param options as {@link #options}
         * @return this
         */
        public Builder clientOptions(ConnectionOptions options) {
            clientOptions = Objects.requireNonNull(options, "options");
            return this;
        }

        /**
         * Sets the options of the server's side.
         *
         * @param options as {@link #options}
         * @return this
         */
        public Builder serverOptions(ConnectionOptions options) {
            serverOptions = Objects.requireNonNull(options, "options");
            return this;
        }

        /**
         * Sets how much each side can send before the other reads. As much may be on its way at a time.
         *
         * @param bytes at least 1; 64 KiB by default
         * @return this
         * @throws IllegalArgumentException if {@code bytes} is less than 1
         */
        public Builder window(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("the window must be at least 1 byte but was " + bytes);
            }
            windowBytes = bytes;
            return this;
        }

        /**
         * Makes a pair. May be called again, for another pair with the same settings and the same seed.
         *
         * @return the pair, connected
         */
        public FaultyPair connect() {
            FaultyPair pair = new FaultyPair(this);
            Terminal.join(pair.client, pair.server);
            return pair;
        }
    }
}
