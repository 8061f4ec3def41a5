package io.h2conn.codec;

import com.esotericsoftware.kryo.KryoException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A Kryo with what it reads from and writes to. For one thread at a time. */
final class KryoWorker {
    /**
     * With references, each failure leaves a few numbers behind at the bottom of a stack of Kryo's, where nobody sees them.
     * So it is used again, since a peer must not be able to have a Kryo made with every few bytes, but not for ever.
     */
    private static final int MAX_FAILURES = 100;

    private final BoundedKryo kryo;
    private final KryoInput input = new KryoInput();
    private final KryoOutput output = new KryoOutput();
    private boolean sound = true;
    private int failures;

    KryoWorker(BoundedKryo kryo) {
        this.kryo = kryo;
    }

    /** Whether it can be used for another message. */
    boolean isSound() {
        return sound;
    }

    void write(Object message, MessageOutput target, int maxBytes) throws CodecException {
        sound = false;
        kryo.begin(maxBytes);
        output.begin(target);
        try {
            kryo.writeClassAndObject(output, message);
            kryo.end((int) output.total());
            sound = true;
        } catch (RuntimeException | StackOverflowError | LinkageError e) {
            CodecException explained = recover(e);
            MessageTooLargeException tooLarge = output.tooLarge();
            throw tooLarge == null ? explained : tooLarge;
        } finally {
            output.release();
        }
    }

    @Nullable
    Object read(ByteBuffer message) throws CodecException {
        sound = false;
        int length = message.remaining();
        kryo.begin(length);
        input.begin(message.array(), message.arrayOffset() + message.position(), length);
        try {
            Object object = kryo.readClassAndObject(input);
            if (input.remaining() > 0) {
                throw new KryoException("bytes are left over: " + input.remaining() + " of " + length);
            }
            sound = true;
            return object;
        } catch (RuntimeException | StackOverflowError | LinkageError e) {
            throw recover(e);
        } finally {
            input.release();
        }
    }

    private CodecException recover(Throwable failure) {
        Throwable root = KryoErrors.root(failure);
        failures++;
        // An error may have struck anywhere, also where things are put in order.
        if (!(root instanceof Error) && failures < MAX_FAILURES) {
            kryo.reset();
            sound = true;
        }
        return KryoErrors.explain(failure, root);
    }
}
