package io.h2conn.codec;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The way out of calls: never blocks. Whoever writes bounds what may wait, by waiting for the answer before the next. */
final class CallOutput {
    private final Sending sending;

    CallOutput(DuplexConnection connection) {
        sending = new Sending(connection);
    }

    /** Encodes a message. Its size is that of its body: the envelope does not count. */
    <T> MessageOutput encode(int kind, long id, Codec<T> codec, T body) throws IOException {
        CallEnvelope envelope = new CallEnvelope(kind, id);
        return Encoding.encode(codec, envelope, codec.maxMessageBytes(), body);
    }

    /** Encodes a message that consists of its envelope. */
    MessageOutput encodeCancel(long id) {
        CallEnvelope envelope = new CallEnvelope(CallEnvelope.CANCEL, id);
        MessageOutput output = BufferCache.takeOutput();
        output.reset(1, envelope.maxHeaderBytes());
        envelope.frame(output);
        return output;
    }

    /**
     * Sends a message after all that were written before.
     *
     * @param answer told once that all of it was accepted, or why not; on any thread, possibly before this returns
     */
    void write(MessageOutput message, Consumer<@Nullable Throwable> answer) {
        sending.writeAndTell(message.toByteBuffer(), failure -> {
            if (failure == null) {
                BufferCache.give(message);
            }
            answer.accept(failure);
        });
    }
}
