package io.h2conn.internal;

import static io.h2conn.internal.Interleaving.bytes;
import static io.h2conn.internal.Interleaving.engine;
import static io.h2conn.internal.Interleaving.explore;
import static io.h2conn.internal.Interleaving.started;
import static io.h2conn.internal.Interleaving.together;
import static io.h2conn.internal.ModelReference.require;

import io.h2conn.ConnectionFailure;
import io.h2conn.internal.Interleaving.OneByte;
import io.h2conn.internal.Interleaving.Strand;
import io.h2conn.internal.Interleaving.Wire;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The places where one thread of an engine hands over to another: a thread that is forgotten shows as one that hangs. */
@Tag("interleavings")
@Timeout(
        value = 1,
        unit = TimeUnit.DAYS) // a deadlock is for the model checker to find, and more schedules take their time
class EngineInterleavingsTest {
    @Test
    void theAnswerToAPieceComesBeforeWhileOrAfterTheSenderTakesTheLockBack() {
        explore(() -> {
            Wire wire = new Wire(1);
            Engine engine = engine(wire, 4096);
            wire.connect(engine);
            engine.write(ByteBuffer.allocate(BufferPool.SMALL).put(0, (byte) 'a')); // a piece of its own
            engine.write(bytes("b"));
            together(() -> engine.start(1000, 1000), () -> wire.answerUntil(engine, 1));
            engine.flush();
            require(wire.sent().equals("a\0\0\0b"), wire.sent());
        });
    }

    @Test
    void theTurnIsPassedToTheNextWriterWhenOneIsInterrupted() {
        explore(() -> {
            Wire wire = new Wire();
            Engine engine = started(wire, 1);
            CompletableFuture<?> owner = engine.writeAsync(bytes("aa"));
            ByteBuffer given = bytes("b");
            Strand hasty = new Strand(() -> {
                try {
                    engine.write(given);
                } catch (InterruptedIOException e) {
                    require(e.bytesTransferred == given.position(), "says " + e.bytesTransferred);
                }
            });
            Thread thread = hasty; // by which name the model checker knows it
            thread.start();
            together(thread::interrupt, () -> engine.write(bytes("c")), () -> wire.answerUntil(engine, 3));
            wire.answerUntil(engine, 3 + given.position());
            thread.join();
            hasty.requireNoFailure();
            require(owner.isDone(), "the owner of the turn still waits");
            String sent = wire.sent();
            require(sent.equals("aac") || sent.equals("aabc") || sent.equals("aacb"), sent);
            require(sent.length() == 3 + given.position(), sent);
        });
    }

    @Test
    void aCloseThatMeetsAPartlyAcceptedWriteResetsAndWakesTheWriter() {
        explore(() -> {
            Wire wire = new Wire();
            Engine engine = started(wire, 1);
            boolean[] failed = new boolean[2];
            together(
                    () -> {
                        try {
                            engine.write(bytes("aaa"));
                        } catch (IOException e) {
                            failed[0] = true;
                        }
                    },
                    () -> {
                        wire.awaitFirst();
                        try {
                            engine.close();
                        } catch (IOException e) {
                            failed[1] = e instanceof ConnectionFailure;
                        }
                    },
                    () -> wire.answerUntil(engine, 1));
            require(failed[0], "the write was cut and its caller not told");
            require(wire.resets() == 1, "reset " + wire.resets() + " times");
            require(!wire.sent().contains("."), "a clean end: " + wire.sent());
            require(failed[1] || engine.unsentBytes() == 0, "the close hides what was lost");
        });
    }

    @Test
    void aReaderThatIsInterruptedLeavesTheBytesAndTheWakeUpToTheOther() {
        explore(() -> {
            Engine engine = started(new Wire(), 1);
            int[] got = new int[2];
            Strand hasty = new Strand(() -> {
                try {
                    got[0] = engine.read(ByteBuffer.allocate(1));
                } catch (InterruptedIOException e) {
                    got[0] = 0;
                }
            });
            Thread thread = hasty; // by which name the model checker knows it
            thread.start();
            together(() -> got[1] = engine.read(ByteBuffer.allocate(1)), thread::interrupt, () -> {
                engine.onData(new OneByte('a'), false);
                thread.join();
                if (got[0] == 1) {
                    engine.onData(new OneByte('b'), false);
                }
            });
            hasty.requireNoFailure();
            require(got[1] == 1 && engine.unreadBytes() == 0, "got " + got[1]);
        });
    }

    @Test
    void whatArrivesWakesAReaderThatIsAboutToWaitWhenThePauseComes() {
        explore(() -> {
            Engine engine = started(new Wire(), 1);
            OneByte arriving = new OneByte('a');
            together(() -> require(engine.read(ByteBuffer.allocate(2)) == 1, "nothing read"), () -> {
                if (engine.onData(arriving, true)) {
                    engine.onPause();
                }
            });
            arriving.requireReleased();
        });
    }

    @Test
    void thePeersEndWakesAllReadersThatAreAboutToWait() {
        explore(() -> {
            Engine engine = started(new Wire(), 1);
            together(
                    () -> require(engine.read(ByteBuffer.allocate(1)) == -1, "no end"),
                    () -> require(engine.read(ByteBuffer.allocate(1)) == -1, "no end"),
                    engine::onEnd);
        });
    }

    @Test
    void aCancelledReadGetsNothingAndLosesNothing() {
        explore(() -> {
            Engine engine = started(new Wire(), 1);
            CompletableFuture<@Nullable ByteBuffer> read = engine.readAsync();
            boolean[] cancelled = new boolean[1];
            together(() -> cancelled[0] = read.cancel(false), () -> engine.onData(new OneByte('a'), false));
            require(cancelled[0] == read.isCancelled() && read.isDone(), "neither");
            engine.onEnd();
            int left = engine.read(ByteBuffer.allocate(2));
            require(left == (cancelled[0] ? 1 : -1), "cancelled " + cancelled[0] + ", and left " + left);
        });
    }

    @Test
    void aListenerThatStartsGetsWhatArrivesMeanwhileInOrderAndThenTheEnd() {
        explore(() -> {
            Engine engine = started(new Wire(), 1);
            StringBuilder got = new StringBuilder();
            List<CompletableFuture<?>> done = new ArrayList<>();
            OneByte first = new OneByte('a');
            together(
                    () -> done.add(engine.listen(data -> {
                        append(got, data);
                        return null;
                    })),
                    () -> {
                        engine.onData(first, false);
                        engine.onData(new OneByte('b'), false);
                        engine.onEnd();
                    });
            boolean ended = done.get(0).isDone();
            require(got.toString().equals("ab") && ended, got + ", ended " + ended);
            first.requireReleased();
        });
    }

    @Test
    void aListenerThatStopsForAWhileGoesOnWithWhatArrivesAsItDoes() {
        explore(() -> {
            Engine engine = started(new Wire(), 1);
            CompletableFuture<@Nullable Void> time = new CompletableFuture<>();
            StringBuilder got = new StringBuilder();
            OneByte first = new OneByte('a');
            CompletableFuture<@Nullable Void> done = engine.listen(data -> {
                append(got, data);
                return got.length() == 1 ? time : null;
            });
            engine.onData(first, false);
            together(() -> time.complete(null), () -> {
                engine.onData(new OneByte('b'), false);
                engine.onEnd();
            });
            require(got.toString().equals("ab") && done.isDone(), got + ", done " + done.isDone());
            first.requireReleased();
        });
    }

    private static void append(StringBuilder got, ByteBuffer data) {
        for (int i = data.position(); i < data.limit(); i++) {
            got.append((char) data.get(i));
        }
    }
}
