package io.h2conn.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.smile.SmileMapper;

/** Smile, which announces lengths. */
class SmileFuzzTest extends DecoderFuzz<JsonNode> {
    SmileFuzzTest() {
        super(JsonCodec.of(JsonNode.class, SmileMapper.shared()));
    }

    @FuzzTest
    void messagesAndTypedErrorsWhateverComes(byte[] input) throws IOException {
        decode(input);
    }
}
