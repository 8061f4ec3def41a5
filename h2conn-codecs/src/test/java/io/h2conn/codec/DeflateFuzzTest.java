package io.h2conn.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import tools.jackson.databind.JsonNode;

/** Compressed messages: a small one must not become an endless one. */
class DeflateFuzzTest extends DecoderFuzz<JsonNode> {
    DeflateFuzzTest() {
        super(JsonCodec.of(JsonNode.class).through(Transformation.deflate()));
    }

    @FuzzTest
    void messagesAndTypedErrorsWhateverComes(byte[] input) throws IOException {
        decode(input);
    }
}
