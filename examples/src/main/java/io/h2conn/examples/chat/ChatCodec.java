package io.h2conn.examples.chat;

import io.h2conn.codec.Codec;
import io.h2conn.codec.KryoCodec;

/** How messages look on the wire. The names are what one types. */
enum ChatCodec {
    /** A JSON object and a line feed each. */
    json {
        @Override
        Codec<ChatMessage> messages() {
            return ChatMessage.JSON;
        }
    },

    /** A Kryo object after its length each: smaller, and for peers in Java with the same classes only. */
    kryo {
        @Override
        Codec<ChatMessage> messages() {
            return KryoCodec.of(ChatMessage.class).withMaxMessageBytes(ChatMessage.MAX_BYTES);
        }
    };

    abstract Codec<ChatMessage> messages();
}
