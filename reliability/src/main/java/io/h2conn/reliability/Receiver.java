package io.h2conn.reliability;

import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.reliability.Entry.Fact;
import io.h2conn.reliability.Entry.InputEnd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Reads what arrives at one side of a connection, has it checked, and sends it back if the plan says so. */
final class Receiver {
    private static final Duration IMPATIENCE = Duration.ofMillis(25);
    private static final Duration DEADLINE = Duration.ofMillis(300);
    private static final int SLOW_EVERY = 2;
    private static final int[] BUFFERS = {16 * 1024, 1_000, 64 * 1024, 37};

    private final Party party;
    private final DuplexConnection connection;
    private final Plan.Manner manner;
    private final Checker checker;
    private final CompletableFuture<@Nullable Void> received = new CompletableFuture<>();

    /** Whether what arrives is still sent back. */
    private boolean echoing;

    private int pieces;
    private long timeouts;
    private @Nullable InputEnd end;
    private @Nullable Failure failure;

    Receiver(Party party) {
        this.party = party;
        this.connection = party.connection();
        this.manner = party.manner();
        this.checker = new Checker(party.plan().content(party.side().peer()));
        this.echoing = party.echoes();
    }

    /** Completes when nothing more will be read. */
    CompletableFuture<@Nullable Void> run() {
        switch (manner.face()) {
            case BLOCKING, STREAMS -> party.surroundings().execute(this::readBlocking);
            case ASYNC -> read();
            case LISTENER -> listen();
        }
        return received;
    }

    // ---------------------------------------------------------------- blocking

    private void readBlocking() {
        boolean givesUp = party.side() == Side.CLIENT && party.plan().ending() == Ending.CLIENT_DEADLINE;
        byte[] array = new byte
                [BUFFERS[manner.slowMillis() > 0 ? 0 : (int) (party.plan().id() & 3)]];
        ByteBuffer buffer = ByteBuffer.allocate(array.length);
        try {
            if (givesUp) {
                connection.setReadTimeout(DEADLINE);
            } else if (manner.impatient()) {
                connection.setReadTimeout(IMPATIENCE);
            }
            while (true) {
                buffer.clear();
                try {
                    if (read(buffer, array) < 0) {
                        end(null);
                        return;
                    }
                } catch (ConnectionTimeoutException e) {
                    if (!connection.isOpen() || !(givesUp || manner.impatient())) {
                        throw e;
                    }
                    timeouts++;
                    if (givesUp) {
                        party.act();
                    }
                    continue;
                }
                checker.accept(buffer.flip());
                if (echoing) {
                    echo(buffer.flip());
                }
                pieces++;
                if (manner.slowMillis() > 0 && pieces % SLOW_EVERY == 0) {
                    Party.sleep(manner.slowMillis());
                }
            }
        } catch (IOException e) {
            end(e);
        } catch (Throwable t) {
            party.find("a read", t);
            end(t);
        }
    }

    private int read(ByteBuffer buffer, byte[] array) throws IOException {
        if (manner.face() == Plan.Face.BLOCKING) {
            return connection.read(buffer);
        }
        int length = connection.input().read(array);
        buffer.put(array, 0, Math.max(0, length));
        return length;
    }

    private void echo(ByteBuffer data) {
        try {
            party.sender().write(data);
            party.progress(pieces + 1);
        } catch (IOException e) {
            party.sender().onFailure(e);
            echoing = false;
        }
    }

    // ---------------------------------------------------------------- asynchronous

    private void read() {
        try {
            while (true) {
                CompletableFuture<@Nullable ByteBuffer> read = connection.readAsync();
                if (!read.isDone() || read.isCompletedExceptionally()) {
                    var unused = read.whenComplete((data, thrown) -> {
                        if (thrown != null || data == null) {
                            end(thrown);
                        } else {
                            after(take(data));
                        }
                    });
                    return;
                }
                ByteBuffer data = read.join();
                if (data == null) {
                    end(null);
                    return;
                }
                CompletableFuture<@Nullable Void> taken = take(data);
                if (!taken.isDone()) {
                    after(taken);
                    return;
                }
            }
        } catch (Throwable t) {
            party.find("an asynchronous read", t);
            end(t);
        }
    }

    /** Goes on reading when a piece has been dealt with. */
    private void after(CompletableFuture<@Nullable Void> taken) {
        var unused = taken.thenRun(this::read);
    }

    private void listen() {
        try {
            var unused = connection.listen(this::onData).whenComplete((nothing, thrown) -> end(thrown));
        } catch (Throwable t) {
            party.find("listen", t);
            end(t);
        }
    }

    private @Nullable CompletionStage<?> onData(ByteBuffer data) {
        CompletableFuture<@Nullable Void> taken = take(data);
        return taken.isDone() ? null : taken;
    }

    /** Checks a piece, and sends it back if that is to be. Never fails. */
    private CompletableFuture<@Nullable Void> take(ByteBuffer data) {
        checker.accept(data.duplicate());
        pieces++;
        CompletableFuture<@Nullable Void> taken = CompletableFuture.completedFuture(null);
        if (echoing) {
            taken = party.sender().writeAsync(data).handle((nothing, thrown) -> {
                if (thrown != null) {
                    party.sender().onFailure(thrown);
                    echoing = false;
                } else {
                    party.progress(pieces);
                }
                return null;
            });
        }
        if (manner.slowMillis() > 0 && pieces % SLOW_EVERY == 0) {
            taken = taken.thenCompose(nothing -> {
                CompletableFuture<@Nullable Void> later = new CompletableFuture<>();
                party.surroundings().executeLater(() -> later.complete(null), manner.slowMillis());
                return later;
            });
        }
        return taken;
    }

    // ---------------------------------------------------------------- both

    private void end(@Nullable Throwable thrown) {
        if (thrown != null) {
            failure = party.typed("a read", thrown);
        }
        end = party.inputEnd(thrown == null);
        if (party.echoes() && end == InputEnd.END && echoing) {
            try {
                party.sender().end();
            } catch (IOException e) {
                party.sender().onFailure(e);
            }
        }
        received.complete(null);
    }

    void describe(Entry entry) {
        entry.set(Fact.RECEIVED, checker.received());
        Defect defect = checker.defect();
        if (defect != null) {
            entry.set(Fact.DEFECT, defect);
        }
        if (end != null) {
            entry.set(Fact.INPUT_END, end);
        }
        if (failure != null) {
            entry.set(Fact.READ_FAILURE, failure);
        }
        if (timeouts > 0) {
            entry.set(Fact.TIMEOUTS, timeouts + entry.number(Fact.TIMEOUTS));
        }
    }
}
