package io.h2conn.examples.chat;

import io.h2conn.codec.Codec;
import picocli.CommandLine.Option;

/** The choice of a codec, which must be the same on both sides. */
final class CodecOption {
    @Option(
            names = "--codec",
            paramLabel = "CODEC",
            defaultValue = "json",
            description = "What messages look like, the same for server and users: ${COMPLETION-CANDIDATES}. "
                    + "Default: ${DEFAULT-VALUE}.")
    private ChatCodec codec = ChatCodec.json;

    Codec<ChatMessage> codec() {
        return codec.messages();
    }
}
