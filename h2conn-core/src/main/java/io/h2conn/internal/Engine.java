package io.h2conn.internal;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionInfo;
import io.h2conn.ConnectionOptions;
import io.h2conn.DataListener;
import io.h2conn.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The engine behind every connection, whatever carries it. All concurrency of the library is here and in the three parts
 * that belong to it, {@link Inbound}, {@link Outbound} and {@link Ending}; how it works and why nothing is lost is the
 * subject of {@code docs/concurrency.md}.
 *
 * <p>This class is the face that applications see; each of its methods takes the lock, lets one of the parts decide, and leaves.
 */
public final class Engine extends EngineCore {
    /** Which side of the stream this is; decides how a stream is ended whose peer does not end its half. */
    public enum Role {
        /** Opened the stream; gives up on it with CANCEL. */
        CLIENT(ErrorCode.CANCEL),
        /** Accepted the stream; no longer needs its input with NO_ERROR (RFC 9113, section 8.1). */
        SERVER(ErrorCode.NO_ERROR);

        @SuppressWarnings("ImmutableEnumChecker") // a record of a number
        private final ErrorCode lingerCode;

        Role(ErrorCode lingerCode) {
            this.lingerCode = lingerCode;
        }

        ErrorCode lingerCode() {
            return lingerCode;
        }
    }

    // Guarded by the lock. What not every connection is asked for is made when it is.
    private @Nullable ConcurrentMap<String, Object> attributes;
    private @Nullable InputStream inputView;
    private @Nullable OutputStream outputView;

    /**
     * Makes a connection that is not started: it accepts writes, and sends nothing yet.
     *
     * @param transport what carries it
     * @param options how it behaves
     * @param role which side this is
     * @param kind what sort of connection it is, for its name
     * @param number tells it from others of that kind
     */
    public Engine(Transport transport, ConnectionOptions options, Role role, String kind, long number) {
        super(transport, options, role, kind, number);
    }

    // ---------------------------------------------------------------- reading

    @Override
    public int read(ByteBuffer dst) throws IOException {
        lock.lock();
        try {
            return inbound.read(dst);
        } finally {
            leave();
        }
    }

    @Override
    public CompletableFuture<@Nullable ByteBuffer> readAsync() {
        lock.lock();
        try {
            return inbound.readAsync();
        } finally {
            leave();
        }
    }

    @Override
    public CompletableFuture<@Nullable Void> listen(DataListener listener) {
        Objects.requireNonNull(listener, "listener");
        lock.lock();
        try {
            return inbound.listen(listener).done;
        } finally {
            leave();
        }
    }

    int available() throws IOException {
        lock.lock();
        try {
            return inbound.available();
        } finally {
            leave();
        }
    }

    /** Drops what was received and what will be, giving its credit back. */
    void discardInput() {
        lock.lock();
        if (!state.closed()) {
            inbound.discard();
            checkOver();
        }
        leave();
    }

    // ---------------------------------------------------------------- writing

    @Override
    public int write(ByteBuffer src) throws IOException {
        lock.lock();
        try {
            return (int) outbound.write(src);
        } finally {
            leave();
        }
    }

