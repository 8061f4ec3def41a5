package io.h2conn.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/** Messages of one size. */
class FixedFuzzTest extends DecoderFuzz<byte[]> {
    FixedFuzzTest() {
        super(new RawCodec(Framing.fixed(7)));
    }

    @FuzzTest
    void messagesAndTypedErrorsWhateverComes(byte[] input) throws IOException {
        decode(input);
    }
}
