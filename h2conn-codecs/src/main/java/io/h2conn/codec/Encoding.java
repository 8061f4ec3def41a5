package io.h2conn.codec;

import java.io.IOException;
import java.util.Objects;

/** Turns messages into framed bytes, and whatever goes wrong with that into a {@link CodecException}. */
final class Encoding {
    private Encoding() {}

    static <O> void encode(Codec<O> codec, Framing framing, O message, MessageOutput output) throws IOException {
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
