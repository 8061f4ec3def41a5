package io.h2conn.internal;

import static io.h2conn.internal.ModelReference.require;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionResetException;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.internal.ModelReference.Thrown;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One random sequence of calls to an engine and to the reference beside it. Each step is drawn from a number of its own, so
 * that a sequence can be made shorter and still does the same. All on one thread: a call that would have to wait meets a
 * pending interrupt instead, and says so.
 */
@SuppressWarnings("FutureReturnValueIgnored") // calls that throw
final class ModelRun extends ModelCalls {
    ModelRun(long setup, ModelPlant plant, boolean logging) {
        super(setup, plant, logging);
    }

    /** Does what a number stands for. */
    void step(long seed) {
        random = new SplittableRandom(seed);
        transport.random = random;
        Thread.currentThread().interrupt();
        int op = random.nextInt(1000);
        if (op < 150) {
            write(1);
        } else if (op < 190) {
            write(1 + random.nextInt(4));
        } else if (op < 260) {
            writeAsync();
        } else if (op < 400) {
            read();
        } else if (op < 460) {
            readAsync();
        } else if (op < 475) {
            cancelRead();
        } else if (op < 495) {
            listen();
        } else if (op < 520) {
            flush();
        } else if (op < 525) {
            closeOutput();
        } else if (op < 528) {
            log("input().close()");
            reference.discard();
            call(
                    () -> {
                        engine.input().close();
                        return null;
                    },
                    null);
        } else if (op < 536) {
            close(op < 532);
        } else if (op < 540) {
            abort();
        } else if (op < 570) {
            readDeadline();
        } else if (op < 600) {
            writeDeadline();
        } else if (op < 780) {
            data();
        } else if (op < 790) {
            peerEnd();
        } else if (op < 798) {
            peerFails();
        } else if (op < 930) {
            answer();
        } else if (op < 945) {
            pause();
        } else if (op < 970) {
            listenerReturns();
        } else if (op < 976) {
            closeTimer();
        } else if (op < 980) {
            endUnanswered();
        } else if (op < 990) {
            start();
        } else {
            require(engine.toString().contains("model-1"), "no name");
        }
        require(Thread.interrupted(), "the interrupt was swallowed");
        runCallbacks();
        check();
    }

    private void runCallbacks() {
        for (Runnable task = callbacks.poll(); task != null; task = callbacks.poll()) {
            task.run();
        }
    }

    /** Whether the machine was so slow that a timer of the engine may have come in between. */
    boolean isTooSlow() {
        return reference.whileEnding != null && System.nanoTime() - endingSince > TOO_SLOW_NANOS;
    }

    // ---------------------------------------------------------------- listening

    private void listen() {
        log("listen");
        boolean pending = readFuture != null && !readFuture.isDone();
        Thrown refusal = listening != null ? Thrown.STATE : pending ? Thrown.READ_PENDING : null;
        if (refusal != null) {
            call(() -> engine.listen(data -> null), refusal);
            return;
        }
        listening = new Outcome(); // the listener may be called at once
        listening = Outcome.of(engine.listen(this::onData));
        mayWait = false;
    }

    private @Nullable CompletionStage<?> onData(ByteBuffer data) {
        int n = data.remaining();
        log("  listener gets " + n);
        require(lent == null && !listenerDead, "called while it was busy");
        require(n > 0 && n <= reference.unread, "the listener got " + n + " of " + reference.unread);
        requireBytes(data, n);
        reference.handedOut += n;
        reference.unread -= n;
        reference.lent = n;
        int kind = random.nextInt(40);
        if (kind == 0) {
            dies(Thrown.ON_PURPOSE);
            throw new ModelReference.OnPurpose();
        }
        if (kind == 1) {
            dies(Thrown.ON_PURPOSE);
            return CompletableFuture.failedFuture(new ModelReference.OnPurpose());
        }
        if (kind < 10) {
            lent = new CompletableFuture<>();
            return lent;
        }
        returned();
        return kind < 15 ? CompletableFuture.completedFuture("done") : null;
    }

    private void dies(Thrown why) {
        listenerDead = true;
        listenerThrew = why;
        returned();
    }

    private void returned() {
        reference.consumed += reference.lent;
        reference.lent = 0;
    }

