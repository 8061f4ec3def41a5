package io.h2conn.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/** Messages after their length in 4 bytes. */
class LengthPrefixedFuzzTest extends DecoderFuzz<byte[]> {
    LengthPrefixedFuzzTest() {
        super(new RawCodec(Framing.lengthPrefixed()));
    }

    @FuzzTest
    void messagesAndTypedErrorsWhateverComes(byte[] input) throws IOException {
        decode(input);
    }
}
