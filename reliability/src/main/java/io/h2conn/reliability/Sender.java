package io.h2conn.reliability;

import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.reliability.Entry.Fact;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Sends what one side of a connection has to send, and counts what was accepted. One thread at a time. */
final class Sender {
    private static final Duration IMPATIENCE = Duration.ofMillis(25);
    private static final int FLUSH_EVERY = 7;
    private static final int PAUSE_EVERY = 3;
    private static final int GATHER_EVERY = 5;

    private final Party party;
    private final DuplexConnection connection;
    private final Plan.Manner manner;
    private final Content content;
    private final CompletableFuture<@Nullable Void> sent = new CompletableFuture<>();

    private long accepted;
    private long uncertain;
    private long timeouts;
    private @Nullable Failure failure;

    Sender(Party party) {
        this.party = party;
        this.connection = party.connection();
        this.manner = party.manner();
        this.content = party.plan().content(party.side());
    }

    /** Completes when nothing more will be sent. */
    CompletableFuture<@Nullable Void> run() {
        if (manner.blocks()) {
            party.surroundings().execute(this::sendBlocking);
        } else {
            send(0);
        }
        return sent;
    }

    // ---------------------------------------------------------------- blocking

    private void sendBlocking() {
        try {
            if (manner.impatient()) {
                connection.setWriteTimeout(IMPATIENCE);
            }
            for (int number = 0; number < content.messages() && !party.stopped(); ) {
                boolean pair = number % GATHER_EVERY == 0 && number + 1 < content.messages();
                if (manner.face() == Plan.Face.BLOCKING && pair) {
                    write(new ByteBuffer[] {
                        ByteBuffer.wrap(content.message(number)), ByteBuffer.wrap(content.message(number + 1))
                    });
                    number += 2;
                } else {
                    byte[] message = content.message(number);
                    if (manner.face() == Plan.Face.BLOCKING) {
                        write(ByteBuffer.wrap(message));
                    } else {
                        write(message);
                    }
                    number++;
                }
                if (manner.flushes() && number % FLUSH_EVERY == 0) {
                    flush();
                }
                if (manner.pauseMillis() > 0 && number % PAUSE_EVERY == 0) {
                    Party.sleep(manner.pauseMillis());
                }
                party.progress(number);
            }
            end();
        } catch (IOException e) {
            onFailure(e);
        } catch (Throwable t) {
            party.find("a write", t);
        } finally {
            sent.complete(null);
        }
    }

    /** Blocks until all of a buffer is accepted, however many timeouts that takes. */
    void write(ByteBuffer data) throws IOException {
        while (data.hasRemaining()) {
            int before = data.position();
            try {
                connection.write(data);
            } catch (ConnectionTimeoutException e) {
                throwUnlessImpatient(e);
            } finally {
                accepted += (long) data.position() - before;
            }
        }
    }

    private void write(ByteBuffer[] data) throws IOException {
        while (data[data.length - 1].hasRemaining()) {
            long before = position(data);
            try {
                connection.write(data);
            } catch (ConnectionTimeoutException e) {
                throwUnlessImpatient(e);
            } finally {
                accepted += position(data) - before;
            }
        }
    }

    private static long position(ByteBuffer[] data) {
        long position = 0;
        for (ByteBuffer each : data) {
            position += each.position();
        }
        return position;
    }

    /** By the stream, which tells how much was accepted only at a timeout. */
    private void write(byte[] message) throws IOException {
        int offset = 0;
        while (offset < message.length) {
            uncertain = (long) message.length - offset;
            int taken = 0;
            try {
                connection.output().write(message, offset, message.length - offset);
                taken = message.length - offset;
            } catch (ConnectionTimeoutException e) {
                taken = e.bytesTransferred;
                throwUnlessImpatient(e);
            }
            offset += taken;
            accepted += taken;
            uncertain = 0;
        }
    }

    private void throwUnlessImpatient(ConnectionTimeoutException e) throws ConnectionTimeoutException {
        if (!manner.impatient() || !connection.isOpen()) {
            throw e;
        }
        timeouts++;
    }

    private void flush() throws IOException {
        long before = accepted;
        try {
            connection.flush();
            party.noteLast(Fact.FLUSHED, before);
        } catch (ConnectionTimeoutException e) {
            throwUnlessImpatient(e);
        }
    }

    // ---------------------------------------------------------------- asynchronous

    private void send(int first) {
        try {
            for (int number = first; number < content.messages() && !party.stopped(); number++) {
                int next = number + 1;
                CompletableFuture<@Nullable Void> written = write(number);
                boolean pauses = manner.pauseMillis() > 0 && next % PAUSE_EVERY == 0;
                if (!written.isDone() || pauses || written.isCompletedExceptionally()) {
                    var unused = written.whenComplete((nothing, thrown) -> {
                        if (thrown != null) {
                            onFailure(thrown);
                            sent.complete(null);
                        } else if (pauses) {
                            party.surroundings().executeLater(() -> send(next), manner.pauseMillis());
                        } else {
                            send(next);
                        }
                    });
                    return;
                }
            }
            end();
            sent.complete(null);
        } catch (IOException e) {
            onFailure(e);
            sent.complete(null);
        } catch (Throwable t) {
            party.find("an asynchronous write", t);
            sent.complete(null);
        }
    }

    private CompletableFuture<@Nullable Void> write(int number) {
        return writeAsync(ByteBuffer.wrap(content.message(number)))
                .thenRun(() -> party.progress(number + 1))
                .thenApply(nothing -> null);
    }

    /** Sends a buffer without blocking, and counts it. */
    CompletableFuture<@Nullable Void> writeAsync(ByteBuffer data) {
        int length = data.remaining();
        uncertain = length;
        return connection.writeAsync(data).thenApply(nothing -> {
            accepted += length;
            uncertain = 0;
            return null;
        });
    }

    // ---------------------------------------------------------------- both

    /** Ends the output, unless the plan leaves that to the close, or the connection is closed already. */
    void end() throws IOException {
        if (party.plan().endsByItself(party.side()) && !party.stopped()) {
            party.note(Fact.OUTPUT_ENDED, "CLOSE_OUTPUT");
            connection.closeOutput();
        }
    }

    void onFailure(Throwable thrown) {
        failure = party.typed("a write", thrown);
    }

    void describe(Entry entry) {
        entry.set(Fact.ACCEPTED, accepted);
        entry.set(Fact.ACCEPTED_AT_MOST, accepted + uncertain);
        if (failure != null) {
            entry.set(Fact.WRITE_FAILURE, failure);
        }
        if (timeouts > 0) {
            entry.set(Fact.TIMEOUTS, timeouts + entry.number(Fact.TIMEOUTS));
        }
    }
}