    private void listenerReturns() {
        CompletableFuture<@Nullable Void> pending = lent;
        if (pending != null) {
            boolean well = random.nextInt(20) > 0;
            log("the listener is done with its piece" + (well ? "" : ", badly"));
            lent = null;
            if (well) {
                returned();
                pending.complete(null);
            } else {
                dies(Thrown.ON_PURPOSE);
                pending.completeExceptionally(new ModelReference.OnPurpose());
            }
        }
    }

    private void checkListener() {
        Outcome outcome = listening;
        if (outcome == null || lent != null) {
            return;
        }
        if (listenerDead) {
            require(outcome.done, "the listener ended, and nobody knows");
            requireThrown(outcome.failure, listenerThrew);
            return;
        }
        Thrown refusal = reference.inputRefusal();
        require(mayWait || refusal != null || reference.unread == 0, "the listener does not get what is there");
        if (refusal != null) {
            require(outcome.done, "the input is over, and the listener does not know");
            requireThrown(outcome.failure, refusal);
            listenerDead = true;
            listenerThrew = refusal;
        } else if (reference.unread == 0) {
            reference.noteDrained();
            require(
                    outcome.done == reference.peerEnded && outcome.failure == null,
                    "the listener is done too early or late");
            listenerDead = outcome.done;
        }
    }

    // ---------------------------------------------------------------- ending

    private void closeOutput() {
        log("closeOutput");
        Thrown refusal = !reference.closed && reference.outFailed ? reference.failure : null;
        if (refusal == null) {
            reference.closeOutput();
        }
        call(
                () -> {
                    engine.closeOutput();
                    return null;
                },
                refusal);
    }

    private void close(boolean blocking) {
        log(blocking ? "close" : "closeAsync");
        reference.close();
        if (!blocking) {
            closings.add(Outcome.of(engine.closeAsync()));
            return;
        }
        Throwable thrown = null;
        try {
            engine.close();
        } catch (Throwable t) {
            thrown = t;
        }
        requireThrown(thrown, reference.closeReturns ? reference.closeThrows : Thrown.INTERRUPTED);
    }

    private void abort() {
        log("abort");
        ErrorCode code = ErrorCode.of(random.nextInt(14));
        reference.abort(code);
        engine.abort(code);
    }

    private void closeTimer() {
        if (reference.closed && !reference.over) {
            log("the close timeout");
            reference.closeTimer();
            engine.onCloseTimer();
        }
    }

    private void endUnanswered() {
        if (reference.whileEnding != null) {
            log("no answer to the end");
            reference.fail(reference.whileEnding);
            engine.onEndUnanswered();
        }
    }

    // ---------------------------------------------------------------- deadlines

    private @Nullable Instant deadline(int kind) {
        return kind == 0
                ? Instant.now().minusSeconds(1)
                : kind == 1 ? Instant.now().plusSeconds(3600) : null;
    }

    private void readDeadline() {
        int kind = random.nextInt(4);
        log("read deadline " + kind);
        reference.readLate = kind == 0;
        engine.setReadTimeout(Duration.ofSeconds(kind == 3 ? 3600 : 0));
        engine.setReadDeadline(deadline(kind));
    }

    private void writeDeadline() {
        int kind = random.nextInt(4);
        log("write deadline " + kind);
        reference.writeLate = kind == 0;
        engine.setWriteTimeout(Duration.ofSeconds(kind == 3 ? 3600 : 0));
        engine.setWriteDeadline(deadline(kind));
    }

    // ---------------------------------------------------------------- the peer, and the transport

    private void data() {
        // After its end only a peer that is broken sends, and it must not get through.
        if (!reference.started || (reference.peerEnded && random.nextInt(4) > 0)) {
            return;
        }
        int bytes = (int) Math.min(1 + size(), reference.peersWindow());
        if (bytes < 1) {
            return;
        }
        boolean more = random.nextInt(3) == 0;
        log("data " + bytes + (more ? ", more may follow" : ""));
        boolean waits = transport.deliver(bytes, more);
        pauseOwed = more && (pauseOwed || waits);
        mayWait = pauseOwed;
        require(!waits || more, "asks for a pause that does not come");
    }

    private void pause() {
        if (pauseOwed) {
            log("pause");
            pauseOwed = false;
            mayWait = false;
            if (!transport.forgets(ModelPlant.FORGET_A_PAUSE)) {
                engine.onPause();
            }
        }
    }