    @Override
    public long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, srcs.length);
        lock.lock();
        try {
            return outbound.write(srcs, offset, length);
        } finally {
            leave();
        }
    }

    @Override
    public CompletableFuture<@Nullable Void> writeAsync(ByteBuffer src) {
        Objects.requireNonNull(src, "src");
        lock.lock();
        try {
            return outbound.writeAsync(src);
        } finally {
            leave();
        }
    }

    @Override
    public void flush() throws IOException {
        lock.lock();
        try {
            outbound.flush();
        } finally {
            leave();
        }
    }

    // ---------------------------------------------------------------- ending

    @Override
    public void closeOutput() throws IOException {
        endOutput(null);
    }

    @Override
    public void closeOutput(HttpHeaders trailers) throws IOException {
        endOutput(Trailers.validated(trailers));
    }

    private void endOutput(@Nullable HttpHeaders trailers) throws IOException {
        lock.lock();
        try {
            if (state.output() == State.Output.FAILED && !state.closed()) {
                throw outbound.failure();
            }
            outbound.end(trailers);
        } finally {
            leave();
        }
    }

    @Override
    public void close() throws IOException {
        CompletableFuture<@Nullable Void> done = startClosing();
        if (!done.isDone()) {
            lock.lock();
            outbound.release(Hurry.THIS_THREAD);
            leave();
            Lead lead = transport.lead();
            if (lead != null) {
                lead.attend();
            }
        }
        try {
            done.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the caller owns the policy
            throw interrupted("close(), which goes on in the background,", 0);
        } catch (ExecutionException e) {
            throw Failures.again((ConnectionFailure) Objects.requireNonNull(e.getCause()));
        }
    }

    @Override
    public CompletableFuture<@Nullable Void> closeAsync() {
        CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
        CompletionStage<?> unused = startClosing().whenComplete((done, failure) -> {
            if (failure == null) {
                callback(() -> result.complete(null)).run();
            } else {
                IOException reported = Failures.again((ConnectionFailure) failure);
                callback(() -> result.completeExceptionally(reported)).run();
            }
        });
        return result;
    }

    private CompletableFuture<@Nullable Void> startClosing() {
        lock.lock();
        try {
            return ending.close();
        } finally {
            leave();
        }
    }

    @Override
    public void abort(ErrorCode code) {
        Objects.requireNonNull(code, "code");
        lock.lock();
        ending.abort(code);
        leave();
    }

    @Override
    public CompletionStage<CloseReason> closed() {
        lock.lock();
        try {
            return ending.closed().minimalCompletionStage();
        } finally {
            leave();
        }
    }

    @Override
    public boolean isDraining() {
        lock.lock();
        try {
            return ending.isDraining();
        } finally {
            leave();
        }
    }

    @Override
    public CompletionStage<@Nullable Void> draining() {
        lock.lock();
        try {
            return ending.draining().minimalCompletionStage();
        } finally {
            leave();
        }
    }

    @Override
    public boolean isOpen() {
        lock.lock();
        try {
            return !state.closed() && state.failure() == null;
        } finally {
            leave();
        }
    }

    // ---------------------------------------------------------------- deadlines

    @Override
    public void setReadDeadline(@Nullable Instant deadline) {
        lock.lock();
        inbound.setDeadline(inbound.deadline().withPoint(deadline));
        inbound.onDeadlineChanged();
        leave();
    }

    @Override
    public void setWriteDeadline(@Nullable Instant deadline) {
        lock.lock();
        outbound.setDeadline(outbound.deadline().withPoint(deadline));
        outbound.onDeadlineChanged();
        leave();
    }

    @Override
    public void setReadTimeout(Duration limit) {
        long nanos = Deadline.timeout("read timeout", limit);
        lock.lock();
        inbound.setDeadline(inbound.deadline().withTimeout(nanos));
        leave();
    }

    @Override
    public void setWriteTimeout(Duration limit) {
        long nanos = Deadline.timeout("write timeout", limit);
        lock.lock();
        outbound.setDeadline(outbound.deadline().withTimeout(nanos));
        leave();
    }

    // ---------------------------------------------------------------- facts

    @Override
    public ConnectionInfo info() {
        return transport.info();
    }

    @Override
    public ConcurrentMap<String, Object> attributes() {
        lock.lock();
        try {
            if (attributes == null) {
                attributes = new ConcurrentHashMap<>(4);
            }
            return attributes;
        } finally {
            leave();
        }
    }

    @Override
    public InputStream input() {
        lock.lock();
        try {
            if (inputView == null) {
                inputView = new ConnectionInputStream(this);
            }
            return inputView;
        } finally {
            leave();
        }
    }

    @Override
    public OutputStream output() {
        lock.lock();
        try {
            if (outputView == null) {
                outputView = new ConnectionOutputStream(this);
            }
            return outputView;
        } finally {
            leave();
        }
    }

    // ---------------------------------------------------------------- for who wants to see it

    /**
     * What has arrived and was not read.
     *
     * @return bytes
     */
    public long unreadBytes() {
        lock.lock();
        try {
            return inbound.unread();
        } finally {
            leave();
        }
    }

    /**
     * What was accepted and is not known to be written.
     *
     * @return bytes
     */
    public long unsentBytes() {
        lock.lock();
        try {
            return outbound.unsent();
        } finally {
            leave();
        }
    }

    /**
     * What the connection looks like now.
     *
     * @return lines for people to read
     */
    public Sighting look() {
        long now = System.nanoTime();
        Sighting.Look look;
        lock.lock();
        try {
            look = describe(now);
        } finally {
            leave();
        }
        look.lines().set(0, id() + " " + transport.info() + ": " + look.lines().get(0));
        return Sighting.of(look, transport.outlet(), now);
    }

    /**
     * What the transport shares with other connections.
     *
     * @return the session, or {@code null} if there is none, or none yet
     */
    public @Nullable Object carrier() {
        return transport.carrier();
    }

    private Sighting.Look describe(long now) {
        List<String> lines = new ArrayList<>();
        lines.add("input " + state.input() + ", output " + state.output() + (state.closed() ? ", closed" : "")
                + (ending.isDraining() ? ", draining" : ""));
        lines.add(inbound.describeBytes() + "; " + outbound.describeBytes());
        inbound.describeWaits(now, lines::add);
        outbound.describeWaits(now, lines::add);
        ending.describe(now, lines::add);
        return new Sighting.Look(
                lines, outbound.unsent(), inbound.outstanding(), sight == null ? -1 : sight.inputFullFor(now));
    }

    @Override
    public String toString() {
        lock.lock();
        try {
            return "DuplexConnection[" + id() + ", input " + state.input() + " (" + inbound.unread()
                    + " bytes unread), output " + state.output() + " (" + outbound.unsent() + " bytes unsent)"
                    + (state.closed() ? ", closed" : "")
                    + (state.failure() == null
                            ? ""
                            : ", failed: " + state.failure().getMessage()) + "]";
        } finally {
            leave();
        }
    }

    /** For tests, which have no other way to know that a call waits. */
    boolean hasWaitingReaders() {
        lock.lock();
        try {
            return inbound.hasWaitingReaders();
        } finally {
            leave();
        }
    }
}
