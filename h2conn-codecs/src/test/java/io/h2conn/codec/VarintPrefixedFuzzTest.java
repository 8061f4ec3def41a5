package io.h2conn.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/** Messages after their length as a varint. */
class VarintPrefixedFuzzTest extends DecoderFuzz<byte[]> {
    VarintPrefixedFuzzTest() {
        super(new RawCodec(Framing.varintPrefixed()));
    }

    @FuzzTest
    void messagesAndTypedErrorsWhateverComes(byte[] input) throws IOException {
        decode(input);
    }
}