    private void peerEnd() {
        if (reference.started) {
            log("the peer ends");
            pauseOwed = false;
            reference.peerEnd();
            if (!transport.forgets(ModelPlant.FORGET_THE_END)) {
                engine.onEnd();
            }
        }
    }

    private void peerFails() {
        boolean reset = random.nextBoolean();
        log(reset ? "the peer resets" : "loss");
        pauseOwed = false;
        ErrorCode code = random.nextBoolean() ? ErrorCode.NO_ERROR : ErrorCode.REFUSED_STREAM;
        reference.failure(reset ? Thrown.reset(Origin.PEER, code) : Thrown.lost());
        endingSince = reference.whileEnding == null || endingSince != 0 ? endingSince : System.nanoTime();
        ConnectionFailure failure = reset
                ? new ConnectionResetException("reset", Origin.PEER, code, null)
                : new ConnectionLostException("lost", Origin.NETWORK, null, false, null);
        engine.onFailure(failure);
    }

    private void answer() {
        if (transport.hasPiece()) {
            boolean well = random.nextInt(100) > 0;
            log(well ? "answer" : "answer: broken");
            transport.answerLate(well);
        }
    }

    // ---------------------------------------------------------------- after each step, and in the end

    private void check() {
        if (transport.wrong != null) {
            throw transport.wrong;
        }
        checkWrite();
        checkRead();
        checkListener();
        checkSending();
        checkCredit();
        require(engine.isOpen() == (!reference.closed && reference.failure == null), "isOpen() is " + engine.isOpen());
        require(
                transport.ended == (reference.over ? 1 : 0),
                "told the transport of the end " + transport.ended + " times");
        require(transport.resets.equals(reference.resets), "reset " + transport.resets + ", not " + reference.resets);
        for (Outcome closing : closings) {
            require(closing.done == reference.closeReturns, "closeAsync() is done too early or late");
            requireThrown(closing.failure, reference.closeThrows);
        }
        checkReason();
    }

    private void checkSending() {
        if (!reference.sending && reference.started && !reference.outFailed) {
            require(reference.takenOff == reference.accepted(), "something waits to be sent, and nobody sends it");
            require(
                    !reference.ending || reference.outEnded || reference.async != null,
                    "the end waits, and nobody sends it");
        }
    }

    private void checkCredit() {
        boolean wanted = reference.started && !reference.peerEnded && !reference.inFailed;
        long owed = reference.consumed - reference.credit;
        require(-owed <= reference.maxWindow - reference.window, "credit for bytes that were not consumed: " + -owed);
        if (wanted && reference.window == 0) {
            require(reference.unread > 0 || owed == 0, "owes credit for " + owed);
        } else if (wanted) {
            require(owed < Math.max(1, reference.maxWindow / 2), "owes credit for " + owed);
        }
    }

    private void checkReason() {
        require(reason.done == reference.over, "closed() is done too early or late");
        if (reason.done && reason.value instanceof CloseReason report) {
            Thrown failure = reference.failure;
            requireThrown(report.failure() == null ? null : report.failure().asException(), failure);
            require(report.origin() == reference.reasonOrigin, "ended by " + report.origin());
            require(report.bytesReceived() == reference.reasonReceived, "received " + report.bytesReceived());
            require(report.bytesSent() == reference.reasonSent, "sent " + report.bytesSent());
            require(report.bytesNotDelivered() == reference.reasonLost, "not delivered " + report.bytesNotDelivered());
        }
    }

    /** Ends what is still under way, and looks whether anything is left. */
    void finish(long seed) {
        random = new SplittableRandom(seed);
        transport.random = random;
        pause();
        runCallbacks();
        check();
        if (random.nextBoolean()) {
            while (transport.hasPiece()) {
                answer();
            }
        }
        runCallbacks();
        check();
        abort();
        while (lent != null) {
            listenerReturns();
        }
        while (transport.hasPiece()) {
            answer();
        }
        runCallbacks();
        check();
        require(reference.over && reason.done, "not over");
        require(read == null && write == null, "a call still waits");
        transport.requireAllReleased();
        require(BufferPool.outstanding() == buffersBefore, "buffers not given back");
    }
}
