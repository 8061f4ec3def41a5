package io.h2conn.internal;

import static io.h2conn.internal.ModelReference.require;

import io.h2conn.ConnectionInfo;
import io.h2conn.ConnectionResetException;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A transport that answers a piece at once, on another thread, later, badly or not at all, as chance has it, and tells the
 * reference what happens before it tells the engine.
 */
@SuppressWarnings("ByteBufferBackingArray") // arrays of their own
final class ModelTransport implements Transport {
    private final ModelReference reference;
    private final ModelPlant plant;
    private final List<Piece> pieces = new ArrayList<>();

    @Nullable
    Engine engine;

    SplittableRandom random = new SplittableRandom(0);
    /** What the engine did wrong; kept, since it may happen where an exception would be taken for the transport's. */
    @Nullable
    AssertionError wrong;

    final List<ErrorCode> resets = new ArrayList<>();
    int ended;
    private @Nullable ByteBuffer piece;
    private byte[] pieceCopy = {};

    ModelTransport(ModelReference reference, ModelPlant plant) {
        this.reference = reference;
        this.plant = plant;
    }

    /** The byte at a place in a stream. Neighbours differ, so that a byte too many or too few shows at once. */
    static byte byteAt(long place) {
        return (byte) (place * 167 + (place >>> 8) * 59 + 13);
    }

    private Engine engine() {
        return Objects.requireNonNull(engine);
    }

    private void check(Runnable checks) {
        try {
            checks.run();
        } catch (AssertionError e) {
            if (wrong == null) {
                wrong = e;
            }
        }
    }

    private boolean now() {
        return random.nextInt(8) == 0;
    }

    @Override
    public void send(ByteBuffer data, boolean end, @Nullable HttpHeaders trailers) {
        check(() -> {
            require(ended == 0, "a piece after the engine said that it makes no further calls");
            checkBytes(data);
            reference.pieceSent(data.remaining(), end);
        });
        if (reference.sending) {
            answer(data);
        }
    }

    private void checkBytes(ByteBuffer data) {
        byte[] wire = new byte[data.remaining()];
        data.duplicate().get(wire);
        if (plant == ModelPlant.SWAP_BYTES_SENT && wire.length > 1 && now()) {
            byte first = wire[0];
            wire[0] = wire[1];
            wire[1] = first;
        }
        int from = plant == ModelPlant.LOSE_A_BYTE_SENT && wire.length > 1 && now() ? 1 : 0;
        for (int i = from; i < wire.length; i++) {
            require(wire[i] == byteAt(reference.takenOff + i - from), "wrong byte sent at " + (reference.takenOff + i));
        }
    }

    private void answer(ByteBuffer data) {
        int chance = random.nextInt(1000);
        if (chance < 500) {
            reference.answered();
            tellAnswered();
        } else if (chance < 505) {
            reference.answered();
            CompletableFuture.runAsync(this::tellAnswered).join();
        } else if (chance < 510) {
            reference.answeredBadly();
            engine().onSendFailed(new IOException("broken pipe"));
        } else if (chance < 513) {
            reference.answeredBadly();
            throw new ModelReference.OnPurpose();
        } else if (chance < 518) {
            reference.failure(ModelReference.Thrown.reset(Origin.PEER, ErrorCode.CANCEL));
            engine().onFailure(
                            new ConnectionResetException("reset while sending", Origin.PEER, ErrorCode.CANCEL, null));
            reference.answered();
            tellAnswered();
        } else {
            piece = data;
            pieceCopy = new byte[data.remaining()];
            data.duplicate().get(pieceCopy);
        }
    }

    private void tellAnswered() {
        if (plant == ModelPlant.FORGET_AN_ANSWER && now()) {
            return;
        }
        engine().onSent();
        if (plant == ModelPlant.ANSWER_TWICE && now()) {
            engine().onSent();
        }
    }

    /** Whether the fault that is planted is to forget something, and does so now. */
    boolean forgets(ModelPlant what) {
        return plant == what && now();
    }

    boolean hasPiece() {
        return piece != null;
    }

    /** Answers the piece that has waited. */
    void answerLate(boolean well) {
        ByteBuffer late = Objects.requireNonNull(piece);
        piece = null;
        require(late.equals(ByteBuffer.wrap(pieceCopy)), "a piece was changed while the transport had it");
        if (well) {
            reference.answered();
            tellAnswered();
        } else {
            reference.answeredBadly();
            engine().onSendFailed(new IOException("broken pipe"));
        }
    }

    @Override
    public void consumed(int bytes) {
        check(() -> {
            require(ended == 0, "credit after the engine said that it makes no further calls");
            require(bytes > 0, "no credit at all");
        });
        reference.credit += plant == ModelPlant.LOSE_CREDIT && now() ? bytes - 1 : bytes;
    }

    @Override
    public void reset(ErrorCode code) {
        check(() -> require(ended == 0, "a reset after the engine said that it makes no further calls"));
        resets.add(code);
    }

    @Override
    public void ended() {
        ended++;
    }

    @Override
    public ConnectionInfo info() {
        throw new AssertionError("not asked for here");
    }

    /** Delivers bytes to the engine. Returns whether a pause must follow. */
    boolean deliver(int bytes, boolean moreMayFollow) {
        byte[] data = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            data[i] = byteAt(reference.delivered + i);
        }
        reference.data(bytes);
        int length = bytes;
        if (bytes > 1 && now()) {
            switch (plant) {
                case LOSE_A_BYTE_READ -> length--;
                case DOUBLE_A_BYTE_READ -> data[1] = data[0];
                case SWAP_BYTES_READ -> {
                    byte first = data[0];
                    data[0] = data[1];
                    data[1] = first;
                }
                default -> {}
            }
        }
        Piece chunk = new Piece(ByteBuffer.wrap(data, 0, length), plant == ModelPlant.RELEASE_NEVER && now());
        pieces.add(chunk);
        return engine().onData(chunk, moreMayFollow);
    }

    void requireAllReleased() {
        for (Piece chunk : pieces) {
            require(chunk.releases > 0, "input never released");
        }
    }

    private final class Piece implements Chunk {
        private final ByteBuffer data;
        private final boolean keep;
        private int releases;

        Piece(ByteBuffer data, boolean keep) {
            this.data = data;
            this.keep = keep;
        }

        @Override
        public ByteBuffer data() {
            return data;
        }

        /** Somebody else's memory from now on. */
        @Override
        public void release() {
            if (!keep) {
                releases += plant == ModelPlant.RELEASE_TWICE && now() ? 2 : 1;
                check(() -> require(releases == 1, "input released twice"));
            }
            Arrays.fill(data.array(), (byte) 0xEE);
        }
    }
}
