package io.h2conn.codec;

import java.io.IOException;
import java.util.Iterator;
import java.util.Objects;

/**
 * Turns messages into framed bytes, and whatever goes wrong with that into a {@link CodecException}. The memory for it is the
 * cache's again if it fails.
 */
final class Encoding {
    private Encoding() {}

    /** Encodes a message in memory of the cache, which it belongs to again once the message was sent. */
    static <O> MessageOutput encode(Codec<O> codec, Framing framing, int maxBytes, O message) throws IOException {
        MessageOutput output = BufferCache.takeOutput();
        try {
            output.reset(maxBytes, framing.maxHeaderBytes());
            encode(codec, framing, message, output);
            return output;
        } catch (Throwable t) {
            BufferCache.give(output);
            throw t;
        }
    }

    /** Encodes messages, of which there is at least one, in one piece of the same memory. */
    static <O> MessageOutput encodeAll(Codec<O> codec, Framing framing, int maxBytes, Iterator<? extends O> messages)
            throws IOException {
        MessageOutput batch = encode(codec, framing, maxBytes, messages.next());
        try {
            while (messages.hasNext()) {
                int batchFirst = batch.first();
                int batchEnd = batch.beginNext(framing.maxHeaderBytes());
                encode(codec, framing, messages.next(), batch);
                batch.joinBatch(batchFirst, batchEnd);
            }
            return batch;
        } catch (Throwable t) {
            BufferCache.give(batch);
            throw t;
        }
    }

    private static <O> void encode(Codec<O> codec, Framing framing, O message, MessageOutput output)
            throws IOException {
        Objects.requireNonNull(message, "message");
        try {
            codec.encode(message, output);
            framing.frame(output);
        } catch (MessageTooLargeException e) {
            throw e;
        } catch (IOException | RuntimeException | StackOverflowError e) {
            throw new CodecException(
                    "a " + message.getClass().getName() + " cannot be encoded by " + codec + ": " + Inbox.reason(e),
                    e instanceof CodecException && e.getCause() != null ? e.getCause() : e);
        }
    }
}
