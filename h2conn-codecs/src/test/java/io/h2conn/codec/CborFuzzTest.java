package io.h2conn.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.cbor.CBORMapper;

/** CBOR, which announces lengths. */
class CborFuzzTest extends DecoderFuzz<JsonNode> {
    CborFuzzTest() {
        super(JsonCodec.of(JsonNode.class, CBORMapper.shared()));
    }

    @FuzzTest
    void messagesAndTypedErrorsWhateverComes(byte[] input) throws IOException {
        decode(input);
    }
}
