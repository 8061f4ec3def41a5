package io.h2conn.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import tools.jackson.databind.JsonNode;

/** JSON of any kind. */
class JsonNodeFuzzTest extends DecoderFuzz<JsonNode> {
    JsonNodeFuzzTest() {
        super(JsonCodec.of(JsonNode.class));
    }

    @FuzzTest
    void messagesAndTypedErrorsWhateverComes(byte[] input) throws IOException {
        decode(input);
    }
}
