package io.h2conn.codec;

import com.esotericsoftware.kryo.io.KryoBufferOverflowException;
import com.esotericsoftware.kryo.io.Output;
import org.jspecify.annotations.Nullable;

/** Writes one message into the memory of a {@link MessageOutput}, with no copy in between. */
final class KryoOutput extends Output {
    private static final byte[] NOTHING = {};

    private @Nullable MessageOutput target;
    private @Nullable MessageTooLargeException tooLarge;

    void begin(MessageOutput target) {
        this.target = target;
        tooLarge = null;
        buffer = target.memory();
        capacity = target.fillLimit();
        position = target.end();
        total = -position;
    }

    /** Lets go of the memory. */
    void release() {
        if (target != null) {
            target.filledTo(position);
        }
        target = null;
        buffer = NOTHING;
        capacity = 0;
        position = 0;
    }

    /** Why writing failed, if the message is larger than the maximum, however it was wrapped on its way. */
    @Nullable
    MessageTooLargeException tooLarge() {
        return tooLarge;
    }

    @Override
    protected boolean require(int required) {
        if (capacity - position >= required) {
            return false;
        }
        MessageOutput output = target;
        if (output == null) {
            throw new KryoBufferOverflowException("the message has ended");
        }
        output.filledTo(position);
        try {
            buffer = output.room(required);
        } catch (MessageTooLargeException e) {
            tooLarge = e;
            throw new KryoBufferOverflowException(e.getMessage());
        }
        capacity = output.fillLimit();
        return true;
    }

    @Override
    public void writeBytes(byte[] bytes, int offset, int count) {
        require(count);
        System.arraycopy(bytes, offset, buffer, position, count);
        position += count;
    }
}
